"""T24: what a speaker's certificate opens on a real broker, and what it does not."""

import queue
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from firmware_config import pki
from firmware_config.pki import Authority, Issued
from firmware_config.protocol import topics
from tests.broker import RunningBroker, running_mosquitto

pytestmark = pytest.mark.broker

OURS = pki.create_authority("Loa")
THEIRS = pki.create_authority("Loa")
VICTIM, THIEF = "loa-victim", "loa-thief"
WAIT = 5.0


class Peer:
    """One client on the broker; it keeps what it receives."""

    def __init__(self, broker: RunningBroker, folder: Path, tls: Issued | None, client_id: str) -> None:
        self.received: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.connected, self.lost, self._subscribed = threading.Event(), threading.Event(), threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv311)
        self._client.tls_set_context(self._context(broker, folder, tls))
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = lambda *_: self.lost.set()
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = lambda _c, _u, one: self.received.put((one.topic, bytes(one.payload)))
        self._client.connect(broker.host, broker.port, keepalive=30)
        self._client.loop_start()

    def _on_connect(self, _client: object, _data: object, _flags: object, code: ReasonCode, _more: object) -> None:
        if not code.is_failure:
            self.connected.set()

    @staticmethod
    def _context(broker: RunningBroker, folder: Path, tls: Issued | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(broker.ca))
        if tls is not None:
            (folder / "peer.pem").write_bytes(tls.certificate_pem)
            (folder / "peer.key").write_bytes(tls.key_pem)
            context.load_cert_chain(folder / "peer.pem", folder / "peer.key")
        return context

    def up(self) -> "Peer":
        assert self.connected.wait(WAIT)
        return self

    def subscribe(self, *names: str) -> None:
        for name in names:
            self._subscribed.clear()
            self._client.subscribe(name, qos=1)
            assert self._subscribed.wait(WAIT)

    def publish(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(WAIT)

    def heard(self) -> list[tuple[str, bytes]]:
        """All that came before now: the broker answers in order, so the answer to a subscription closes the list."""
        self.subscribe("fence")
        found = []
        while not self.received.empty():
            found.append(self.received.get())
        return found

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


Join = Callable[..., Peer]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    server = OURS.issue("broker", server_names=("localhost",))
    with running_mosquitto(
        tmp_path_factory.mktemp("broker"),
        acl=topics.acl(pki.BROADCASTER),
        ca=OURS.certificate_pem,
        cert=server.certificate_pem,
        key=server.key_pem,
    ) as found:
        yield found


@pytest.fixture
def join(broker: RunningBroker, tmp_path: Path) -> Iterator[Join]:
    peers: list[Peer] = []

    def connect(name: str, *, tls: Issued | None = None, client_id: str = "") -> Peer:
        peers.append(Peer(broker, tmp_path, tls or OURS.issue(name), client_id or name))
        return peers[-1]

    yield connect
    for peer in peers:
        peer.close()


def rogue(name: str, authority: Authority = OURS, *, ended: bool = False) -> Issued:
    """A certificate that our own `issue` would never make."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=-1 if ended else 1))
        .sign(authority.key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Issued(pem, certificate.public_bytes(serialization.Encoding.PEM))


def everything_of(device: str) -> list[str]:
    to_speaker = [topics.manifest(device), topics.command(device)]
    return to_speaker + [name(device) for name in (topics.state, topics.receipts, topics.presence, topics.resync)]


def speak_to_the_victim(director: Peer, victim: Peer) -> None:
    """The victim hears its manifest, its command and its unit: whatever was tried, its session is whole."""
    sent = [(topic, b"for you") for topic in (topics.manifest(VICTIM), topics.command(VICTIM))]
    for topic, payload in sent:
        director.publish(topic, payload)
    assert [one for one in victim.heard() if one[0] != topics.unit_now("xa")] == sent
    assert not victim.lost.is_set()


@pytest.fixture
def director(join: Join) -> Peer:
    peer = join(pki.BROADCASTER).up()
    peer.subscribe(*topics.broadcaster_subscriptions())
    return peer


@pytest.fixture
def victim(join: Join) -> Peer:
    peer = join(VICTIM).up()
    peer.subscribe(*topics.speaker_subscriptions(VICTIM, ["xa"], ["cho"]))
    return peer


def test_a_speaker_and_the_broadcaster_hear_each_other(director: Peer, victim: Peer) -> None:
    down = [topics.manifest(VICTIM), topics.command(VICTIM), topics.unit_now("xa"), topics.group_now("cho")]
    for topic in down:
        director.publish(topic)
    assert victim.heard() == [(topic, b"x") for topic in down]
    up = [name(VICTIM) for name in (topics.state, topics.receipts, topics.presence, topics.resync)]
    for topic in up:
        victim.publish(topic)
    assert [one for one in director.heard() if not one[0].startswith("$SYS")] == [(topic, b"x") for topic in up]


def test_the_broadcaster_sees_how_long_the_broker_has_been_up(director: Peer) -> None:
    topic, payload = director.received.get(timeout=WAIT)
    assert (topic, payload.endswith(b"seconds")) == (topics.BROKER_UPTIME, True)


def test_t24_a_speaker_hears_nothing_meant_for_another(join: Join, director: Peer, victim: Peer) -> None:
    thief = join(THIEF).up()
    thief.subscribe("#", "vl/#", "vl/1/d/+/manifest", "vl/1/d/#", "+/1/d/+/state", "$SYS/#", *everything_of(VICTIM))
    for name in (topics.state, topics.receipts):
        victim.publish(name(VICTIM), b"mine")
    speak_to_the_victim(director, victim)
    assert thief.heard() == []
    director.publish(topics.manifest(THIEF), b"yours")
    assert set(thief.heard()) == {(topics.manifest(THIEF), b"yours")}


def test_t24_a_speaker_cannot_speak_for_the_broadcaster_or_for_another(
    join: Join, director: Peer, victim: Peer
) -> None:
    thief = join(THIEF).up()
    director.heard()
    forbidden = [topics.unit_now("xa"), topics.group_now("cho"), topics.manifest(THIEF), topics.command(THIEF)]
    for topic in (*everything_of(VICTIM), *forbidden, topics.BROKER_UPTIME):
        thief.publish(topic, b"forged")
        thief.publish(topic, b"forged", retain=True)
    assert victim.heard() == []
    assert b"forged" not in [payload for _, payload in director.heard()]
    speak_to_the_victim(director, victim)


def test_t24_another_s_client_id_does_not_push_it_off(join: Join, director: Peer, victim: Peer) -> None:
    thief = join(THIEF, client_id=VICTIM).up()
    thief.subscribe(topics.manifest(VICTIM))
    speak_to_the_victim(director, victim)
    assert thief.heard() == []


@pytest.mark.parametrize("name", ["#", "+", "loa-victim/#", "+/manifest"])
def test_t24_a_wildcard_for_a_name_opens_nothing(name: str, join: Join, director: Peer, victim: Peer) -> None:
    thief = join("wild", tls=rogue(name))
    if thief.connected.wait(1):
        director.heard()
        thief.publish(topics.command(VICTIM), b"forged")
        thief.publish(topics.state(VICTIM), b"forged")
        thief.subscribe("#", *everything_of(VICTIM))
        speak_to_the_victim(director, victim)
        assert thief.heard() == []
        assert b"forged" not in [payload for _, payload in director.heard()]
    speak_to_the_victim(director, victim)


@pytest.mark.parametrize(
    "tls",
    [
        pytest.param(rogue(VICTIM, THEIRS), id="another authority"),
        pytest.param(rogue(VICTIM, ended=True), id="ended"),
        pytest.param(rogue(pki.BROADCASTER, THEIRS), id="another authority's broadcaster"),
    ],
)
def test_t24_a_certificate_that_is_not_good_gets_no_connection(
    tls: Issued, join: Join, director: Peer, victim: Peer
) -> None:
    refused = join(VICTIM, tls=tls)
    assert refused.lost.wait(WAIT)
    assert not refused.connected.is_set()
    speak_to_the_victim(director, victim)


def test_t24_without_a_certificate_there_is_no_connection(
    broker: RunningBroker, tmp_path: Path, director: Peer, victim: Peer
) -> None:
    nobody = Peer(broker, tmp_path, None, VICTIM)
    assert nobody.lost.wait(WAIT)
    assert not nobody.connected.is_set()
    nobody.close()
    speak_to_the_victim(director, victim)
