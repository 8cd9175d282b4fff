"""A link to one broker: what comes in, what goes out, and what becomes of both when the broker goes away."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

import pytest

from broadcaster.links.embedded_broker import EmbeddedBroker
from broadcaster.links.mail import Acknowledged, Down, Mailbox, News, Up
from broadcaster.links.mqtt import BrokerLink, full_jitter
from firmware_config.protocol import topics
from tests.links.parties import Fatal, Listener, Place, listening, until

pytestmark = pytest.mark.broker


@dataclass
class Desk:
    """A link with what it says collected."""

    link: BrokerLink
    mailbox: Mailbox
    queue: SimpleQueue[News]
    news: list[News] = field(default_factory=list)

    def heard(self, kind: type[News]) -> list[News]:
        try:
            while True:
                self.news.append(self.queue.get_nowait())
        except Empty:
            return [item for item in self.news if isinstance(item, kind)]


@pytest.fixture
def desk(place: Place, fatal: Fatal) -> Iterator[Desk]:
    mailbox, queue = Mailbox(limit=500), SimpleQueue[News]()
    found = Desk(place.link(mailbox, queue, fatal), mailbox, queue)
    found.link.start()
    yield found
    found.link.ask_to_stop()
    assert found.link.join(3.0)


def test_a_publication_is_acknowledged_by_its_number_and_arrives(
    desk: Desk, broker: EmbeddedBroker, place: Place
) -> None:
    assert until(lambda: desk.link.connected)
    with listening(Listener(place, "loa-a", [topics.manifest("loa-a")])) as speaker:
        mid = desk.link.publish(topics.manifest("loa-a"), b"hello", retain=True)
        assert mid is not None
        assert until(lambda: Acknowledged(desk.link.name, mid) in desk.heard(Acknowledged))
        assert until(lambda: speaker.received == {topics.manifest("loa-a"): b"hello"})


def test_many_publications_are_all_acknowledged(desk: Desk, broker: EmbeddedBroker) -> None:
    assert until(lambda: desk.link.connected)
    mids = {desk.link.publish(topics.manifest(f"loa-{at}"), b"x" * 3000, retain=True) for at in range(2000)}
    assert len(mids) == 2000
    assert until(lambda: len(desk.heard(Acknowledged)) == 2000)


def test_without_a_broker_nothing_is_taken_and_it_goes_on_trying(desk: Desk, place: Place, fatal: Fatal) -> None:
    assert until(lambda: len(desk.heard(Down)) >= 2)
    assert desk.link.publish(topics.manifest("loa-a"), b"x", retain=True) is None
    broker = place.broker(fatal)
    broker.start()
    assert until(lambda: desk.link.connected)
    assert desk.heard(Up) == [Up(desk.link.name)]
    broker.stop()


def test_after_a_broker_died_the_subscriptions_are_made_anew(desk: Desk, broker: EmbeddedBroker, place: Place) -> None:
    assert until(lambda: desk.link.connected)
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGKILL)
    assert until(lambda: len(desk.heard(Up)) == 2)
    assert desk.heard(Down)
    with listening(Listener(place, "loa-a", [])) as speaker:
        speaker.say(topics.presence("loa-a"), b"here", retain=True)
        assert until(lambda: len(desk.mailbox) > 0)
    [letter] = desk.mailbox.take(10, 0.1)
    assert (letter.topic, letter.payload) == (topics.presence("loa-a"), b"here")


def test_t20_poison_of_ten_megabytes_and_bad_topics_leave_the_thread_alive(
    desk: Desk, broker: EmbeddedBroker, place: Place
) -> None:
    assert until(lambda: desk.link.connected)
    poison = Listener(place, "loa-p", [])
    with listening(Listener(place, "loa-a", [])) as good:
        poison.client.loop_start()
        assert until(lambda: poison.connections > 0)
        poison.client.publish(topics.receipts("loa-p"), b"\xff" * 10_000_000, qos=1)
        poison.client.publish(topics.receipts("loa-p") + "/deeper", b"x", qos=1)
        assert until(lambda: poison.connections > 1 or not poison.client.is_connected(), 5) or True
        good.say(topics.receipts("loa-a"), b"good")
        assert until(lambda: len(desk.mailbox) > 0)
        poison.client.loop_stop()
    letters = desk.mailbox.take(10, 0.1)
    assert [letter.payload for letter in letters if letter.topic == topics.receipts("loa-a")] == [b"good"]
    assert all(len(letter.payload) < 10_000_000 for letter in letters)
    assert desk.link.alive
    assert desk.link.connected


def test_a_full_mailbox_drops_and_counts_and_never_waits(desk: Desk, broker: EmbeddedBroker, place: Place) -> None:
    assert until(lambda: desk.link.connected)
    with listening(Listener(place, "loa-a", [])) as speaker:
        for _ in range(600):
            last = speaker.client.publish(topics.receipts("loa-a"), b"x", qos=1)
        last.wait_for_publish(10)
        assert until(lambda: desk.mailbox.dropped == 100)
    assert len(desk.mailbox) == 500


def test_a_broker_that_began_again_behind_the_line_is_noticed_by_its_uptime(desk: Desk, broker: EmbeddedBroker) -> None:
    assert until(lambda: desk.link.connected)
    assert until(lambda: len(desk.heard(Up)) == 1)
    desk.link._note_uptime(b"500 seconds")
    desk.link._note_uptime(b"505 seconds")
    assert len(desk.heard(Up)) == 1
    desk.link._note_uptime(b"3 seconds")
    assert len(desk.heard(Up)) == 2


def test_the_wait_before_another_try_doubles_up_to_a_minute_and_chance_spreads_it() -> None:
    assert [full_jitter(attempt, 1.0) for attempt in (0, 1, 2, 5, 6, 100)] == [1, 2, 4, 32, 60, 60]
    assert full_jitter(6, 0.25) == 15.0
