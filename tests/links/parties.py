"""Who meets at the broker in these tests: a broker with certificates, and a speaker that writes down what it gets."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from broadcaster.links.embedded_broker import EmbeddedBroker
from broadcaster.links.mail import Mailbox, News
from broadcaster.links.mqtt import BrokerAddress, BrokerLink
from broadcaster.links.tls import TlsFiles
from firmware_config import pki
from firmware_config.pki import Authority, Issued


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for something that another thread brings about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


class Fatal:
    """Collects the deaths of threads, which otherwise end the process."""

    def __init__(self) -> None:
        self.deaths: list[tuple[str, BaseException]] = []

    def __call__(self, name: str, error: BaseException) -> None:
        self.deaths.append((name, error))


@dataclass
class Place:
    """A broker's folder with an authority, and files for whoever wants to connect."""

    folder: Path
    authority: Authority
    port: int

    def files(self, name: str, issued: Issued | None = None, *, authority: Authority | None = None) -> TlsFiles:
        found = issued or (authority or self.authority).issue(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        tls = TlsFiles(self.folder / "ca.pem", self.folder / f"{name}.pem", self.folder / f"{name}.key")
        tls.authority.write_bytes(self.authority.certificate_pem)
        tls.certificate.write_bytes(found.certificate_pem)
        tls.key.write_bytes(found.key_pem)
        return tls

    def broker(self, fatal: Fatal) -> EmbeddedBroker:
        server = self.files("broker-server", self.authority.issue("broker-server", server_names=["localhost"]))
        return EmbeddedBroker(self.folder / "broker", server, port=self.port, on_fatal=fatal)

    def link(self, mailbox: Mailbox, news: SimpleQueue[News], fatal: Fatal) -> BrokerLink:
        address = BrokerAddress("127.0.0.1", self.port)
        tls = self.files("broadcaster")
        return BrokerLink(address, tls, mailbox=mailbox, news=news, on_fatal=fatal, chance=lambda: 0.05)


def make_place(folder: Path) -> Place:
    return Place(folder, pki.create_authority("Loa test"), free_port())


class Listener:
    """A speaker's bare connection: subscribes, remembers the last message of each topic, publishes."""

    def __init__(self, place: Place, name: str, topics: list[str], tls: TlsFiles | None = None) -> None:
        self.received: dict[str, bytes] = {}
        self.log: list[tuple[str, bytes]] = []
        self.connections = 0
        self.subscribed = threading.Event()
        self._topics = topics
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=paho.MQTTv311)
        self.client.tls_set_context((tls or place.files(name)).client_context())
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = self._on_connect
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.connect_async("127.0.0.1", place.port, 30)

    def _on_connect(self, client: paho.Client, _data: object, _flags: object, reason: object, _more: object) -> None:
        if str(reason) == "Success":
            self.connections += 1
            if self._topics:
                client.subscribe([(topic, 1) for topic in self._topics])
            else:
                self.subscribed.set()

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self.received[message.topic] = bytes(message.payload)
        self.log.append((message.topic, bytes(message.payload)))

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(5)


@contextlib.contextmanager
def listening(listener: Listener) -> Iterator[Listener]:
    """The listener, connected and subscribed."""
    listener.client.loop_start()
    try:
        assert listener.subscribed.wait(10)
        yield listener
    finally:
        listener.client.disconnect()
        listener.client.loop_stop()
