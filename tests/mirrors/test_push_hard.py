"""Notices when things happen at the same moment, in the wrong order, or not as anybody meant."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text, update

from broadcaster.domain.mirror import MOST_REPEATS, CopyState, Outcome
from broadcaster.mirrors.push_worker import PushWorker
from broadcaster.services.outlets import push_queue, subscriptions
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, PushMessage, Unit
from tests.mirrors.stand_ins.push_service import PushService
from tests.mirrors.test_push import URL, VAPID, rows, send, subscribed, told, until
from tests.mirrors.village import NOW, Village

pytestmark = pytest.mark.database


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService(VAPID.public, NOW).open() as opened:
        yield opened


def taken(village: Village) -> list[push_queue.Work]:
    """What is due, on its way and not noted yet."""
    with village.database.transaction() as session:
        due = push_queue.due(session, now=village.now, free={"others": 8})
        return push_queue.claim(session, due, now=village.now, public_url=URL)


def leave(database: Database, endpoint: str) -> None:
    with database.transaction() as session:
        subscriptions.leave(session, endpoint)


def test_a_browser_that_leaves_at_the_wrong_moment_stops_no_call_up(village: Village, service: PushService) -> None:
    browser = service.browser()
    told(village, browser)
    name = village.announcement(klass="emergency")
    leaving = threading.Thread(target=leave, args=(village.database, browser.endpoint))

    def slip_in(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO push_messages") and leaving.ident is None:
            leaving.start()
            leaving.join(0.3)

    event.listen(village.database.engine, "before_cursor_execute", slip_in)
    try:
        village.air(name)
    finally:
        event.remove(village.database.engine, "before_cursor_execute", slip_in)
    leaving.join(10)
    assert (leaving.ident is not None, subscribed(village), rows(village)) == (True, 0, [])


def test_who_wants_to_hear_less_is_not_told_that_it_was_withdrawn(village: Village, service: PushService) -> None:
    browser = service.browser()
    told(village, browser)
    name = village.announcement()
    village.air(name)
    assert send(village) == ["accepted"]
    for unit, classes in (("dong-1", ("emergency",)), ("dong-2", ("normal",))):
        told(village, browser, *classes, unit=unit)
        village.pass_time(hours=24)
        village.air(name)
        assert send(village) == []
    told(village, browser, "emergency")
    village.correct(name, "Họp lúc 8 giờ.")
    village.pass_time(minutes=1)
    village.withdraw(name)
    assert rows(village) == [("post", "accepted"), ("correct", "failed"), ("withdraw", "queued")]


def test_a_village_that_is_left_out_is_told_so_once_however_often_it_airs(
    village: Village, service: PushService
) -> None:
    told(village, service.browser())
    name = village.announcement()
    village.air(name)
    send(village)
    village.pass_time(minutes=1)
    for words in ("Họp bản 2.", "Họp bản 2 lúc 8 giờ."):
        village.correct(name, words, "dong-2")
        village.air(name)
    assert send(village) == ["accepted"]
    assert rows(village) == [("post", "accepted"), ("withdraw", "accepted")]


def test_whom_a_new_revision_takes_in_is_told_at_once(small_village: Village, service: PushService) -> None:
    told(small_village, service.browser(), unit="dong-2")
    name = small_village.announcement("dong-1")
    small_village.air(name)
    small_village.correct(name, "Cả xã.", "yen-chau")
    assert send(small_village) == ["accepted"]
    assert rows(small_village) == [("post", "accepted")]


def test_what_was_over_before_anybody_was_told_is_told_with_the_next_airing(
    small_village: Village, service: PushService
) -> None:
    told(small_village, service.browser())
    name = small_village.announcement()
    small_village.air(name, after=timedelta(hours=1))
    with small_village.database.transaction() as session:
        session.execute(update(Airing).values(cancelled_at=small_village.now, state="cancelled"))
    small_village.correct(name, "Họp lúc 8 giờ.")
    small_village.pass_time(hours=7)
    assert send(small_village) == []
    small_village.air(name, after=timedelta(hours=1))
    assert send(small_village) == []
    small_village.pass_time(hours=1)
    assert send(small_village) == ["accepted"]
    small_village.air(name)
    assert sorted(rows(small_village)) == [("post", "accepted"), ("post", "failed")]


def part_of(village: Village, alert: str, what: str = "all_clear") -> str:
    """What corrects or ends an alert."""
    name = village.announcement(klass="emergency", text="Đã hết lũ.")
    with village.database.transaction() as session:
        part = session.get_one(Announcement, name)
        part.part_of_id, part.part = alert, what
    return name


def test_an_alert_that_was_put_off_does_not_follow_its_all_clear(village: Village, service: PushService) -> None:
    told(village, service.browser())
    service.answers["/send/one"] = [(503, {})]
    alert = village.announcement(klass="emergency")
    village.air(alert)
    assert send(village) == ["failed"]
    village.pass_time(seconds=4)
    village.air(part_of(village, alert))
    village.pass_time(seconds=1)
    assert send(village) == ["accepted"]
    village.pass_time(minutes=10)
    assert send(village) == []
    assert rows(village) == [("post", "failed"), ("post", "accepted")]


def test_an_alert_nobody_knows_about_is_not_told_again_after_its_all_clear(
    village: Village, service: PushService
) -> None:
    told(village, service.browser())
    alert = village.announcement(klass="emergency")
    village.air(alert)
    assert len(taken(village)) == 1
    village.pass_time(minutes=1)
    village.air(part_of(village, alert))
    assert send(village) == ["accepted"]
    assert rows(village) == [("post", "unknown"), ("post", "accepted")]


def test_a_correction_that_was_put_off_does_not_follow_the_all_clear(village: Village, service: PushService) -> None:
    alert = village.announcement(klass="emergency")
    village.air(alert)
    told(village, service.browser())
    service.answers["/send/one"] = [(503, {})]
    village.air(part_of(village, alert, "correction"))
    assert send(village) == ["failed"]
    village.pass_time(minutes=1)
    village.air(part_of(village, alert))
    assert send(village) == ["accepted"]


def test_an_alert_that_is_given_again_after_its_all_clear_is_told(village: Village, service: PushService) -> None:
    alert = village.announcement(klass="emergency")
    for name in (alert, part_of(village, alert)):
        village.air(name)
        village.pass_time(minutes=1)
    told(village, service.browser())
    village.air(alert)
    assert send(village) == ["accepted"]


def test_a_withdrawal_waits_for_the_notice_it_takes_back(village: Village, service: PushService) -> None:
    told(village, service.browser())
    name = village.announcement()
    village.air(name)
    (work,) = taken(village)
    village.pass_time(seconds=1)
    village.withdraw(name)
    assert send(village) == []
    with village.database.transaction() as session:
        push_queue.noted(session, work.id, Outcome(CopyState.ACCEPTED), now=village.now)
    assert send(village) == ["accepted"]
    assert rows(village) == [("post", "accepted"), ("withdraw", "accepted")]


def test_a_withdrawal_waits_no_longer_than_a_claim_lasts(village: Village, service: PushService) -> None:
    told(village, service.browser())
    name = village.announcement()
    village.air(name)
    assert len(taken(village)) == 1
    village.pass_time(seconds=1)
    village.withdraw(name)
    village.pass_time(seconds=44)
    assert send(village) == ["accepted"]
    assert rows(village) == [("post", "unknown"), ("withdraw", "accepted")]


def test_a_withdrawal_that_comes_while_a_notice_is_taken_follows_it(village: Village, service: PushService) -> None:
    told(village, service.browser())
    name = village.announcement()
    village.air(name)
    village.pass_time(seconds=1)
    withdrawing = threading.Thread(target=village.withdraw, args=(name,))
    with village.database.transaction() as session:
        due = push_queue.due(session, now=village.now, free={"others": 8})
        (work,) = push_queue.claim(session, due, now=village.now, public_url=URL)
        withdrawing.start()
        withdrawing.join(0.5)
    withdrawing.join(10)
    with village.database.transaction() as session:
        push_queue.noted(session, work.id, Outcome(CopyState.ACCEPTED), now=village.now)
    assert rows(village) == [("post", "accepted"), ("withdraw", "queued")]


def test_a_browser_that_leaves_while_its_notice_is_taken_harms_nobody(village: Village, service: PushService) -> None:
    browser = service.browser()
    told(village, browser)
    village.air(village.announcement())
    leaving = threading.Thread(target=leave, args=(village.database, browser.endpoint))
    with village.database.transaction() as session:
        due = push_queue.due(session, now=village.now, free={"others": 8})
        leaving.start()
        leaving.join(0.5)
        assert len(push_queue.claim(session, due, now=village.now, public_url=URL)) == 1
    leaving.join(10)
    assert (subscribed(village), rows(village)) == (0, [])


def worker(village: Village, deaths: list[BaseException]) -> PushWorker:
    return PushWorker(
        village.database,
        VAPID,
        public_url=URL,
        now=lambda: village.now,
        on_fatal=lambda _name, error: deaths.append(error),
    )


def test_one_answer_that_cannot_be_kept_stops_no_other(small_village: Village, service: PushService) -> None:
    for name in ("one", "odd", "other"):
        told(small_village, service.browser(name))
    small_village.air(small_village.announcement())
    with small_village.database.transaction() as session:
        odd = session.scalars(select(PushMessage).order_by(PushMessage.id)).all()[1].id
        refused = f"new.id = '{odd}' AND new.state = 'accepted'"
        session.execute(
            text(
                f"CREATE TRIGGER odd BEFORE UPDATE ON push_messages WHEN {refused} BEGIN SELECT RAISE(ABORT, 'x'); END"
            )
        )
    deaths: list[BaseException] = []
    running = worker(small_village, deaths)
    running.start()
    try:
        until(lambda: [state for _, state in rows(small_village)].count("queued") == 0)
        assert rows(small_village) == [("post", "accepted"), ("post", "unknown"), ("post", "accepted")]
    finally:
        assert running.stop(5)
        with small_village.database.transaction() as session:
            session.execute(text("DROP TRIGGER odd"))
    assert deaths == []


@pytest.mark.parametrize(("read", "drafted", "sent"), [("emergency", "normal", 1), ("normal", "emergency", 0)])
def test_quiet_hours_ask_what_was_told_and_not_what_was_drafted_since(
    small_village: Village, service: PushService, read: str, drafted: str, sent: int
) -> None:
    told(small_village, service.browser(), quiet=("17:00", "18:00"))
    name = small_village.announcement(klass=read)
    small_village.air(name)
    assert send(small_village) == ["accepted"]
    small_village.pass_time(hours=1)
    small_village.redraft(name, "Chưa duyệt.", klass=drafted)
    small_village.withdraw(name)
    assert len(send(small_village)) == sent


def test_one_village_with_a_clock_that_is_none_stops_no_other(village: Village, service: PushService) -> None:
    told(village, service.browser("there"))
    # What a unit's clock is not, the usual one is: there it is 16:30.
    told(village, service.browser("elsewhere"), unit="to-3", quiet=("15:00", "17:30"))
    with village.database.transaction() as session:
        session.get_one(Unit, "to-3").zone = "Asia/Nowhere"
    village.air(village.announcement())
    assert send(village) == ["accepted"]
    assert send(village) == []
    assert sorted(rows(village)) == [("post", "accepted"), ("post", "queued")]
    village.pass_time(hours=1)
    assert send(village) == ["accepted"]


def test_an_emergency_that_was_put_off_often_is_told_again_after_one_lost_answer(
    village: Village, service: PushService
) -> None:
    told(village, service.browser())
    service.answers["/send/one"] = [*((503, {}) for _ in range(MOST_REPEATS)), (504, {})]
    village.air(village.announcement(klass="emergency"))
    for _ in range(MOST_REPEATS + 1):
        assert len(send(village)) == 1
        village.pass_time(minutes=5)
    assert rows(village) == [("post", "unknown")]
    assert send(village) == ["accepted"]


def test_an_emergency_is_not_told_without_end(village: Village, service: PushService) -> None:
    told(village, service.browser())
    service.answers["/send/one"] = [(504, {})] * (MOST_REPEATS + 1)
    village.air(village.announcement(klass="emergency"))
    for _ in range(MOST_REPEATS):
        assert send(village) == ["unknown"]
        village.pass_time(minutes=5)
    assert send(village) == []
