"""Notices to browsers, through a stand-in of a push service that checks who signs, to a browser that decrypts."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from sqlalchemy import delete, func, select

from broadcaster.domain.errors import Malformed, NotFound
from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.push import PushSender
from broadcaster.mirrors.push_worker import LANES, PushWorker
from broadcaster.services.outlets import push_queue, subscriptions
from broadcaster.services.outlets.subscriptions import Wish
from broadcaster.services.outlets.vapid import Vapid, new_pem
from broadcaster.store.tables import Airing, Approval, PushMessage, PushSubscription
from tests.mirrors.stand_ins.push_service import Browser, PushService
from tests.mirrors.village import NOW, Village

pytestmark = pytest.mark.database

URL = "https://loa.example"
VAPID = Vapid(new_pem(), URL, private=True)
EVERY = ("normal", "priority", "emergency")
SOON = timedelta(minutes=1)


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService(VAPID.public, NOW).open() as opened:
        yield opened


def told(
    village: Village, browser: Browser, *classes: str, unit: str = "dong-1", quiet: tuple[str, str] = ("", "")
) -> None:
    """Subscribe this browser."""
    wish = Wish(browser.endpoint, browser.p256dh, browser.auth, unit, classes or EVERY, "vi", *quiet)
    with village.database.transaction() as session:
        subscriptions.subscribe(session, wish, private=True, now=village.now)


def send(village: Village) -> list[str]:
    """One round, as the worker does it; the states that came of it."""
    sender = PushSender(client(private=True), VAPID, lambda: village.now)
    with village.database.transaction() as session:
        push_queue.tidy(session, now=village.now)
        free = dict.fromkeys(push_queue.waiting(session, now=village.now), 8)
        work = push_queue.claim(
            session, push_queue.due(session, now=village.now, free=free), now=village.now, public_url=URL
        )
    outcomes = [(each.id, sender.send(each)) for each in work]
    with village.database.transaction() as session:
        for message, outcome in outcomes:
            push_queue.noted(session, message, outcome, now=village.now)
    return [outcome.state for _, outcome in outcomes]


def rows(village: Village) -> list[tuple[str, str]]:
    with village.database.read() as session:
        return [(row.action, row.state) for row in session.scalars(select(PushMessage).order_by(PushMessage.id))]


def subscribed(village: Village) -> int:
    with village.database.read() as session:
        return session.scalar(select(func.count()).select_from(PushSubscription)) or 0


def test_a_browser_is_told_when_the_airing_begins_and_opens_what_it_is_told(
    village: Village, service: PushService
) -> None:
    browser = service.browser()
    told(village, browser)
    name = village.announcement()
    village.air(name, after=timedelta(minutes=30))
    assert send(village) == []
    village.pass_time(minutes=30)
    assert send(village) == ["accepted"]
    assert send(village) == []
    (taken,) = service.taken
    shown = browser.opened(taken.body)
    assert (shown["title"], shown["text"]) == ("Họp bản", "Bản yen-chau. Mời bà con đi họp.")
    assert shown["link"] == f"{URL}/n/{name[-10:]}"
    assert taken.headers["urgency"] == "normal"
    assert taken.headers["topic"] == name[-10:]
    assert 0 < int(taken.headers["ttl"]) <= 6 * 3600
    assert "Mời".encode() not in taken.body


def test_nobody_else_opens_it(village: Village, service: PushService) -> None:
    told(village, service.browser())
    village.air(village.announcement(), after=timedelta())
    send(village)
    with pytest.raises(Exception, match=r"[Dd]ecrypt"):
        service.browser().opened(service.taken[0].body)


def test_another_key_is_not_taken(small_village: Village, service: PushService) -> None:
    told(small_village, service.browser())
    small_village.air(small_village.announcement(), after=timedelta())
    stranger = PushSender(client(private=True), Vapid(new_pem(), URL, private=True), lambda: NOW)
    with small_village.database.transaction() as session:
        due = push_queue.due(session, now=NOW, free={"others": 1})
        (work,) = push_queue.claim(session, due, now=NOW, public_url=URL)
    outcome = stranger.send(work)
    assert (outcome.state, outcome.permanent, outcome.provider_code) == (CopyState.FAILED, True, "403")


def test_a_name_that_no_host_can_have_is_an_outcome_too(small_village: Village, service: PushService) -> None:
    told(small_village, replace(service.browser(), endpoint="http://xn--i-7iq.example/x"))
    small_village.air(small_village.announcement(), after=timedelta())
    assert send(small_village) == [CopyState.FAILED]


def test_a_correction_and_a_withdrawal_follow_whoever_was_told(village: Village, service: PushService) -> None:
    browser = service.browser()
    told(village, browser)
    name = village.announcement()
    village.air(name, after=timedelta())
    send(village)
    village.pass_time(minutes=1)
    village.correct(name, "Họp lúc 8 giờ.")
    send(village)
    village.pass_time(minutes=1)
    village.withdraw(name)
    send(village)
    assert rows(village) == [("post", "accepted"), ("correct", "accepted"), ("withdraw", "accepted")]
    titles = [browser.opened(each.body)["title"] for each in service.taken]
    assert titles == ["Họp bản", "ĐÍNH CHÍNH: Họp bản", "THU HỒI: Họp bản"]
    assert {browser.opened(each.body)["tag"] for each in service.taken} == {name[-10:]}


def test_what_was_not_told_is_neither_corrected_nor_withdrawn(village: Village, service: PushService) -> None:
    told(village, service.browser())
    name = village.announcement()
    village.air(name, after=timedelta(hours=2))
    village.correct(name, "Họp lúc 8 giờ.")
    village.pass_time(hours=1)
    village.withdraw(name)
    village.pass_time(hours=2)
    assert send(village) == []
    assert rows(village) == [("post", "failed"), ("post", "failed")]


def test_while_it_is_being_changed_nothing_is_told(village: Village, service: PushService) -> None:
    told(village, service.browser())
    name = village.announcement()
    village.air(name, after=timedelta())
    village.redraft(name, "Nội dung chưa duyệt.")
    assert send(village) == []
    assert rows(village) == [("post", "queued")]


def test_an_airing_that_was_cancelled_tells_nobody_and_the_one_in_its_place_does(
    village: Village, service: PushService
) -> None:
    told(village, service.browser())
    name = village.announcement()
    village.air(name, after=timedelta(minutes=30))
    with village.database.transaction() as session:
        session.scalars(select(Airing)).one().cancelled_at = village.now
    village.pass_time(minutes=30)
    assert send(village) == []
    village.air(name, after=timedelta(minutes=10))
    assert send(village) == []
    village.pass_time(minutes=10)
    assert send(village) == ["accepted"]
    assert len(service.taken) == 1


def test_an_airing_that_was_put_earlier_is_told_when_it_begins(village: Village, service: PushService) -> None:
    told(village, service.browser())
    name = village.announcement()
    village.air(name, after=timedelta(minutes=30))
    village.air(name, after=timedelta(minutes=10))
    village.pass_time(minutes=10)
    assert send(village) == ["accepted"]
    village.pass_time(minutes=20)
    assert send(village) == []


def test_only_those_are_told_who_live_there_and_want_to_hear_of_it(village: Village, service: PushService) -> None:
    told(village, service.browser("there"))
    told(village, service.browser("commune"), unit="yen-chau")
    told(village, service.browser("elsewhere"), unit="elsewhere")
    told(village, service.browser("alarms-only"), "emergency")
    village.air(village.announcement("dong-1"), after=timedelta())
    send(village)
    assert {each.path for each in service.taken} == {"/send/there", "/send/commune"}


def test_quiet_hours_hold_back_all_but_an_emergency(village: Village, service: PushService) -> None:
    told(village, service.browser(), quiet=("15:00", "17:30"))
    # It is 16:30 in the village.
    village.air(village.announcement(), after=timedelta())
    assert send(village) == []
    village.air(village.announcement(klass="emergency"), after=timedelta())
    assert send(village) == ["accepted"]
    assert service.taken[0].headers["urgency"] == "high"
    village.pass_time(minutes=61)
    assert send(village) == ["accepted"]


def test_what_is_no_news_any_more_is_not_told(village: Village, service: PushService) -> None:
    told(village, service.browser())
    village.air(village.announcement(), after=timedelta())
    village.pass_time(hours=7)
    assert send(village) == []
    assert rows(village) == [("post", "failed")]


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(village: Village, service: PushService, status: int) -> None:
    told(village, service.browser())
    service.answers["/send/one"] = [(status, {})]
    village.air(village.announcement(), after=timedelta())
    send(village)
    assert (subscribed(village), rows(village)) == (0, [])
    assert send(village) == []


def test_too_many_waits_as_long_as_the_service_wants(village: Village, service: PushService) -> None:
    told(village, service.browser())
    service.answers["/send/one"] = [(429, {"retry-after": "90"})]
    village.air(village.announcement(), after=timedelta())
    send(village)
    village.pass_time(seconds=89)
    assert send(village) == []
    village.pass_time(seconds=1)
    assert send(village) == ["accepted"]


def test_after_a_crash_only_an_emergency_is_told_again_and_says_so(village: Village, service: PushService) -> None:
    browser = service.browser()
    told(village, browser)
    for klass in ("normal", "emergency"):
        village.air(village.announcement(klass=klass), after=timedelta())
    with village.database.transaction() as session:
        due = push_queue.due(session, now=village.now, free={"others": 8})
        assert len(push_queue.claim(session, due, now=village.now, public_url=URL)) == 2
    village.pass_time(seconds=46)
    send(village)
    assert sorted(rows(village)) == [("post", "accepted"), ("post", "unknown")]
    assert browser.opened(service.taken[0].body)["title"] == "(nhắc lại) – KHẨN CẤP: Họp bản"


def test_two_workers_never_send_one_notice_twice(village: Village, service: PushService) -> None:
    told(village, service.browser())
    village.air(village.announcement(), after=timedelta())
    with village.database.transaction() as session:
        due = push_queue.due(session, now=village.now, free={"others": 8})
        first = push_queue.claim(session, due, now=village.now, public_url=URL)
        assert (len(first), push_queue.claim(session, due, now=village.now, public_url=URL)) == (1, [])


def test_an_answer_for_a_browser_that_left_meanwhile_does_no_harm(village: Village, service: PushService) -> None:
    browser = service.browser()
    told(village, browser)
    village.air(village.announcement(), after=timedelta())
    with village.database.transaction() as session:
        due = push_queue.due(session, now=village.now, free={"others": 8})
        (work,) = push_queue.claim(session, due, now=village.now, public_url=URL)
        assert subscriptions.leave(session, browser.endpoint)
        push_queue.noted(session, work.id, Outcome(CopyState.ACCEPTED), now=village.now)
        assert not subscriptions.leave(session, browser.endpoint)
    assert rows(village) == []


def test_subscribing_again_changes_the_wish_and_makes_no_second_one(village: Village, service: PushService) -> None:
    browser = service.browser()
    told(village, browser)
    told(village, browser, "emergency", unit="dong-2", quiet=("21:00", "05:00"))
    with village.database.read() as session:
        row = session.scalars(select(PushSubscription)).one()
    assert (row.unit_id, row.classes, row.quiet_from, row.service) == ("dong-2", ["emergency"], "21:00", "others")


def test_a_wish_that_makes_no_sense_is_refused(small_village: Village, service: PushService) -> None:
    browser = service.browser()
    for changes in ({"unit": "nowhere"}, {"quiet": ("25:00", "05:00")}, {"quiet": ("21:00", "")}):
        with pytest.raises((Malformed, NotFound)):
            told(small_village, browser, **changes)
    with pytest.raises(Malformed):
        told(small_village, browser, "everything")
    off_the_curve = Wish(browser.endpoint, "BA" + "A" * 85, browser.auth, "dong-1", EVERY, "vi")
    with small_village.database.transaction() as session, pytest.raises(Malformed):
        subscriptions.subscribe(session, off_the_curve, private=True, now=NOW)
    assert subscribed(small_village) == 0


def test_what_was_told_of_an_announcement_that_is_over_is_forgotten(village: Village, service: PushService) -> None:
    told(village, service.browser())
    for withdrawn in (True, False):
        name = village.announcement()
        village.air(name, after=timedelta())
        send(village)
        if withdrawn:
            village.withdraw(name)
            send(village)
    with village.database.transaction() as session:
        push_queue.forget_what_is_over(session, now=village.now + push_queue.KEPT - timedelta(seconds=1))
    assert len(rows(village)) == 3
    with village.database.transaction() as session:
        push_queue.forget_what_is_over(session, now=village.now + push_queue.KEPT)
    assert rows(village) == [("post", "accepted")]


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_worker_tells_everybody_though_one_service_hangs(small_village: Village, service: PushService) -> None:
    service.hanging.clear()
    for number in range(LANES + 4):
        told(small_village, service.browser(f"hangs-{number}"))
        told(small_village, service.browser(f"answers-{number}"))
    with small_village.database.transaction() as session:
        for row in session.scalars(select(PushSubscription)):
            row.service = "hanging" if "hangs" in row.endpoint else "others"
    deaths: list[str] = []
    worker = PushWorker(
        small_village.database,
        VAPID,
        public_url=URL,
        now=lambda: small_village.now,
        on_fatal=lambda name, error: deaths.append(name),
    )
    worker.start()
    try:
        small_village.air(small_village.announcement(), after=timedelta())
        until(lambda: rows(small_village).count(("post", "accepted")) == LANES + 4)
        assert len(service.hung) == LANES
    finally:
        service.hanging.set()
        assert worker.stop(5)
    assert deaths == []


def test_words_nobody_may_read_are_not_told(village: Village, service: PushService) -> None:
    told(village, service.browser())
    name = village.announcement()
    village.air(name, after=timedelta())
    with village.database.transaction() as session:
        session.execute(delete(Approval).where(Approval.announcement_id == name))
    assert send(village) == []
    assert rows(village) == [("post", "failed")]


def test_the_token_names_the_service_and_lives_half_a_day() -> None:
    header = VAPID.authorization("https://fcm.googleapis.com/fcm/send/x", now=NOW.astimezone(UTC))
    assert header.startswith("vapid t=")
    assert header.endswith(f", k={VAPID.public}")
    assert len(VAPID.public) == 87
