"""Rules that change after something was planned, in either direction."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from broadcaster.services.airtime import planning
from broadcaster.services.hours import rules
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Delivery, OutboxEntry, RuleSet
from tests.cast import COMMUNE, NOW, SPEAKERS, VILLAGES, Cast, approved
from tests.services.planned import EVERY_DAY, repeat

pytestmark = pytest.mark.database

EVENING = {"version": 1, "zone": "Asia/Ho_Chi_Minh", "hours": [{"days": EVERY_DAY, "start": 960, "end": 1200}]}
LATER = NOW + timedelta(minutes=5)


def told(database: Database) -> dict[str, tuple[str, str]]:
    with database.read() as session:
        rows = session.execute(select(Airing.wall, Airing.state, Airing.cancel_reason))
        return {wall[-5:]: (state, reason) for wall, state, reason in rows}


def test_what_is_barred_now_is_refused_and_taken_off_the_speakers(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        repeat(session, approved(session, cast))
        session.execute(OutboxEntry.__table__.delete())  # type: ignore[attr-defined]
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, EVENING, now=LATER)
    assert told(database) == {"05:30": ("refused", "outside_hours"), "17:00": ("planned", "")}
    with database.read() as session:
        refused = select(Delivery.reason, Delivery.ended_at).where(Delivery.state == "refused").distinct()
        assert [tuple(row) for row in session.execute(refused)] == [("outside_hours", LATER)]
        assert {f"manifest:{each}" for each in SPEAKERS} <= set(session.scalars(select(OutboxEntry.key)))


def test_what_one_village_bars_the_others_still_hear(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        repeat(session, approved(session, cast), {"days": EVERY_DAY, "times": ["06:00"]})
        rules.set(session, cast.owner, VILLAGES[0], EVENING, now=LATER)
    with database.read() as session:
        assert set(session.scalars(select(Airing.state))) == {"planned"}
        rows = session.execute(select(Delivery.speaker_id, Delivery.state).distinct())
        assert {tuple(row) for row in rows} == {
            (SPEAKERS[0], "refused"),
            (SPEAKERS[1], "planned"),
            (SPEAKERS[2], "planned"),
        }


def test_what_was_refused_when_it_was_planned_is_heard_once_the_rules_allow_it(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, EVENING, now=NOW)
        repeat(session, approved(session, cast))
    assert told(database) == {"05:30": ("refused", "outside_hours"), "17:00": ("planned", "")}
    with database.transaction() as session:
        session.execute(RuleSet.__table__.delete())  # type: ignore[attr-defined]
        changed = planning.recheck(session, [COMMUNE], now=LATER)
        assert len(changed) == 3
    assert told(database) == {"05:30": ("planned", ""), "17:00": ("planned", "")}


def test_what_was_taken_off_a_speaker_stays_off_it(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        repeat(session, approved(session, cast))
        rules.set(session, cast.owner, COMMUNE, EVENING, now=LATER)
        session.execute(RuleSet.__table__.delete())  # type: ignore[attr-defined]
        assert planning.recheck(session, [COMMUNE], now=LATER + timedelta(minutes=1)) == []
    assert told(database)["05:30"] == ("refused", "outside_hours")


def test_what_has_begun_and_what_is_elsewhere_is_left_alone(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        repeat(session, approved(session, cast), {"days": EVERY_DAY, "times": ["06:00"]})
        session.execute(update(Delivery).where(Delivery.speaker_id == SPEAKERS[0]).values(state="started"))
        session.execute(update(Airing).values(state="on_air"))
        rules.set(session, cast.owner, VILLAGES[0], EVENING, now=LATER)
        assert planning.recheck(session, [], now=LATER) == []
    with database.read() as session:
        assert set(session.scalars(select(Delivery.state))) == {"started", "planned"}


@pytest.mark.parametrize(
    ("limit", "times", "left"),
    [({"sessions_day": 1}, ["05:30", "17:00"], 1), ({"day_minutes": 1}, ["05:30", "12:00", "17:00"], 2)],
)
def test_of_those_that_together_break_a_new_limit_only_what_is_too_much_goes(
    database: Database, cast: Cast, limit: dict[str, int], times: list[str], left: int
) -> None:
    usual = {"days": EVERY_DAY, "start": 300, "end": 1260}
    with database.transaction() as session:
        repeat(session, approved(session, cast), {"days": EVERY_DAY, "times": times})
        rules.set(session, cast.owner, COMMUNE, {"hours": [usual], **limit}, now=LATER)
    with database.read() as session:
        standing = select(Airing.wall, Delivery.speaker_id).join(Delivery, Delivery.airing_id == Airing.id)
        rows = session.execute(standing.where(Delivery.state == "planned")).all()
    thursday = [speaker for wall, speaker in rows if wall.startswith("2026-11-26")]
    assert sorted(thursday) == sorted(SPEAKERS * left)
