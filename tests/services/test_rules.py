"""Rules set, asked and refused: dated sets from the unit up, in words, with the next free time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.domain.audience import Place
from broadcaster.domain.rules.instants import instant
from broadcaster.domain.rules_of_the_air import DEFAULT
from broadcaster.services.actor import SYSTEM
from broadcaster.services.airtime import airings
from broadcaster.services.hours import asking, rules, trial
from broadcaster.services.hours.book import Book
from broadcaster.services.speaking.signing import make_keys
from broadcaster.store import places
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, AuditEntry, Delivery, OutboxEntry, RuleSet
from tests.cast import COMMUNE, NOW, OTHER_SPEAKER, PROVINCE, SPEAKERS, VILLAGES, Cast, approved, told

pytestmark = pytest.mark.database

MORNING: dict[str, Any] = {"hours": [{"days": [0, 1, 2, 3, 4, 5, 6], "start": 330, "end": 360}]}
SUNDAY_FIVE = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)
HERE = Place(SPEAKERS[0], VILLAGES[0])
SECOND = timedelta(seconds=1)


def test_without_rules_the_usual_ones_hold(database: Database, cast: Cast) -> None:
    with database.read() as session:
        assert asking.chains(session, [HERE], now=NOW) == {SPEAKERS[0]: (DEFAULT,)}


def test_every_unit_above_has_its_say_and_a_later_set_takes_the_place_of_an_earlier(
    database: Database, cast: Cast
) -> None:
    with database.transaction() as session:
        rules.set(session, SYSTEM, PROVINCE, {"volume_night": 30}, now=NOW)
        rules.set(session, cast.owner, COMMUNE, MORNING, now=NOW, decision="12/QĐ-UBND")
        later = NOW + timedelta(days=3)
        rules.set(session, cast.owner, COMMUNE, {**MORNING, "sessions_day": 1}, now=NOW, since=later)
    with database.read() as session:
        chain = asking.chains(session, [HERE], now=NOW)[SPEAKERS[0]]
        standing = [
            (unit, one.version, one.sessions_day) for unit, one in rules.standing(session, VILLAGES[0], now=NOW)
        ]
        assert standing == [(PROVINCE, 1, 0), (COMMUNE, 1, 0), (COMMUNE, 2, 1)]
        # What was planned before they began is judged by the usual rules.
        assert [one.since for one in chain][:2] == [0, instant(NOW)]
        after = asking.chains(session, [HERE], now=later + timedelta(days=3))[SPEAKERS[0]]
        assert [(one.unit, one.version) for one in after] == [(PROVINCE, 1), (COMMUNE, 2)]


def test_until_the_first_rules_begin_the_usual_ones_hold(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, MORNING, now=NOW, since=NOW + timedelta(days=2))
        announcement = approved(session, cast)
        audience = [HERE]
        asking.require(session, announcement, audience, NOW, now=NOW, sound_ms=30_000)
        with pytest.raises(errors.OutsideHours):
            asking.require(session, announcement, audience, NOW + timedelta(days=3), now=NOW, sound_ms=30_000)


def test_a_refusal_spells_the_hour_and_offers_the_next_free_one(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, MORNING, now=NOW)
        announcement = approved(session, cast)
        with pytest.raises(errors.OutsideHours) as caught:
            asking.require(session, announcement, [HERE], SUNDAY_FIVE, now=NOW, sound_ms=30_000)
    told = caught.value.params
    assert (told["unit"], told["hours"]) == ("Xã Yên Châu", "05:30–06:00")
    assert told["start"].in_("vi") == "05:00 sáng Chủ nhật"  # type: ignore[union-attr]
    assert told["next"].in_("vi") == "05:30 sáng Chủ nhật, 29/11/2026"  # type: ignore[union-attr]
    assert told["next_at"] == "2026-11-28T22:30:00+00:00"


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"categories": ["land"]}, errors.CategoryBarred),
        ({"session_minutes": 1}, errors.SessionTooLong),
        ({"sessions_day": 1}, errors.SessionsSpent),
        ({"day_minutes": 1}, errors.DaySpent),
        ({"pause_minutes": 30}, errors.PauseTooShort),
        ({"holidays": "silent"}, errors.OnHoliday),
        ({"quiet": [{"days": [2], "start": 600, "end": 660}]}, errors.NearQuietSite),
    ],
)
def test_each_reason_is_a_refusal_of_its_own(
    database: Database, cast: Cast, more: dict[str, Any], refusal: type[errors.LoaError]
) -> None:
    with database.transaction() as session:
        first, second = approved(session, cast), approved(session, cast)
        airings.air(session, cast.clerk, first.id, at=NOW + timedelta(hours=2), now=NOW)
        rules.set(session, cast.owner, COMMUNE, more, now=NOW)
        start = datetime(2027, 1, 1, 3, tzinfo=UTC) if "holidays" in more else NOW + timedelta(hours=2, minutes=10)
        start = NOW if "quiet" in more else start
        # A minute and a half of sound, so that one minute is too little.
        with pytest.raises(refusal) as caught:
            asking.require(session, second, [HERE], start, now=NOW, sound_ms=90_000)
        if refusal in {errors.SessionsSpent, errors.PauseTooShort, errors.NearQuietSite, errors.OnHoliday}:
            free = datetime.fromisoformat(str(caught.value.params["next_at"]))
            asking.require(session, second, [HERE], free, now=NOW, sound_ms=90_000)


def test_an_emergency_is_never_held_back(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, MORNING, now=NOW)
        alarm = approved(session, cast, klass="emergency")
        asking.require(session, alarm, [HERE], NOW, now=NOW, sound_ms=30_000)
        assert asking.next_free(Book(session, NOW), alarm, [HERE], NOW, sound_ms=30_000) == NOW


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"hours": [{"days": [0], "start": 360, "end": 330}]}, errors.RulesBackwards),
        ({"hours": []}, errors.RulesLeaveNothing),
        ({"hours": [{"days": [0], "start": 300, "end": 360}]}, errors.RulesWider),
        ({**MORNING, "session_minutes": 20}, errors.RulesWider),
        ({"hours": "always"}, errors.Malformed),
    ],
)
def test_rules_that_cannot_be_are_refused_and_nothing_is_written(
    database: Database, cast: Cast, wrong: dict[str, Any], refusal: type[errors.LoaError]
) -> None:
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, {**MORNING, "session_minutes": 15}, now=NOW)
    with pytest.raises(refusal), database.transaction() as session:
        rules.set(session, cast.owner, VILLAGES[0], wrong, now=NOW)
    with database.read() as session:
        assert session.scalars(select(RuleSet.unit_id)).all() == [COMMUNE]


def test_rules_begin_today_or_later_and_only_who_tends_the_unit_writes_them(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.InThePast), database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, MORNING, now=NOW, since=NOW - timedelta(days=1))
    with database.transaction() as session:
        row = rules.set(session, cast.owner, COMMUNE, MORNING, now=NOW, since=NOW - timedelta(hours=3))
        assert row.since == NOW
    for actor in (cast.clerk, cast.approver, cast.stranger):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            rules.set(session, actor, COMMUNE, MORNING, now=NOW)


def test_what_is_planned_is_judged_again_and_the_speakers_are_told(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    with database.transaction() as session:
        announcement = approved(session, cast)
        planned = airings.air(session, cast.clerk, announcement.id, at=NOW + timedelta(hours=2), now=NOW).id
    with database.transaction() as session:
        found = trial.effect(session, cast.owner, VILLAGES[0], MORNING, now=NOW)
        assert (found.planned, found.refused, found.losses[0].speakers) == (1, 1, 1)
        assert session.get_one(Delivery, (planned, SPEAKERS[0])).state == "planned"
        rules.set(session, cast.owner, VILLAGES[0], MORNING, now=NOW + SECOND)
    with database.read() as session:
        reasons = {row.speaker_id: (row.state, row.reason) for row in session.scalars(select(Delivery))}
        wanted = set(session.scalars(select(OutboxEntry.key)))
        assert session.get_one(Airing, planned).state == "planned"
    assert reasons[SPEAKERS[0]] == ("refused", "outside_hours")
    assert reasons[SPEAKERS[1]][0] == "planned"
    assert f"manifest:{SPEAKERS[0]}" in wanted
    assert f"manifest:{OTHER_SPEAKER}" not in wanted
    signing = make_keys(tmp_path / "keys", now=NOW)
    with database.transaction() as session:
        manifest = told(session, SPEAKERS[0], signing=signing, now=NOW + SECOND)
    assert [one.unit for one in manifest.rules][-1] == VILLAGES[0]
    assert manifest.items == ()


def test_every_version_is_in_the_log_book(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, MORNING, now=NOW, decision=" 12/QĐ-UBND ")
    with database.read() as session:
        row = session.scalars(select(RuleSet)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "rules")).one()
        assert (row.decision, row.version, entry.subject_id) == ("12/QĐ-UBND", 1, COMMUNE)
        assert entry.details["version"] == 1
        assert [one.version for one in rules.sets(session, cast.clerk, COMMUNE)] == [1]


def test_a_book_counts_what_it_was_told_and_forgets_what_it_should(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, {"sessions_day": 1}, now=NOW)
        announcement = approved(session, cast)
        audience = [place for place in places.speakers_in_service(session) if place.speaker in SPEAKERS]
        book = Book(session, NOW)
        start = NOW + timedelta(hours=2)
        assert book.bars(announcement, audience, start, sound_ms=30_000) == {}
        airing = airings.air(session, cast.clerk, announcement.id, at=NOW + timedelta(hours=4), now=NOW)
        book.note(airing, SPEAKERS[:1])
        assert book.bars(announcement, audience, start, sound_ms=30_000) == {SPEAKERS[0]: "sessions_spent"}
        assert book.bars(announcement, audience, start, sound_ms=30_000, but=airing.id) == {}
        book.forget(airing.id, SPEAKERS)
        assert book.bars(announcement, audience, start, sound_ms=30_000) == {}
        assert set(Book(session, NOW).bars(announcement, audience, start, sound_ms=30_000)) == set(SPEAKERS)


def test_the_day_ahead_says_who_closes_it(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, MORNING, now=NOW)
        found = asking.day(Book(session, NOW), Place("", VILLAGES[0]), NOW)
    assert [(one.bar, one.unit) for one in found] == [
        ("outside_hours", COMMUNE),
        (None, ""),
        ("outside_hours", COMMUNE),
    ]
