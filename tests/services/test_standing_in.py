"""Where a loudspeaker keeps silent a person is asked, once; and nobody is left with what must not be said."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from broadcaster.services.airtime import airings, closing, stopping
from broadcaster.services.alarms import emergencies, standing_in
from broadcaster.services.alarms.emergencies import Repeat
from broadcaster.services.alarms.stand_in_needs import Needs
from broadcaster.services.writing import announcements
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, Speaker, StandIn, Unit
from tests.cast import COMMUNE, SPEAKERS, VILLAGES, Cast
from tests.services.stood_in import COULD_NOT, DONE, ESCALATED, HOME, OPEN, SLOTS, WHOLE, Commune

pytestmark = pytest.mark.database


@pytest.fixture
def commune(database: Database, cast: Cast) -> Commune:
    return Commune(database, cast)


@pytest.fixture
def silent(commune: Commune) -> str:
    """An alert that no loudspeaker began within three minutes; everybody was asked."""
    airing = commune.alert()
    commune.later(minutes=3)
    commune.look()
    return airing


@pytest.mark.parametrize(("klass", "minutes"), [("alert", 3), ("priority", 15), ("drill", 15)])
def test_a_village_is_asked_once_its_loudspeaker_was_silent_too_long(
    commune: Commune, klass: str, minutes: int
) -> None:
    airing = {"alert": commune.alert, "priority": commune.notice, "drill": commune.drill}[klass]()
    commune.later(minutes=minutes, seconds=-1)
    assert commune.look() == set()
    commune.later(seconds=1)
    assert commune.look() == {airing}
    assert [(row.unit_id, row.state, row.speakers) for row in commune.asked()] == sorted(
        (village, "open", [speaker]) for village, speaker in zip(VILLAGES, SPEAKERS, strict=True)
    )
    assert commune.look() == set()
    assert len(commune.asked()) == len(VILLAGES)


def test_nobody_is_asked_about_what_is_ordinary_stands_by_or_began(commune: Commune) -> None:
    commune.tell(commune.alert(), "started")
    commune.notice("normal")
    commune.later(minutes=20)
    commune.look()
    assert commune.asked() == []


def test_one_request_covers_every_silent_loudspeaker_of_a_village(commune: Commune) -> None:
    with commune.database.transaction() as session:
        session.execute(update(Speaker).where(Speaker.id.in_(SPEAKERS)).values(unit_id=HOME))
    airing = commune.alert()
    commune.tell(airing, "finished", SPEAKERS[0])
    commune.later(minutes=3)
    commune.look()
    assert [row.speakers for row in commune.asked()] == [sorted(SPEAKERS[1:])]


@pytest.mark.parametrize(("reason", "asked"), [("outside_hours", 0), ("sink_failed", 3)])
def test_what_the_rules_keep_from_the_horn_they_keep_from_the_loudhailer(
    commune: Commune, reason: str, asked: int
) -> None:
    airing = commune.notice()
    commune.tell(airing, "refused", reason=reason)
    commune.later(minutes=15)
    commune.look()
    assert len(commune.asked()) == asked


def test_the_limits_are_those_of_the_unit_or_the_nearest_above(commune: Commune) -> None:
    with commune.database.transaction() as session:
        session.get_one(Unit, COMMUNE).stand_in = {"emergency": [10, 20]}
        session.get_one(Unit, HOME).stand_in = {"emergency": [1, 2]}
    commune.alert()
    commune.later(minutes=1)
    commune.look()
    assert [row.unit_id for row in commune.asked()] == [HOME]
    commune.later(minutes=9)
    commune.look()
    assert len(commune.asked()) == 3
    assert commune.states() == [ESCALATED]


def test_the_words_are_those_that_were_approved_in_the_order_of_the_village(commune: Commune) -> None:
    with commune.database.transaction() as session:
        session.get_one(Unit, COMMUNE).languages = ["vi", "en"]
    commune.notice()
    commune.later(minutes=15)
    commune.look()
    assert commune.asked(HOME)[0].words == {
        "title": "Họp bản",
        "texts": [["vi", "Mời bà con đến nhà văn hoá."], ["en", "Come to the hall."]],
    }


def test_a_drill_is_said_to_be_one_before_and_after(commune: Commune) -> None:
    commune.drill()
    commune.later(minutes=15)
    commune.look()
    text = commune.asked(HOME)[0].words["texts"][0][1]
    assert text.startswith("Đây là diễn tập. ")
    assert text.endswith(" Đây là diễn tập.")


def test_the_commune_is_told_after_the_second_limit(commune: Commune, silent: str) -> None:
    commune.later(minutes=5, seconds=-1)
    commune.look()
    assert commune.states() == [OPEN]
    commune.later(seconds=1)
    assert commune.look() == {silent}
    assert commune.states() == [ESCALATED]


@pytest.mark.parametrize("state", [OPEN, ESCALATED])
def test_a_loudspeaker_that_begins_after_all_ends_it(commune: Commune, silent: str, state: str) -> None:
    if state == ESCALATED:
        commune.later(minutes=5)
        commune.look()
    assert commune.states() == [state]
    commune.tell(silent, "started", SPEAKERS[0])
    commune.look()
    assert commune.states() == ["not_needed"]
    assert commune.states(VILLAGES[1]) == [state]


def test_what_was_answered_stays_when_the_loudspeaker_begins_after_all(commune: Commune, silent: str) -> None:
    commune.answer()
    assert commune.deliveries(silent)[SPEAKERS[0]] == ("planned", True)
    commune.tell(silent, "heard", SPEAKERS[0])
    commune.look()
    assert commune.states() == [DONE]
    assert commune.deliveries(silent)[SPEAKERS[0]] == ("heard", True)
    assert commune.deliveries(silent)[SPEAKERS[1]] == ("planned", False)


def stop(commune: Commune, airing: str) -> None:
    with commune.database.transaction() as session:
        airings.stop(session, commune.cast.approver, airing, reason="Nhầm", now=commune.now)


def stop_the_village(commune: Commune, _airing: str) -> None:
    with commune.database.transaction() as session:
        stopping.stop_everything(session, commune.cast.approver, HOME, reason="Nhầm", now=commune.now)


def withdraw(commune: Commune, airing: str) -> None:
    with commune.database.transaction() as session:
        announcement = session.get_one(Airing, airing).announcement_id
        announcements.withdraw(session, commune.cast.approver, announcement, reason="Nhầm", now=commune.now)


def correct(commune: Commune, airing: str) -> None:
    commune.call_up(airing, "correction")


def end_it(commune: Commune, airing: str) -> None:
    commune.call_up(airing, "all_clear")


@pytest.mark.parametrize("take_back", [stop, stop_the_village, withdraw, correct, end_it])
def test_what_is_taken_back_must_not_be_said_and_who_was_asked_is_told(
    commune: Commune, take_back: Callable[[Commune, str], None]
) -> None:
    commune.chat()
    airing = commune.alert()
    commune.later(minutes=3)
    commune.look()
    assert len(commune.take()) == 1
    take_back(commune, airing)
    commune.look()
    assert commune.states() == ["withdrawn"]
    assert commune.messages()[-1] == ("release", "queued")
    commune.later(minutes=2)
    assert len(commune.asked(HOME)) == 1


def test_a_later_announcement_in_its_place_takes_it_back(commune: Commune) -> None:
    first = commune.notice()
    commune.later(minutes=15)
    commune.look()
    with commune.database.read() as session:
        old = session.get_one(Airing, first).announcement_id
    commune.notice(supersedes=old)
    commune.look()
    assert commune.states() == ["withdrawn"]


@pytest.mark.parametrize("part", ["correction", "all_clear"])
def test_what_a_person_said_a_person_takes_back_at_once(commune: Commune, silent: str, part: str) -> None:
    commune.answer()
    commune.later(minutes=1)
    airing = commune.call_up(silent, part)
    commune.look()
    row = commune.asked(HOME)[-1]
    assert (row.airing_id, row.cause, row.state) == (airing, "spoken", OPEN)
    assert [row.unit_id for row in commune.asked(airing=airing)] == [HOME]
    # People who were called by a person may be far from any loudspeaker.
    commune.tell(airing, "finished")
    commune.look()
    assert commune.states() == [DONE, OPEN]


def test_the_correction_of_what_nobody_said_waits_for_the_loudspeaker(commune: Commune, silent: str) -> None:
    commune.answer(COULD_NOT)
    airing = commune.call_up(silent, "correction")
    commune.look()
    assert commune.asked(airing=airing) == []
    commune.later(minutes=3)
    commune.look()
    assert {row.cause for row in commune.asked(airing=airing)} == {"silent"}


def test_who_acknowledged_is_not_asked(commune: Commune, silent: str) -> None:
    with commune.database.transaction() as session:
        alert = session.get_one(Airing, silent).announcement_id
        emergencies.acknowledge(session, commune.cast.village_head, alert, HOME, now=commune.now)
    commune.look()
    assert commune.states() == ["not_needed"]
    assert commune.states(VILLAGES[1]) == [OPEN]


def test_the_repeats_of_an_alert_ask_nobody_again_and_their_sound_counts(commune: Commune) -> None:
    with commune.database.transaction() as session:
        made = emergencies.draft(
            session, commune.cast.clerk, emergencies.Alert("flood", 3, COMMUNE, WHOLE, {"vi": SLOTS}), now=commune.now
        )
        commune.approve(session, made)
        emergencies.send(
            session, commune.cast.clerk, made.id, place="Xã Yên Châu", repeat=Repeat(5, 3), now=commune.now
        )
    commune.later(minutes=9)
    commune.look()
    assert len(commune.asked()) == 3
    with commune.database.read() as session:
        again = session.scalars(select(Airing.id).where(Airing.announcement_id == made.id).order_by(Airing.planned_at))
        second = again.all()[1]
    commune.tell(second, "started", SPEAKERS[0])
    commune.look()
    assert commune.states() == ["not_needed"]
    assert commune.states(VILLAGES[1]) == [OPEN]


def test_it_ends_with_its_time_also_when_nobody_looked_for_hours(commune: Commune, silent: str) -> None:
    commune.later(hours=6)
    with commune.database.transaction() as session:
        closing.close(session, now=commune.now)
    commune.look()
    assert commune.states() == ["expired"]
    fresh = Commune(commune.database, commune.cast, commune.now)
    assert fresh.look() == set()


def test_after_a_night_without_a_server_nobody_is_asked_about_yesterday(commune: Commune) -> None:
    commune.alert()
    commune.later(hours=9)
    commune.look()
    assert commune.asked() == []


def test_words_that_were_changed_since_are_asked_of_nobody(commune: Commune) -> None:
    airing = commune.notice()
    with commune.database.transaction() as session:
        row = session.get_one(Announcement, session.get_one(Airing, airing).announcement_id)
        row.state, row.revision = "draft", row.revision + 1
    commune.later(minutes=15)
    commune.look()
    assert commune.asked() == []


def test_several_broadcasters_ask_once(commune: Commune) -> None:
    commune.chat()
    commune.alert()
    commune.later(minutes=3)
    together = threading.Barrier(3)

    def one() -> None:
        together.wait()
        commune.look()

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(commune.asked()) == 3
    assert commune.messages() == [("ask", "queued")]
    assert [what for what, _ in commune.audited()] == ["open"] * 3


def test_a_session_that_saw_nothing_of_the_other_adds_nothing(commune: Commune) -> None:
    commune.alert()
    commune.later(minutes=3)
    with commune.database.transaction() as first:
        needs = Needs(first, commune.now)
        case = next(standing_in._silent(first, needs, commune.now))
        assert standing_in._ask(first, needs, case, commune.now)
    with commune.database.transaction() as second:
        again = standing_in._Case(second.get_one(Airing, case.airing.id), case.unit, case.cause, case.speakers)
        assert not standing_in._ask(second, Needs(second, commune.now), again, commune.now)
    with commune.database.read() as session:
        assert len(session.scalars(select(StandIn)).all()) == 1


def test_every_step_stands_in_the_audit(commune: Commune, silent: str) -> None:
    commune.later(minutes=5)
    commune.look()
    commune.answer()
    commune.tell(silent, "started", *SPEAKERS[1:])
    commune.look()
    assert sorted(what for what, _ in commune.audited()) == sorted(
        ["open"] * 3 + ["escalate"] * 3 + ["link", "done"] + ["not_needed"] * 2
    )
    assert commune.now - timedelta(minutes=8) < commune.asked()[0].opened_at < commune.now
