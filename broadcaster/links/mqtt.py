"""One connection to one broker; the only file of the server that knows paho.

A connection is a client of its own and is thrown away when it breaks: nothing paho queued survives into the next
one, so an older manifest can never follow a newer one. The network loop runs on our thread, where its death is seen.
"""

import contextlib
import random
import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import cast

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from broadcaster.links.mail import Acknowledged, Down, Inbound, Mailbox, News, Up
from broadcaster.links.tls import TlsFiles
from broadcaster.worker import OnFatal, Worker
from firmware_config.protocol import topics

log = structlog.get_logger(__name__)

KEEPALIVE = 30
FASTEST, SLOWEST = 1.0, 60.0
INFLIGHT = 500
READS = 200


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def full_jitter(attempt: int, chance: float) -> float:
    """Seconds before try number `attempt` (from 0), with `chance` in 0..1: between nothing and a doubling ceiling."""
    return chance * min(SLOWEST, FASTEST * 2.0 ** min(attempt, 10))


@dataclass(slots=True)
class _Life:
    """One connection from its first byte to its last."""

    client: paho.Client
    waker: socket.socket
    connected: bool = False
    uptime: int = -1
    over: bool = False


class BrokerLink:
    """Keeps one connection to one broker: messages go to the mailbox, news about the link to `news`."""

    def __init__(
        self,
        address: BrokerAddress,
        tls: TlsFiles,
        *,
        mailbox: Mailbox,
        news: SimpleQueue[News],
        on_fatal: OnFatal,
        client_id: str = "broadcaster",
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name = str(address)
        self.connections = 0
        self._address, self._tls, self._client_id = address, tls, client_id
        self._mailbox, self._news, self._chance = mailbox, news, chance
        self._life: _Life | None = None
        self._worker = Worker(f"link-{self.name}", self._run, on_fatal=on_fatal)

    @property
    def connected(self) -> bool:
        """Whether the broker accepted us and our subscriptions, and nothing has shown the opposite since."""
        life = self._life
        return life is not None and life.connected

    @property
    def alive(self) -> bool:
        """Whether the network thread runs."""
        return self._worker.alive

    def start(self) -> None:
        """Begin connecting, for ever, with back-off."""
        self._worker.start()

    def ask_to_stop(self) -> None:
        """Begin to leave; the broker is told."""
        self._worker.ask_to_stop()
        if life := self._life:
            _wake(life.waker)

    def join(self, seconds: float = 2.0) -> bool:
        """Wait for the thread to leave."""
        return self._worker.join(seconds)

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int | None:
        """Hand a message over with QoS 1; its number, to be seen again in Acknowledged, or None when not connected."""
        life = self._life
        if life is None or not life.connected:
            return None
        info = life.client.publish(topic, payload, qos=1, retain=retain)
        # 4 means queued inside paho, not refused: it counts as under way until this life ends.
        if info.rc not in {paho.MQTT_ERR_SUCCESS, paho.MQTT_ERR_NO_CONN}:
            log.warning("publish refused", action="publish-refused", link=self.name, rc=int(info.rc))
            return None
        return int(info.mid)

    def _run(self, stopping: threading.Event) -> None:
        attempt = 0
        while not stopping.is_set():
            if self._live_once(stopping):
                attempt = 0
            if not stopping.is_set():
                delay = full_jitter(attempt, self._chance())
                stopping.wait(delay)
                attempt += 1

    def _live_once(self, stopping: threading.Event) -> bool:
        """One connection; whether the broker ever accepted it."""
        reader, waker = socket.socketpair()
        reader.settimeout(0)
        waker.settimeout(0)
        with reader, waker:
            before = self.connections
            try:
                # Certificates are read anew each time: they may have been renewed, or be half written just now.
                life = self._life = _Life(self._new_client(waker), waker)
                life.client.connect(self._address.host, self._address.port, KEEPALIVE)
                self._pump(life, reader, stopping)
            except OSError as error:
                level = log.warning if before == 0 or self.connections > before else log.debug
                level("broker unreachable", action="link-failed", link=self.name, error=str(error))
            finally:
                self._life = None
                self._news.put(Down(self.name))
            return self.connections > before

    def _new_client(self, waker: socket.socket) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=paho.MQTTv311,
            reconnect_on_failure=False,
        )
        client.tls_set_context(self._tls.client_context())
        client.max_inflight_messages_set(INFLIGHT)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect
        # With an outside loop paho never writes on the publisher's thread: it rings, we write.
        client.on_socket_register_write = lambda *_: _wake(waker)
        client.on_socket_unregister_write = _nothing
        return client

    def _pump(self, life: _Life, reader: socket.socket, stopping: threading.Event) -> None:
        client = life.client
        wire = cast("socket.socket", client.socket())
        with selectors.DefaultSelector() as selector:
            selector.register(reader, selectors.EVENT_READ)
            selector.register(wire, selectors.EVENT_READ)
            wanted = selectors.EVENT_READ
            while not life.over and not stopping.is_set():
                wishes = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.want_write() else 0)
                if wishes != wanted:
                    selector.modify(wire, wishes)
                    wanted = wishes
                selector.select(1.0)
                with contextlib.suppress(BlockingIOError):
                    reader.recv(4096)
                if not _turn(client):
                    return
            client.disconnect()
            client.loop_write()

    def _on_connect(
        self, client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            log.warning("broker refused us", action="link-refused", link=self.name, reason=str(reason))
            return
        # Subscriptions made anywhere else are lost when the broker restarts.
        client.subscribe([(topic, 1) for topic in topics.broadcaster_subscriptions()])

    def _on_subscribe(self, *_: object) -> None:
        # Only now do we hear what is said.
        if life := self._life:
            life.connected = True
        self.connections += 1
        log.info("link up", action="link-up", link=self.name)
        self._news.put(Up(self.name))

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        # An exception here would end the network thread while everything still looks connected.
        try:
            if message.topic == topics.BROKER_UPTIME:
                self._note_uptime(bytes(message.payload))
            else:
                self._mailbox.put(Inbound(message.topic, bytes(message.payload), message.retain))
        except (UnicodeDecodeError, ValueError):
            self._mailbox.dropped += 1

    def _note_uptime(self, payload: bytes) -> None:
        life, seconds = self._life, int(payload.split()[0])
        if life and seconds < life.uptime:
            self._news.put(Up(self.name))
        if life:
            life.uptime = seconds

    def _on_publish(self, _client: paho.Client, _data: object, mid: int, _reason: object, _properties: object) -> None:
        self._news.put(Acknowledged(self.name, mid))

    def _on_disconnect(
        self, _client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if life := self._life:
            life.connected, life.over = False, True
        log.info("link down", action="link-down", link=self.name, reason=str(reason))


def _turn(client: paho.Client) -> bool:
    """Read what has come, write what is waiting, keep the line alive; False when the connection is over."""
    # Bounded, so that a flood of messages cannot keep us from writing.
    for _ in range(READS):
        if client.loop_read() != paho.MQTT_ERR_SUCCESS:
            return False
        wire = client.socket()
        if not (isinstance(wire, ssl.SSLSocket) and wire.pending()):
            break
    if client.want_write() and client.loop_write() != paho.MQTT_ERR_SUCCESS:
        return False
    return client.loop_misc() == paho.MQTT_ERR_SUCCESS


def _wake(waker: socket.socket) -> None:
    # Full means a wake is already waiting; closed means nobody is left to wake.
    with contextlib.suppress(OSError):
        waker.send(b"\0")


def _nothing(*_: object) -> None:
    return
