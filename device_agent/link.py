"""The MQTT link: the only file of the speaker that knows paho. Its callbacks put mail into the box and never raise."""

import logging
import socket
import ssl
import threading
from collections.abc import Callable
from functools import partial

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from device_agent import line
from device_agent.backoff import Backoff
from device_agent.mail import LinkDown, LinkUp, LiveCame, Mailbox, ManifestCame
from device_agent.senses import REAL, Senses
from device_agent.traffic import Traffic
from firmware_config import packing
from firmware_config.protocol import SIZE_LIMIT, Presence, topics

_log = logging.getLogger(__name__)

KEEPALIVE_S = 30
HALF_OPEN_S = 42.0
"""A ping goes out after 30 s of silence; when nothing at all has come by now, the other side is gone."""

Dial = Callable[[Callable[[str], None]], mqtt.Client]
"""Makes a client that is to be connected; what it is given is told when the client's network thread ends."""


class _Client(mqtt.Client):
    """paho's client, whose network thread does not die in silence."""

    on_end: Callable[[str], None]

    def loop_forever(self, timeout: float = 1.0, retry_first_connection: bool = False) -> MQTTErrorCode:
        """What the network thread does; whatever ends it, `on_end` is told."""
        reason = "ended"
        try:
            return super().loop_forever(timeout, retry_first_connection)
        except Exception as failure:  # noqa: BLE001 - a hostile broker may raise anything out of paho
            reason = f"{type(failure).__name__}: {failure}"
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        finally:
            self.on_end(reason)

    def loop_misc(self) -> MQTTErrorCode:
        """What the network thread does about once a second; raises TimeoutError on a half-open connection."""
        connection = self.socket()
        # By itself paho needs two keepalives to find it.
        if isinstance(connection, ssl.SSLSocket) and line.silent_s(connection) > HALF_OPEN_S:
            raise TimeoutError("the broker is silent")
        return super().loop_misc()

    def _create_socket_connection(self) -> line.Connection:
        return line.connect((self.host, self.port), self.connect_timeout)


class Link:
    """Keeps one clean session at one of several brokers, for ever."""

    def __init__(
        self,
        device: str,
        *,
        boot: str,
        brokers: tuple[str, ...],
        dial: Dial | None,
        mailbox: Mailbox,
        senses: Senses = REAL,
    ) -> None:
        """Without a way to `dial` it stays down."""
        self._device = device
        self._boot = boot
        self._brokers = brokers
        self._dial = dial
        self._mailbox = mailbox
        self._backoff, self._tries = Backoff(), 0
        self._chance, self._mono = senses.chance, senses.mono
        self._places: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._client: mqtt.Client | None = None
        self._up = False
        self._listening = False
        self._worked = False
        self._lost = self._mono()
        self._ended = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def close(self) -> None:
        """Say goodbye and end."""
        self._closing.set()
        client = self._client
        if client is not None and self._up:
            gone = Presence(online=False, boot=self._boot).to_bytes()
            info = client.publish(topics.presence(self._device), gone, qos=1, retain=True)
            try:
                info.wait_for_publish(0.5)
            except (RuntimeError, ValueError):
                _log.debug("action=goodbye_unsent")
            client.disconnect()
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    @property
    def up(self) -> bool:
        """Connected, as far as TCP can tell."""
        return self._up

    def gone_s(self) -> float:
        """Seconds since the link was last up, 0 while it is."""
        return 0.0 if self._up else self._mono() - self._lost

    @property
    def alive(self) -> bool:
        """Whether the link's thread still runs."""
        return self._thread.is_alive()

    def use(self, brokers: tuple[str, ...]) -> None:
        """Take another list of brokers at the next connect."""
        self._brokers = brokers

    def listen(self, units: tuple[str, ...], groups: tuple[str, ...]) -> None:
        """Listen to these places too, now and after every connect."""
        if (units, groups) != self._places:
            self._places = (units, groups)
            client = self._client
            if client is not None and self._up:
                self._subscribe(client)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Hand a message to the connection, QoS 1; False when there is none."""
        client = self._client
        if client is None or not self._up:
            return False
        return client.publish(topic, payload, qos=1, retain=retain).rc == mqtt.MQTT_ERR_SUCCESS

    def turn(self) -> float | None:
        """Connect, or let go of a connection that is over; seconds until the next turn, None = when this one ends."""
        client = self._client
        if client is None:
            broker = self._next_broker()
            if broker and self._connect(broker):
                return None
        elif not self._ended.is_set():
            return None
        else:
            if self._worked:
                self._backoff.reset()
            self._down()
            self._client = None
            client.disconnect()
            client.loop_stop()
        return self._backoff.next(self._chance())

    def _run(self) -> None:
        while not self._closing.is_set():
            seconds = self.turn()
            (self._closing if self._client is None else self._ended).wait(seconds)
        client, self._client = self._client, None
        if client is not None:
            self._down()
            client.disconnect()
            client.loop_stop()

    def _next_broker(self) -> str:
        brokers = self._brokers
        broker = brokers[self._tries % len(brokers)] if brokers and self._dial else ""
        self._tries += 1
        return broker

    def _connect(self, broker: str) -> bool:
        """Whether a connection has begun; paho tells later what became of it."""
        self._ended.clear()
        self._listening = self._worked = False
        client = self._new_client(broker)
        host, _, port = broker.rpartition(":")
        try:
            client.connect(host, int(port), keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as failure:
            self._mailbox.put(LinkDown(f"{type(failure).__name__}: {failure}"))
            return False
        self._client = client
        client.loop_start()
        return True

    def _down(self) -> None:
        if self._up:
            self._up, self._lost = False, self._mono()

    def _on_end(self, reason: str) -> None:
        if not self._ended.is_set():
            self._mailbox.put(LinkDown(reason))
            self._ended.set()

    def _new_client(self, broker: str) -> mqtt.Client:
        assert self._dial is not None
        client = self._dial(self._on_end)
        client.will_set(
            topics.presence(self._device), Presence(online=False, boot=self._boot).to_bytes(), qos=1, retain=True
        )
        client.on_connect = self._on_connect
        client.on_subscribe = partial(self._on_subscribe, broker)
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _subscribe(self, client: mqtt.Client) -> None:
        wanted = topics.speaker_subscriptions(self._device, *self._places)
        client.subscribe([(topic, 1) for topic in wanted])

    def _on_connect(self, client: mqtt.Client, _data: object, _flags: object, code: object, *_: object) -> None:
        if getattr(code, "is_failure", True):
            self._mailbox.put(LinkDown(f"refused: {code}"))
            self._ended.set()
            return
        self._subscribe(client)
        born = Presence(online=True, boot=self._boot).to_bytes()
        client.publish(topics.presence(self._device), born, qos=1, retain=True)
        self._up = self._worked = True

    def _on_subscribe(self, broker: str, *_told: object) -> None:
        # Asking what we should hold before we can hear the answer would be asking in vain.
        if not self._listening:
            self._listening = True
            self._mailbox.put(LinkUp(broker))

    def _on_disconnect(self, _client: mqtt.Client, *told: object) -> None:
        self._down()
        self._mailbox.put(LinkDown(str(told[2])))
        self._ended.set()

    def _on_message(self, client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        ack = partial(self._ack, client, message.mid, message.qos)
        if message.topic == topics.manifest(self._device):
            self._mailbox.put(ManifestCame(packing.plain(bytes(message.payload), SIZE_LIMIT), ack))
        else:
            self._mailbox.put(LiveCame(bytes(message.payload), ack))

    def _ack(self, client: mqtt.Client, mid: int, qos: int) -> None:
        # An old session's message comes again in the new one; acknowledging it here would confuse the two.
        if client is self._client:
            client.ack(mid, qos)


def secure_dial(device: str, context: ssl.SSLContext, traffic: Traffic | None = None) -> Dial:
    """Makes paho's clients for connections over TLS, whose bytes are counted."""
    counter = traffic or Traffic()

    def opened(_client: mqtt.Client, _data: object, connection: object) -> None:
        if isinstance(connection, socket.socket):
            counter.watch(connection)

    def closing(_client: mqtt.Client, _data: object, connection: object) -> None:
        if isinstance(connection, socket.socket):
            counter.release(connection)

    def dial(on_end: Callable[[str], None]) -> mqtt.Client:
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=device,
            clean_session=True,
            protocol=mqtt.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.tls_set_context(context)
        client.on_socket_open, client.on_socket_close = opened, closing
        client.on_end = on_end
        return client

    return dial
