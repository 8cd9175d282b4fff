"""The link against a real Mosquitto with TLS and the product's own access rules."""

import queue
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from device_agent.link import Link, secure_dial
from device_agent.mail import LinkDown, LinkUp, LiveCame, Mail, Mailbox, ManifestCame
from device_agent.senses import REAL
from firmware_config import packing
from firmware_config.protocol import Resync, topics
from tests.agent.hostile_broker import hostile_broker
from tests.agent.mqtt_side import MqttSide, eventually
from tests.agent.station import Station
from tests.broker import RunningBroker

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("agent")]

NOBODY = "127.0.0.1:9"
HASTY = replace(REAL, chance=lambda: 0.05)


class Box:
    """A mailbox looked into by kind."""

    def __init__(self) -> None:
        self.mailbox: Mailbox = Mailbox()
        self.seen: list[Mail] = []

    def next(self, kind: type[Mail]) -> Mail:
        while True:
            try:
                letter = self.mailbox.get(timeout=30)
            except queue.Empty:
                raise AssertionError(f"no {kind.__name__}, only {self.seen}") from None
            self.seen.append(letter)
            if isinstance(letter, kind):
                return letter

    def has(self, kind: type[Mail]) -> bool:
        while not self.mailbox.empty():
            self.seen.append(self.mailbox.get())
        return any(isinstance(letter, kind) for letter in self.seen)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def new_link(station: Station, broker: RunningBroker, box: Box) -> Iterator[Callable[..., Link]]:
    folder = station.bundle().parent / "tls"
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    context.load_cert_chain(folder / "speaker.pem", folder / "speaker.key")
    links: list[Link] = []

    def make(*brokers: str) -> Link:
        found = brokers or (f"localhost:{broker.port}",)
        dial = secure_dial(station.device, context)
        link = Link(station.device, boot="boot-1", brokers=found, dial=dial, mailbox=box.mailbox, senses=HASTY)
        links.append(link)
        link.start()
        return link

    yield make
    for link in links:
        link.close()


def test_a_message_comes_again_until_it_is_acknowledged(
    station: Station, mqtt_side: MqttSide, new_link: Callable[..., Link], box: Box
) -> None:
    link = new_link()
    box.next(LinkUp)
    mqtt_side.publish_manifest()
    first = box.next(ManifestCame)
    assert isinstance(first, ManifestCame)
    link.close()
    again = new_link()
    second = box.next(ManifestCame)
    assert isinstance(second, ManifestCame)
    assert second.raw == first.raw
    # An acknowledgement for a session that is over must not disturb the new one.
    first.ack()
    second.ack()
    assert again.up


def test_a_manifest_is_the_same_packed_or_not(
    new_link: Callable[..., Link], mqtt_side: MqttSide, station: Station, box: Box
) -> None:
    new_link()
    box.next(LinkUp)
    whole = station.sealed_manifest()
    broken = packing.packed(whole)[:-9]
    for sent, read in ((whole, whole), (packing.packed(whole), whole), (broken, broken)):
        mqtt_side.command(sent, topics.manifest(station.device))
        letter = box.next(ManifestCame)
        assert isinstance(letter, ManifestCame)
        assert letter.raw == read
        letter.ack()


def test_a_broker_that_has_fallen_silent_is_left_before_a_second_keepalive(
    new_link: Callable[..., Link], box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device_agent.link.HALF_OPEN_S", 0.5)
    new_link()
    box.next(LinkUp)
    down = box.next(LinkDown)
    assert isinstance(down, LinkDown)
    assert "silent" in down.reason
    # It comes back by itself.
    box.next(LinkUp)


def test_the_next_broker_is_tried(new_link: Callable[..., Link], broker: RunningBroker, box: Box) -> None:
    link = new_link(NOBODY, f"localhost:{broker.port}")
    box.next(LinkUp)
    assert link.up
    assert box.has(LinkDown)
    assert link.gone_s() == 0.0


def test_it_listens_to_its_places_too(
    station: Station, mqtt_side: MqttSide, new_link: Callable[..., Link], box: Box
) -> None:
    link = new_link()
    box.next(LinkUp)
    link.listen(("xa-yen-chau", "ban-mot"), ("cho",))
    unit, group, foreign, own = (station.live(Resync()) for _ in range(4))

    def heard() -> bool:
        mqtt_side.command(unit, topics.unit_now("xa-yen-chau"))
        time.sleep(0.1)
        return box.has(LiveCame)

    eventually(heard)
    mqtt_side.command(group, topics.group_now("cho"))
    mqtt_side.command(foreign, topics.unit_now("ban-khac"))
    mqtt_side.command(own)
    came = [unit]
    while came[-1] == unit:
        letter = box.next(LiveCame)
        assert isinstance(letter, LiveCame)
        came.append(letter.raw)
    last = box.next(LiveCame)
    assert isinstance(last, LiveCame)
    assert (came[-1], last.raw) == (group, own)


def test_it_says_hello_and_goodbye_and_publishes_only_while_up(
    station: Station, mqtt_side: MqttSide, new_link: Callable[..., Link], box: Box
) -> None:
    link = new_link()
    assert not link.publish(topics.state(station.device), b"{}")
    box.next(LinkUp)
    eventually(lambda: [one.online for one in mqtt_side.presences] == [True])
    link.close()
    eventually(lambda: [one.online for one in mqtt_side.presences] == [True, False])
    assert not link.up


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broker_of_another_authority_is_not_trusted(
    station: Station, broker: RunningBroker, box: Box, tmp_path: Path
) -> None:
    folder = station.bundle().parent / "tls"
    strangers = Station(tmp_path / "elsewhere")
    context = ssl.create_default_context(cadata=strangers.authority.certificate_pem.decode())
    context.load_cert_chain(folder / "speaker.pem", folder / "speaker.key")
    dial = secure_dial(station.device, context)
    link = Link(station.device, boot="b-1", brokers=(f"localhost:{broker.port}",), dial=dial, mailbox=box.mailbox)
    link.start()
    down = box.next(LinkDown)
    assert isinstance(down, LinkDown)
    assert "CERTIFICATE_VERIFY_FAILED" in down.reason
    link.close()
    strangers.close()


def test_callbacks_never_raise_whatever_comes(
    station: Station, mqtt_side: MqttSide, new_link: Callable[..., Link], box: Box
) -> None:
    link = new_link()
    box.next(LinkUp)
    for raw in (b"", b"\xff" * 1_000, b"{" * 100_000):
        mqtt_side.command(raw)
        assert isinstance(box.next(LiveCame), LiveCame)
    assert link.up
    assert link.alive


@pytest.mark.parametrize(
    "evil",
    [b"\x30\x05\x00\x02\xff\xfex", b"\x30\x01\x00", b"\x40\x00", b"\x00\x00", b"\xf0\xff\xff\xff\xff\x7f"],
    ids=["topic_not_utf8", "torn_publish", "empty_puback", "no_packet", "endless_length"],
)
def test_a_broker_that_talks_nonsense_is_left_and_the_link_lives(
    station: Station, box: Box, tmp_path: Path, evil: bytes
) -> None:
    folder = station.bundle().parent / "tls"
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    context.load_cert_chain(folder / "speaker.pem", folder / "speaker.key")
    with hostile_broker(station, tmp_path / "hostile", evil) as broker:
        link = Link(
            station.device,
            boot="boot-1",
            brokers=(broker.address,),
            dial=secure_dial(station.device, context),
            mailbox=box.mailbox,
            senses=HASTY,
        )
        link.start()
        box.next(LinkUp)
        box.next(LinkDown)
        eventually(lambda: broker.connections >= 2)
        assert link.alive
        link.close()
