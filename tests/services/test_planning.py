"""The planner: every moment of a schedule becomes an airing, whatever the hour at which somebody looks."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, select, update

from broadcaster.domain.schedule import HORIZON, Kind
from broadcaster.services import audit
from broadcaster.services.airtime import airings, closing, planning
from broadcaster.services.hours import rules
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, AuditEntry, Delivery, OutboxEntry, Schedule, Speaker, Unit
from tests.cast import NOW, SPEAKERS, VILLAGES, Cast, approved, draft, gather
from tests.services.planned import EVERY_DAY, TWICE_A_DAY, repeat, schedule

pytestmark = pytest.mark.database

ALL_DAY = {"days": EVERY_DAY, "times": [f"{hour:02d}:{minute:02d}" for hour in range(6, 18) for minute in (0, 30)]}


def states(database: Database) -> Counter[str]:
    with database.read() as session:
        return Counter(session.scalars(select(Airing.state)))


def test_with_nothing_due_a_planner_asks_one_question(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        repeat(session, approved(session, cast))
    asked: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    with database.transaction() as session:
        assert planning.plan(session, now=NOW + timedelta(minutes=1)) == 0
    event.remove(database.engine, "before_cursor_execute", note)
    assert len(asked) == 1, asked


def test_it_looks_no_further_than_the_horizon(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        repeat(session, first)
        later = schedule(session, first, {}, kind=Kind.AT, starts=NOW + timedelta(days=10))
        assert planning.plan(session, now=NOW) == 0
        latest = session.scalar(select(Airing.planned_at).order_by(Airing.planned_at.desc()).limit(1))
        assert latest is not None
        assert latest < NOW + HORIZON
        assert planning.plan(session, now=NOW + timedelta(days=8)) > 0
        assert session.scalars(select(Airing.planned_at).where(Airing.schedule_id == later.id)).all() == [
            NOW + timedelta(days=10)
        ]


def test_what_came_due_while_no_planner_ran_is_played_or_missed_and_never_silent(
    database: Database, cast: Cast
) -> None:
    """T15: a planner that looks but a minute ahead sleeps over twenty due times of two classes."""
    a_minute, slept = timedelta(minutes=1), timedelta(minutes=20)
    every_minute = {"days": EVERY_DAY, "times": [f"10:{minute:02d}" for minute in range(60)]}
    with database.transaction() as session:
        for klass in ("normal", "priority"):
            schedule(session, approved(session, cast, klass=klass), every_minute)
        assert planning.plan(session, now=NOW, horizon=a_minute) == 2
    with database.transaction() as session:
        planning.plan(session, now=NOW + slept, horizon=a_minute)
    with database.read() as session:
        rows = session.execute(select(Airing.klass, Airing.planned_at, Airing.state)).all()
    expected = {
        (klass, NOW + minute * a_minute, "missed" if 0 < minute < late else "planned")
        for klass, late in (("normal", 5), ("priority", 0))
        for minute in range(21)
    }
    assert {tuple(row) for row in rows} == expected


def test_ten_minutes_of_sleep_in_the_middle_of_due_times(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        session.add_all(
            Schedule(
                id=f"at-{number:02d}",
                announcement_id=first.id,
                kind=Kind.AT,
                rule={},
                zone="Asia/Ho_Chi_Minh",
                starts=NOW + timedelta(minutes=number),
                created_by="can-bo-van-hoa",
                created_at=NOW,
            )
            for number in range(-10, 10)
        )
    with database.transaction() as session:
        assert planning.plan(session, now=NOW + timedelta(minutes=10)) == 20
    with database.read() as session:
        told = dict(session.execute(select(Airing.schedule_id, Airing.state)).all())
        late = {name for name, state in told.items() if state == "missed"}
        assert late == {f"at-{number:02d}" for number in range(-10, -5)}
        missed = select(Delivery.state, Delivery.reason).join(Airing).where(Airing.state == "missed").distinct()
        assert [tuple(row) for row in session.execute(missed)] == [("missed", "late")]
        wanted = set(session.scalars(select(OutboxEntry.key)))
        assert {f"manifest:{each}" for each in SPEAKERS} <= wanted


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_however_time_is_cut_into_ticks_the_airings_are_the_same(
    sqlite_database: Database, planted: dict[str, datetime], cuts: list[int]
) -> None:
    hours = [sum(cuts[: number + 1]) for number in range(len(cuts))]
    ticks = [NOW + timedelta(hours=hour) for hour in hours]
    with sqlite_database.transaction() as session:
        session.execute(Delivery.__table__.delete())  # type: ignore[attr-defined]
        session.execute(Airing.__table__.delete())  # type: ignore[attr-defined]
        session.execute(update(Schedule).values(planned_through=None))
    for tick in ticks:
        with sqlite_database.transaction() as session:
            planning.plan(session, now=tick)
    with sqlite_database.read() as session:
        made = set(session.scalars(select(Airing.planned_at)))
    assert made == set(half_hours(NOW, ticks[-1] + HORIZON))


@pytest.fixture
def planted(sqlite_database: Database) -> dict[str, datetime]:
    cast = gather(sqlite_database)
    with sqlite_database.transaction() as session:
        schedule(session, approved(session, cast), ALL_DAY)
    return {"now": NOW}


def half_hours(start: datetime, end: datetime) -> Sequence[datetime]:
    count = int((end - start) / timedelta(minutes=30)) + 1
    every = (start + timedelta(minutes=30 * number) for number in range(count))
    return [at for at in every if at < end and 6 <= (at + timedelta(hours=7)).hour < 18]


def test_a_moment_no_rule_allows_is_refused_with_its_reason(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        session.execute(OutboxEntry.__table__.delete())  # type: ignore[attr-defined]
        repeat(session, approved(session, cast), {"days": EVERY_DAY, "times": ["03:00"]})
    with database.read() as session:
        found = session.execute(select(Airing.state, Airing.cancel_reason).distinct()).all()
        assert [tuple(row) for row in found] == [("refused", "outside_hours")]
        deliveries = session.execute(select(Delivery.state, Delivery.reason).distinct()).all()
        assert [tuple(row) for row in deliveries] == [("refused", "outside_hours")]
        assert not {key for key in session.scalars(select(OutboxEntry.key)) if key.startswith("manifest")}


def test_where_one_village_allows_it_not_the_others_hear_it(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        short = {"version": 1, "zone": "Asia/Ho_Chi_Minh", "hours": [{"days": EVERY_DAY, "start": 960, "end": 1200}]}
        rules.set(session, cast.owner, VILLAGES[1], short, now=NOW)
        repeat(session, approved(session, cast), {"days": EVERY_DAY, "times": ["06:00"]})
    with database.read() as session:
        assert set(session.scalars(select(Airing.state))) == {"planned"}
        rows = session.execute(select(Delivery.speaker_id, Delivery.state, Delivery.reason).distinct())
        assert {row[0]: (row[1], row[2]) for row in rows} == {
            SPEAKERS[0]: ("planned", ""),
            SPEAKERS[1]: ("refused", "outside_hours"),
            SPEAKERS[2]: ("planned", ""),
        }


def test_validity_is_kept_and_said(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        # 17:00 is the last moment within the validity, and the sound would outlast it.
        end = datetime(2026, 11, 26, 10, 0, 10, tzinfo=UTC)
        first = approved(session, cast, not_before=NOW + timedelta(hours=12), expires=end)
        repeat(session, first)
    with database.read() as session:
        told = session.execute(select(Airing.wall, Airing.state, Airing.cancel_reason).order_by(Airing.wall)).all()
        assert [tuple(row) for row in told] == [
            ("2026-11-25T17:00", "refused", "too_early"),
            ("2026-11-26T05:30", "planned", ""),
            ("2026-11-26T17:00", "refused", "expired"),
        ]


def test_a_schedule_that_cannot_be_read_hurts_no_other(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        broken = schedule(session, first, {"rrule": "FREQ=NEVER", "times": ["05:30"]})
        nowhere = schedule(session, first, TWICE_A_DAY, zone="Asia/Nowhere")
        whole = schedule(session, first, TWICE_A_DAY)
        assert planning.plan(session, now=NOW) == 6
        assert set(session.scalars(select(Airing.schedule_id))) == {whole.id}
    with database.transaction() as session:
        assert planning.plan(session, now=NOW) == 0
    with database.read() as session:
        said = session.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == "broken")).all()
        assert sorted(said) == sorted([broken.id, nowhere.id])
        assert session.get_one(Schedule, broken.id).ended_at == NOW
        assert audit.verify(session).sound


def test_without_loudspeakers_it_waits_for_them_until_it_is_too_late(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        session.execute(update(Speaker).values(revoked_at=NOW))
        schedule(session, first, TWICE_A_DAY)
        assert planning.plan(session, now=NOW) == 0
        assert planning.plan(session, now=NOW + timedelta(hours=8)) == 1
        assert states_of(session.scalars(select(Airing.state)).all()) == {"missed": 1}
        session.execute(update(Speaker).values(revoked_at=None))
        assert planning.plan(session, now=NOW + timedelta(hours=8)) == 6


def states_of(found: Sequence[str]) -> dict[str, int]:
    return dict(Counter(found))


def test_it_lasts_as_long_as_the_longest_of_what_its_villages_want(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        versions = [DraftVersion("vi", "Họp bản."), DraftVersion("en", "A meeting."), DraftVersion("fr", "Réunion.")]
        first = approved(session, cast, versions=versions)
        session.execute(update(Unit).where(Unit.id == VILLAGES[0]).values(languages=["vi", "en"]))
        session.execute(update(Unit).where(Unit.id.in_(VILLAGES[1:])).values(languages=["vi"]))
        one = schedule(session, first, {}, kind=Kind.AT, starts=NOW + timedelta(hours=1))
        planning.plan(session, now=NOW)
        chime = first.chime.ms if first.chime else 0
        [sound] = session.scalars(select(Airing.sound_ms).where(Airing.schedule_id == one.id))
        assert sound == chime + 2 * 30_000 + 600


def test_what_is_missed_stays_so_when_it_is_closed(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast, audience=[AudienceChoice("unit", VILLAGES[0])])
        schedule(session, first, {}, kind=Kind.AT, starts=NOW - timedelta(hours=1))
        assert planning.plan(session, now=NOW) == 1
        assert closing.close(session, now=NOW + timedelta(hours=5)) == []
    assert states(database) == {"missed": 1}


def test_an_edit_lets_what_is_on_air_be_heard_to_its_end(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        playing = airings.air(session, cast.clerk, first.id, at=None, now=NOW)
        coming = airings.air(session, cast.clerk, first.id, at=NOW + timedelta(hours=1), now=NOW)
        session.execute(update(Airing).where(Airing.id == playing.id).values(state="on_air"))
        announcements.edit(session, cast.clerk, first.id, draft(title="Họp khác"), revision=1, now=NOW)
        found = dict(session.execute(select(Airing.id, Airing.state)).all())
        assert found == {playing.id: "on_air", coming.id: "cancelled"}
        announcements.withdraw(session, cast.clerk, first.id, reason="Thôi", now=NOW)
        session.flush()
        assert set(session.scalars(select(Airing.state))) == {"cancelled"}


@pytest.mark.parametrize(
    ("zone", "begin", "hour", "expected"),
    [
        # In Berlin half past two does not exist on the last Sunday of March, and comes twice on that of October.
        ("Europe/Berlin", datetime(2027, 3, 27, 12, tzinfo=UTC), "02:30", ["2027-03-28T01:00", "2027-03-29T00:30"]),
        ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC), "02:30", ["2026-10-25T00:30", "2026-10-26T01:30"]),
        # Lord Howe moves by half an hour.
        (
            "Australia/Lord_Howe",
            datetime(2026, 10, 3, 0, tzinfo=UTC),
            "02:15",
            ["2026-10-03T15:30", "2026-10-04T15:15"],
        ),
        ("America/New_York", datetime(2027, 3, 13, 12, tzinfo=UTC), "02:30", ["2027-03-14T07:00", "2027-03-15T06:30"]),
        # Leap day and the turn of the year.
        ("Asia/Ho_Chi_Minh", datetime(2028, 2, 28, 12, tzinfo=UTC), "06:00", ["2028-02-28T23:00", "2028-02-29T23:00"]),
        ("Asia/Ho_Chi_Minh", datetime(2026, 12, 31, 0, tzinfo=UTC), "00:00", ["2026-12-31T17:00", "2027-01-01T17:00"]),
    ],
)
def test_the_village_clock_is_kept_whatever_it_does(
    sqlite_database: Database, zone: str, begin: datetime, hour: str, expected: list[str]
) -> None:
    """T13: the instants, as rows."""
    cast = gather(sqlite_database, now=begin)
    with sqlite_database.transaction() as session:
        first = approved(session, cast, now=begin)
        schedule(session, first, {"days": EVERY_DAY, "times": [hour]}, zone=zone, starts=begin, now=begin)
        planning.plan(session, now=begin, horizon=timedelta(hours=47))
        found = session.scalars(select(Airing.planned_at).order_by(Airing.planned_at)).all()
    assert [f"{at:%Y-%m-%dT%H:%M}" for at in found] == expected
