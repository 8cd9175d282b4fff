"""The station's MQTT side: publishes through a real broker and takes in what the speaker says."""

import ssl
import threading
import time
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from firmware_config import packing
from firmware_config.protocol import Presence, ResyncRequest, State, topics
from tests.agent.station import Station
from tests.broker import RunningBroker


class MqttSide:
    """Publishes the station's manifest, answers resyncs, collects receipts, states and presences."""

    def __init__(self, station: Station, broker: RunningBroker, folder: Path) -> None:
        self.station = station
        self.states: list[State] = []
        self.presences: list[Presence] = []
        self.resyncs: list[ResyncRequest] = []
        self.receipt_messages = 0
        self.packed = 0
        """How many of them came packed."""
        self.answers = True
        self._up = threading.Event()
        folder.mkdir(parents=True, exist_ok=True)
        issued = station.authority.issue("broadcaster")
        (folder / "cert.pem").write_bytes(issued.certificate_pem)
        (folder / "key.pem").write_bytes(issued.key_pem)
        context = ssl.create_default_context(cafile=broker.ca)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="broadcaster")
        self._client.tls_set_context(context)
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(topic, 1) for topic in topics.broadcaster_subscriptions()]
        )
        self._client.on_subscribe = lambda *_: self._up.set()
        self._client.on_message = lambda _client, _data, message: self._take(message.topic, bytes(message.payload))
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        assert self._up.wait(30)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish_manifest(self) -> None:
        self._client.publish(topics.manifest(self.station.device), self.station.sealed_manifest(), qos=1, retain=True)

    def command(self, raw: bytes, topic: str | None = None) -> None:
        self._client.publish(topic or topics.command(self.station.device), raw, qos=1)

    def _take(self, topic: str, payload: bytes) -> None:
        if not topic.startswith("vl/"):
            return
        kind = topics.parse(topic).kind
        if kind is topics.TopicKind.RECEIPTS:
            self.receipt_messages += 1
            if payload.startswith(packing.MAGIC):
                self.packed += 1
                payload = packing.unpacked(payload, 262_144)
            self.station.take(payload)
        elif kind is topics.TopicKind.STATE:
            self.states.append(State.from_bytes(payload))
        elif kind is topics.TopicKind.PRESENCE:
            self.presences.append(Presence.from_bytes(payload))
        elif kind is topics.TopicKind.RESYNC:
            request = ResyncRequest.from_bytes(payload)
            self.resyncs.append(request)
            if self.answers:
                self.command(self.station.resynced(request.nonce))


def eventually(what: object, seconds: float = 40.0) -> None:
    """Wait until a callable is true; an AssertionError when it never is."""
    assert callable(what)
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)
