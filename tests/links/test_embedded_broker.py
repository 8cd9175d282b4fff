"""The broker that we start ourselves: TLS only, everyone within their own topics, brought back when it dies."""

import os
import signal
import ssl
import time
from pathlib import Path

import pytest

from broadcaster.domain.errors import NoBroker, PortTaken
from broadcaster.links import embedded_broker
from broadcaster.links.embedded_broker import EmbeddedBroker
from firmware_config import pki
from firmware_config.protocol import topics
from tests.links.parties import Fatal, Listener, Place, listening, until

pytestmark = pytest.mark.broker


def test_it_stops_within_two_seconds_and_leaves_nothing(place: Place, fatal: Fatal) -> None:
    broker = place.broker(fatal)
    broker.start()
    pid = broker.pid
    began = time.monotonic()
    broker.stop()
    assert time.monotonic() - began < 2.0
    assert not Path(f"/proc/{pid}").exists()


def test_one_that_is_killed_is_started_again(broker: EmbeddedBroker) -> None:
    first = broker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert until(lambda: broker.pid not in {None, first})


def test_what_a_killed_server_left_behind_is_ended_first(place: Place, fatal: Fatal) -> None:
    left = place.broker(fatal)
    left.start()
    left._watcher.ask_to_stop()
    left._watcher.join(1.0)
    fresh = place.broker(fatal)
    fresh.start()
    assert fresh.pid != left.pid
    fresh.stop()
    left.stop()


def test_without_the_program_there_are_words_for_it() -> None:
    with pytest.raises(NoBroker) as caught:
        embedded_broker.find_program(["no-such-broker"])
    assert caught.value.code == "no_broker"


def test_a_port_that_is_taken_is_named(broker: EmbeddedBroker, place: Place, fatal: Fatal) -> None:
    second = Place(place.folder / "second", place.authority, place.port).broker(fatal)
    with pytest.raises(PortTaken, match=str(place.port)):
        second.start()


@pytest.mark.usefixtures("broker")
def test_a_speaker_reads_and_writes_its_own_topics_only(place: Place) -> None:
    everything = ["#", topics.manifest("loa-b"), topics.command("loa-b"), topics.state("loa-b")]
    thief = Listener(place, "loa-a", [*everything, topics.manifest("loa-a"), topics.unit_now("ban-mot")])
    server = Listener(place, "broadcaster", topics.broadcaster_subscriptions())
    with listening(thief), listening(server):
        for topic in (topics.manifest("loa-b"), topics.manifest("loa-a"), topics.unit_now("ban-mot")):
            server.say(topic, b"x")
        thief.say(topics.state("loa-b"), b"forged")
        thief.say(topics.unit_now("ban-mot"), b"forged")
        thief.say(topics.state("loa-a"), b"mine")
        assert until(lambda: topics.state("loa-a") in server.received)
        assert until(lambda: topics.unit_now("ban-mot") in thief.received)
    assert topics.state("loa-b") not in server.received
    assert set(thief.received) == {topics.manifest("loa-a"), topics.unit_now("ban-mot")}
    assert thief.received[topics.unit_now("ban-mot")] == b"x"


@pytest.mark.usefixtures("broker")
def test_another_client_id_does_not_throw_the_rightful_one_off(place: Place) -> None:
    rightful = Listener(place, "loa-a", [topics.manifest("loa-a")])
    with listening(rightful):
        impostor = Listener(place, "loa-a", [topics.manifest("loa-b")], place.files("loa-b"))
        with listening(impostor):
            time.sleep(0.3)
        assert rightful.connections == 1


@pytest.mark.usefixtures("broker")
@pytest.mark.parametrize("kind", ["none", "stranger"])
def test_without_a_certificate_of_ours_nobody_comes_in(place: Place, kind: str) -> None:
    stranger = place.files("loa-x", authority=pki.create_authority("Somebody else"))
    listener = Listener(place, "loa-x", ["#"], stranger)
    if kind == "none":
        listener = Listener(place, "loa-y", ["#"])
        listener.client._ssl_context = ssl.create_default_context(cafile=str(place.folder / "ca.pem"))
    listener.client.loop_start()
    assert not listener.subscribed.wait(1.5)
    listener.client.loop_stop()
    assert listener.connections == 0
