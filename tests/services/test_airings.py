"""Airing now and later, by several planners at once; taking it back."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from broadcaster.domain import errors
from broadcaster.domain.rules_of_the_air import DEFAULT
from broadcaster.services import audit
from broadcaster.services.airtime import airings, closing
from broadcaster.services.hours import rules
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, Delivery, OutboxEntry, Schedule, Speaker
from tests.cast import COMMUNE, NOW, SPEAKERS, VILLAGES, Cast, approved, draft, give_clips, speaker
from tests.services.planned import repeat

pytestmark = pytest.mark.database

MANIFESTS = {f"manifest:{each}" for each in SPEAKERS}


def keys(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(OutboxEntry.key)))


def clear(database: Database) -> None:
    with database.transaction() as session:
        session.execute(OutboxEntry.__table__.delete())  # type: ignore[attr-defined]


def test_now_makes_a_delivery_for_each_speaker_and_asks_for_their_manifests(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        airing = airings.air(session, cast.clerk, first.id, at=None, now=NOW)
    assert (airing.planned_at, airing.wall, airing.state) == (NOW, "2026-11-25T10:00", "planned")
    assert airing.latest_start == NOW + timedelta(minutes=15)
    assert keys(database) >= MANIFESTS
    assert not any(key.startswith("live:") for key in keys(database))
    with database.read() as session:
        counted = airings.counts(session, airing.id)
        assert (counted["planned"], sum(counted.values())) == (3, 3)


def test_an_emergency_goes_out_live(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast, klass="emergency")
        with pytest.raises(errors.UseEmergency):
            airings.air(session, cast.approver, first.id, at=None, now=NOW)
        airing = airings.air(session, cast.approver, first.id, at=None, now=NOW, emergency=True)
    assert {f"live:{airing.id}", *MANIFESTS} <= keys(database)


def test_an_emergency_may_be_aired_at_night_and_nothing_else(database: Database, cast: Cast) -> None:
    night = datetime(2026, 11, 25, 20, 15, tzinfo=UTC)
    with database.transaction() as session:
        ordinary, emergency = approved(session, cast), approved(session, cast, klass="emergency")
        airings.air(session, cast.approver, emergency.id, at=None, now=night, emergency=True)
    with pytest.raises(errors.OutsideHours, match=r"03:15 .*05:00–21:00"), database.transaction() as session:
        airings.air(session, cast.clerk, ordinary.id, at=night, now=NOW)
    with database.read() as session:
        aired = select(Airing.announcement_id).where(~Airing.standby)
        assert session.scalars(aired).all() == [emergency.id]


def test_the_hours_of_every_village_that_hears_it_are_asked(database: Database, cast: Cast) -> None:
    short: dict[str, object] = {
        **DEFAULT.to_json(),
        "hours": [{"days": [0, 1, 2, 3, 4, 5, 6], "start": 300, "end": 420}],
    }
    with database.transaction() as session:
        rules.set(session, cast.owner, VILLAGES[1], short, now=NOW)
        everybody = approved(session, cast)
        others = approved(session, cast, audience=[AudienceChoice("unit", VILLAGES[0])])
        airings.air(session, cast.clerk, others.id, at=None, now=NOW)
    with pytest.raises(errors.OutsideHours, match="Bản Khoóng"), database.transaction() as session:
        airings.air(session, cast.clerk, everybody.id, at=None, now=NOW)


def test_the_past_cannot_be_planned_but_the_running_minute_can(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
    with pytest.raises(errors.InThePast, match="25/11/2026 09:59"), database.transaction() as session:
        airings.air(session, cast.clerk, first.id, at=NOW - timedelta(minutes=1), now=NOW)
    with database.transaction() as session:
        at = NOW - timedelta(seconds=20)
        assert airings.air(session, cast.clerk, first.id, at=at, now=NOW).planned_at == NOW


def test_only_within_its_validity(database: Database, cast: Cast) -> None:
    valid = {"not_before": NOW + timedelta(hours=1), "expires": NOW + timedelta(hours=2)}
    with database.transaction() as session:
        first = approved(session, cast, **valid)
    for at, code in ((None, "too_early"), (valid["expires"] - timedelta(seconds=5), "expired_announcement")):
        with pytest.raises(errors.LoaError) as caught, database.transaction() as session:
            airings.air(session, cast.clerk, first.id, at=at, now=NOW)
        assert caught.value.code == code
    with database.transaction() as session:
        airings.air(session, cast.clerk, first.id, at=valid["not_before"], now=NOW)


def test_who_may_not_air_does_not(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
    for actor in (cast.village_head, cast.technician, cast.monitor, cast.stranger):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            airings.air(session, actor, first.id, at=None, now=NOW)


def test_a_speaker_taken_out_of_service_is_left_out(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        session.execute(update(Speaker).where(Speaker.id != SPEAKERS[1]).values(revoked_at=NOW))
        airing = airings.air(session, cast.clerk, first.id, at=None, now=NOW)
        assert [each.speaker_id for each in airings.deliveries(session, airing.id).items] == [SPEAKERS[1]]
        session.execute(update(Speaker).values(revoked_at=NOW))
    with pytest.raises(errors.EmptyAudience), database.transaction() as session:
        airings.air(session, cast.clerk, first.id, at=None, now=NOW)


def test_a_week_is_planned_72_hours_at_a_time(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        repeat(session, first)
        walls = session.scalars(select(Airing.wall).order_by(Airing.planned_at)).all()
        assert walls == [
            "2026-11-25T17:00",
            "2026-11-26T05:30",
            "2026-11-26T17:00",
            "2026-11-27T05:30",
            "2026-11-27T17:00",
            "2026-11-28T05:30",
        ]
        assert airings.plan(session, now=NOW) == 0
        assert airings.plan(session, now=NOW + timedelta(hours=12)) == 1


def test_several_planners_at_once_never_plan_twice(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        for _ in range(3):
            first = approved(session, cast)
            repeat(session, first)
    later, made, gate = NOW + timedelta(days=2), [], threading.Barrier(4)

    def tick() -> None:
        gate.wait()
        with database.transaction() as session:
            made.append(airings.plan(session, now=later))

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        planned = Counter(tuple(row) for row in session.execute(select(Airing.schedule_id, Airing.planned_at)))
        assert sum(made) == 3 * 4
        assert set(planned.values()) == {1}
        assert len(planned) == 3 * (6 + 4)
        assert Counter(session.scalars(select(Delivery.airing_id))) == {
            each.id: 3 for each in session.scalars(select(Airing))
        }
        assert audit.verify(session).sound


def test_a_withdrawal_cancels_what_is_planned_and_stops_what_plays(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        playing = airings.air(session, cast.clerk, first.id, at=None, now=NOW)
        coming = airings.air(session, cast.clerk, first.id, at=NOW + timedelta(hours=1), now=NOW)
        repeat(session, first)
    clear(database)
    with database.transaction() as session:
        announcements.withdraw(session, cast.clerk, first.id, reason="Hoãn họp", now=NOW + timedelta(seconds=5))
    assert keys(database) == {f"stop:{playing.id}", *MANIFESTS}
    with database.transaction() as session:
        assert {each.state for each in session.scalars(select(Airing))} == {"cancelled"}
        assert {each.state for each in session.scalars(select(Delivery))} == {"cancelled"}
        assert session.get_one(Airing, coming.id).cancel_reason == "withdrawn"
        assert airings.plan(session, now=NOW + timedelta(days=1)) == 0


def test_a_delivery_that_was_heard_stays_heard_when_its_airing_is_cancelled(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        airing = airings.air(session, cast.clerk, approved(session, cast).id, at=None, now=NOW)
        session.execute(update(Delivery).where(Delivery.speaker_id == SPEAKERS[0]).values(state="heard"))
        airings.stop(session, cast.approver, airing.id, reason="Đủ rồi", now=NOW)
    with database.read() as session:
        counted = airings.counts(session, airing.id)
        assert (counted["heard"], counted["cancelled"]) == (1, 2)
    with pytest.raises(errors.IllegalStep), database.transaction() as session:
        airings.stop(session, cast.approver, airing.id, now=NOW)


def test_an_edit_cancels_the_old_words_and_replans_once_the_new_are_approved(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        repeat(session, first)
    clear(database)
    with database.transaction() as session:
        announcements.edit(session, cast.clerk, first.id, draft(title="Họp khác"), revision=1, now=NOW)
    assert keys(database) == MANIFESTS
    with database.transaction() as session:
        assert airings.plan(session, now=NOW) == 0
        again = session.get_one(Announcement, first.id)
        give_clips(session, again)
        read = announcements.submit(session, cast.clerk, first.id, now=NOW).content_sha256 or ""
        announcements.approve(session, cast.approver, first.id, content_sha256=read, now=NOW)
    with database.transaction() as session:
        assert airings.plan(session, now=NOW) == 0, "whoever approves it plans it"
        planned = session.execute(select(Airing.state, Airing.revision))
        assert Counter(tuple(row) for row in planned) == {("cancelled", 1): 6, ("planned", 2): 6}
        assert len(session.scalars(select(Schedule)).all()) == 2


def test_hours_that_changed_since_are_asked_again_when_planning(database: Database, cast: Cast) -> None:
    evening: dict[str, object] = {
        **DEFAULT.to_json(),
        "hours": [{"days": [0, 1, 2, 3, 4, 5, 6], "start": 960, "end": 1200}],
    }
    with database.transaction() as session:
        first = approved(session, cast)
        repeat(session, first)
        rules.set(session, cast.owner, COMMUNE, evening, now=NOW)
        assert airings.plan(session, now=NOW + timedelta(days=2)) == 4
        late = select(Airing.state).where(Airing.planned_at > NOW + timedelta(hours=72)).order_by(Airing.planned_at)
        assert session.scalars(late).all() == ["planned", "refused", "planned", "refused"]


def test_what_is_over_is_closed_and_later_word_is_still_possible(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        silent = airings.air(session, cast.clerk, first.id, at=None, now=NOW)
        played = airings.air(session, cast.clerk, first.id, at=None, now=NOW + timedelta(seconds=1))
        for speaker_id, state in zip(SPEAKERS, ("heard", "started", "armed"), strict=True):
            mine = (Delivery.airing_id == played.id, Delivery.speaker_id == speaker_id)
            session.execute(update(Delivery).where(*mine).values(state=state))
        assert closing.close(session, now=NOW + timedelta(minutes=10)) == []
        assert set(closing.close(session, now=NOW + timedelta(hours=1))) == {silent.id, played.id}
        session.flush()
        session.expire_all()
        assert (session.get_one(Airing, silent.id).state, session.get_one(Airing, played.id).state) == (
            "missed",
            "done",
        )
        counted = airings.counts(session, played.id)
        assert {state: number for state, number in counted.items() if number} == {"heard": 1, "partial": 1, "missed": 1}


def test_pages_of_deliveries_hold_everyone_once(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        session.add_all(speaker(f"loa-{number:03d}", VILLAGES[0]) for number in range(25))
        airing = airings.air(session, cast.clerk, approved(session, cast).id, at=None, now=NOW)
        seen, after = [], None
        while True:
            page = airings.deliveries(session, airing.id, after=after, limit=10)
            seen += [each.speaker_id for each in page.items]
            if (after := page.next) is None:
                break
        assert seen == sorted({each.id for each in session.scalars(select(Speaker)) if each.unit_id in VILLAGES})
        assert airings.deliveries(session, airing.id, states=["heard"]).items == []


def test_a_thousand_speakers_are_planned_and_asked_for_in_one_go(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        session.add_all(speaker(f"loa-{number:04d}", VILLAGES[number % 3]) for number in range(1200))
    clear(database)
    with database.transaction() as session:
        airing = airings.air(session, cast.clerk, approved(session, cast).id, at=None, now=NOW)
    with database.transaction() as session:
        airings.stop(session, cast.clerk, airing.id, now=NOW)
    with database.read() as session:
        wanted = session.execute(select(OutboxEntry.key, OutboxEntry.generation).where(OutboxEntry.kind == "manifest"))
        generations = {row.key: row.generation for row in wanted}
        assert len(generations) == 1203
        assert set(generations.values()) == {2}
        assert airings.counts(session, airing.id)["cancelled"] == 1203


def test_lists_show_what_one_may_see(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        made = [
            airings.air(session, cast.clerk, first.id, at=None, now=NOW + timedelta(seconds=n)).id for n in range(3)
        ]
    with database.read() as session:
        page = airings.listing(session, cast.clerk, limit=2)
        rest = airings.listing(session, cast.clerk, after=page.next, limit=2)
        assert [each.id for each in page.items + rest.items] == made[::-1]
        assert airings.listing(session, cast.stranger).items == []
        assert airings.get(session, cast.monitor, made[0]).id == made[0]
        with pytest.raises(errors.NotAllowed):
            airings.get(session, cast.stranger, made[0])


def test_a_planner_that_comes_in_the_middle_of_a_withdrawal_plans_nothing(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        repeat(session, first)

    def tick() -> None:
        with database.transaction() as session:
            airings.plan(session, now=NOW + timedelta(days=2))

    planner = threading.Thread(target=tick)
    with database.transaction() as session:
        announcements.withdraw(session, cast.clerk, first.id, reason="", now=NOW)
        session.flush()
        planner.start()
        planner.join(timeout=0.5)
    planner.join()
    with database.read() as session:
        assert set(session.scalars(select(Airing.state))) == {"cancelled"}
