"""How much room browsers have, and who gives way: neither one stranger nor one server takes a village's."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.domain.errors import TooMany
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.push import PushSender
from broadcaster.services.outlets import push_queue, subscriptions
from broadcaster.services.outlets.subscriptions import MOST_OF_OTHERS, SILENT, Wish
from broadcaster.services.outlets.vapid import Vapid, new_pem
from broadcaster.store.tables import PushSubscription
from tests.mirrors.stand_ins.push_service import Browser, PushService
from tests.mirrors.village import NOW, Village

pytestmark = pytest.mark.database

URL = "https://loa.example"
VAPID = Vapid(new_pem(), URL, private=True)
KNOWN = "https://fcm.googleapis.com/fcm/send"
UNKNOWN = "https://push.example"


def told(village: Village, endpoint: str, unit: str = "dong-1") -> None:
    browser = Browser(endpoint)
    wish = Wish(endpoint, browser.p256dh, browser.auth, unit, ("normal",), "vi")
    with village.database.transaction() as session:
        subscriptions.subscribe(session, wish, private=True, now=village.now)


def known(village: Village) -> list[str]:
    with village.database.read() as session:
        return list(session.scalars(select(PushSubscription.endpoint).order_by(PushSubscription.endpoint)))


def fill(village: Village, monkeypatch: pytest.MonkeyPatch, most: int = 2) -> None:
    monkeypatch.setattr(subscriptions, "MOST_OF_OTHERS", most)
    for number in range(most):
        told(village, f"{UNKNOWN}/{number}")


def test_servers_nobody_knows_take_no_room_from_browsers(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_OF_OTHERS < subscriptions.MOST_IN_A_UNIT / 10
    fill(village, monkeypatch)
    with pytest.raises(TooMany):
        told(village, f"{UNKNOWN}.other/x")
    told(village, f"{KNOWN}/x")
    told(village, f"{UNKNOWN}/0")
    assert len(known(village)) == 3


def test_nobody_moves_to_where_there_is_no_room(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(village, monkeypatch)
    told(village, f"{UNKNOWN}/x", "dong-2")
    with pytest.raises(TooMany):
        told(village, f"{UNKNOWN}/x", "dong-1")
    monkeypatch.setattr(subscriptions, "MOST_IN_A_UNIT", 2)
    told(village, f"{KNOWN}/x", "dong-2")
    with pytest.raises(TooMany):
        told(village, f"{KNOWN}/x", "dong-1")


def send(village: Village) -> list[str]:
    sender = PushSender(client(private=True), VAPID, lambda: village.now)
    with village.database.transaction() as session:
        due = push_queue.due(session, now=village.now, free={"others": 8})
        work = push_queue.claim(session, due, now=village.now, public_url=URL)
        outcomes = [(each.id, sender.send(each)) for each in work]
        for message, outcome in outcomes:
            push_queue.noted(session, message, outcome, now=village.now)
    return sorted(outcome.state for _, outcome in outcomes)


def test_whoever_took_nothing_for_long_gives_way(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MOST_OF_OTHERS", 2)
    with PushService(VAPID.public, NOW).open() as service:
        taking, refusing = service.browser("taking").endpoint, service.browser("refusing").endpoint
        told(village, taking)
        told(village, refusing)
        service.answers["/send/refusing"] = [(400, {})]
        village.air(village.announcement(), after=timedelta())
        assert send(village) == ["accepted", "failed"]
        with pytest.raises(TooMany):
            told(village, f"{UNKNOWN}/x")
        village.pass_time(seconds=SILENT.total_seconds())
        told(village, f"{UNKNOWN}/x")
        assert known(village) == sorted([taking, f"{UNKNOWN}/x"])
        with pytest.raises(TooMany):
            told(village, f"{UNKNOWN}/y")
