"""Exceptions: two persons, one announcement, one unit, a limited time; taken back at once."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.domain.audience import Place
from broadcaster.services.airtime import airings
from broadcaster.services.hours import asking, overrides
from broadcaster.services.hours.book import Book
from broadcaster.services.hours.overrides import Asked
from broadcaster.services.speaking.signing import make_keys
from broadcaster.store.database import Database
from broadcaster.store.tables import AuditEntry, Delivery
from tests.cast import COMMUNE, NOW, OTHER_SPEAKER, OTHER_VILLAGE, SPEAKERS, VILLAGES, Cast, approved, told

pytestmark = pytest.mark.database

NIGHT = NOW + timedelta(hours=13)
"""23:00 in the village."""
HERE = [Place(speaker, village) for speaker, village in zip(SPEAKERS, VILLAGES, strict=True)]


def asked(announcement: str, **changes: Any) -> Asked:
    usual: dict[str, Any] = {"unit_id": COMMUNE, "starts": NIGHT, "ends": NIGHT + timedelta(hours=1)}
    return Asked(announcement_id=announcement, **({"reason": "Nước lên, cần báo ngay."} | usual | changes))


def test_it_may_be_heard_exactly_in_its_window_and_nothing_else_may(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        one, other = approved(session, cast), approved(session, cast)
        override = overrides.ask(session, cast.clerk, asked(one.id), now=NOW)
        assert len(Book(session, NOW).bars(one, HERE, NIGHT, sound_ms=30_000)) == 3
        overrides.grant(session, cast.second_approver, override.id, now=NOW)
        book, second = Book(session, NOW), timedelta(seconds=1)
        last = NIGHT + timedelta(hours=1) - timedelta(seconds=30)
        for start, heard in ((NIGHT - second, False), (NIGHT, True), (last, True), (last + second, False)):
            assert (book.bars(one, HERE, start, sound_ms=30_000) == {}) == heard
        assert len(book.bars(other, HERE, NIGHT, sound_ms=30_000)) == 3
        assert book.bars(one, [Place(OTHER_SPEAKER, OTHER_VILLAGE)], NIGHT, sound_ms=30_000)
        assert asking.next_free(book, one, HERE, NOW + timedelta(hours=12), sound_ms=30_000) == NIGHT


def test_what_was_refused_is_planned_after_all_and_taken_back_it_is_not(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    signing = make_keys(tmp_path / "keys", now=NOW)
    with database.transaction() as session:
        one = approved(session, cast)
        override = overrides.ask(session, cast.clerk, asked(one.id), now=NOW).id
        overrides.grant(session, cast.second_approver, override, now=NOW)
        airing = airings.air(session, cast.clerk, one.id, at=NIGHT + timedelta(minutes=5), now=NOW).id
    with database.transaction() as session:
        manifest = told(session, SPEAKERS[0], signing=signing)
        assert [(exempt.announcement, exempt.end - exempt.start) for exempt in manifest.exempt] == [(one.id, 3_600_000)]
        assert [item.airing for item in manifest.items] == [airing]
    with database.transaction() as session:
        overrides.take_back(session, cast.clerk, override, now=NOW + timedelta(hours=1))
    with database.transaction() as session:
        assert {row.state for row in session.scalars(select(Delivery))} == {"refused"}
        manifest = told(session, SPEAKERS[0], signing=signing, now=NOW + timedelta(hours=1))
        assert (manifest.exempt, manifest.items) == ((), ())


def test_neither_who_asked_nor_who_wrote_may_grant(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        one = approved(session, cast)
        mine = overrides.ask(session, cast.approver, asked(one.id), now=NOW).id
        written = overrides.ask(session, cast.second_approver, asked(one.id), now=NOW).id
        one.writers = [*one.writers, cast.owner.person_id]
    for actor, which, refusal in (
        (cast.approver, mine, errors.OwnOverride),
        (cast.owner, written, errors.OwnOverride),
        (cast.clerk, mine, errors.NotAllowed),
        (cast.stranger, mine, errors.NotAllowed),
        (cast.monitor, mine, errors.NotAllowed),
    ):
        with pytest.raises(refusal), database.transaction() as session:
            overrides.grant(session, actor, which, now=NOW)
    with database.transaction() as session:
        overrides.refuse(session, cast.approver, mine, now=NOW)
        with pytest.raises(errors.OverrideDecided):
            overrides.grant(session, cast.second_approver, mine, now=NOW)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"ends": NIGHT + timedelta(hours=12, seconds=1)}, errors.OverrideTooLong),
        ({"ends": NIGHT}, errors.OverrideTooLong),
        ({"starts": NOW - timedelta(hours=2), "ends": NOW}, errors.OverrideTooLong),
        ({"reason": " "}, errors.Malformed),
        ({"announcement_id": "khong-co"}, errors.NotFound),
        ({"unit_id": "khong-co"}, errors.UnknownUnit),
        ({"unit_id": OTHER_VILLAGE}, errors.NotAllowed),
    ],
)
def test_what_cannot_be_asked_is_refused(
    database: Database, cast: Cast, wrong: dict[str, Any], refusal: type[errors.LoaError]
) -> None:
    with database.transaction() as session:
        one = approved(session, cast).id
    wish = replace(asked(one), **wrong)
    with pytest.raises(refusal), database.transaction() as session:
        overrides.ask(session, cast.clerk, wish, now=NOW)


def test_what_is_over_is_decided_on_no_more_and_every_step_is_in_the_log_book(database: Database, cast: Cast) -> None:
    late = NIGHT + timedelta(hours=2)
    with database.transaction() as session:
        one = approved(session, cast)
        override = overrides.ask(session, cast.clerk, asked(one.id), now=NOW).id
        with pytest.raises(errors.OverrideDecided):
            overrides.grant(session, cast.second_approver, override, now=late)
        with pytest.raises(errors.OverrideDecided):
            overrides.take_back(session, cast.clerk, override, now=NOW)
        overrides.grant(session, cast.second_approver, override, now=NOW)
        assert len(overrides.of_unit(session, cast.village_head, VILLAGES[0], now=NOW)) == 1
        assert overrides.of_unit(session, cast.village_head, VILLAGES[0], now=late) == []
        overrides.take_back(session, cast.clerk, override, now=NOW)
    with database.read() as session:
        steps = select(AuditEntry.action).where(AuditEntry.action.startswith("override")).order_by(AuditEntry.seq)
        assert session.scalars(steps).all() == ["override_ask", "override_grant", "override_end"]
