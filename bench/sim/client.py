"""In place of paho's client: what `Link` asks of it, over a virtual line to a virtual broker."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.sim.broker import Broker
from bench.sim.broker import Session as Connection
from bench.sim.kernel import only
from bench.sim.line import Line


@dataclass(frozen=True, slots=True)
class Code:
    """A reason code."""

    text: str
    is_failure: bool = False

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Info:
    """What publishing returns."""

    rc: int
    mid: int = 0

    def wait_for_publish(self, timeout: float | None = None) -> None:
        """Nothing to wait for."""


@dataclass(frozen=True, slots=True)
class Message:
    """What has come."""

    topic: str
    payload: bytes
    mid: int
    qos: int = 1


class Client:
    """One connection."""

    on_connect: Callable[..., None]
    on_subscribe: Callable[..., None]
    on_disconnect: Callable[..., None]
    on_message: Callable[..., None]

    def __init__(
        self,
        device: str,
        line: Line,
        brokers: Mapping[str, Broker],
        stirred: Callable[[], None],
        told: Callable[[bytes], None],
    ) -> None:
        self._kernel, self._device, self._line, self._brokers = line.kernel, device, line, brokers
        self._stirred, self._told = stirred, told
        self._broker: Broker | None = None
        self._session: Connection | None = None
        self._will: tuple[str, bytes] | None = None
        self._mids = 0
        self._closed = False

    def will_set(self, topic: str, payload: bytes, **_: object) -> None:
        """Its last words."""
        self._will = (topic, payload)

    def connect(self, host: str, port: int, keepalive: int) -> None:
        """Raises OSError where nobody answers."""
        del keepalive
        broker = self._brokers.get(f"{host}:{port}")
        if broker is None or not broker.up or self._line.fails():
            raise TimeoutError(f"{host}:{port}")
        self._broker = broker

    def loop_start(self) -> None:
        """The answer comes a little later, or never."""
        self._kernel.after(60, self._joined)
        self._kernel.after(30_000, self._give_up)

    def loop_stop(self) -> None:
        """The thread ends."""
        self._closed = True

    def subscribe(self, topics: Sequence[tuple[str, int]]) -> None:
        """Acknowledged by the broker a little later."""
        session, broker = self._session, self._broker
        assert session is not None
        assert broker is not None

        def granted() -> None:
            if session.open:
                broker.subscribe(session, [topic for topic, _ in topics])
                session.line.carry(lambda: self._tell(self.on_subscribe, self, None, 1, [], None))

        session.line.carry(granted)

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool = False) -> Info:
        """On its way."""
        del qos
        session, broker = self._session, self._broker
        if session is None or broker is None or not session.open:
            return Info(4)
        self._kernel.note("says", self._device, topic, payload)
        session.line.carry(only(lambda: session.open, lambda: broker.publish(topic, payload, retain=retain)))
        return Info(0)

    def ack(self, mid: int, qos: int) -> None:
        """A clean session keeps nothing, so that nothing hangs on it."""
        self._kernel.note("acks", self._device, mid, qos)

    def disconnect(self) -> None:
        """Orderly."""
        self._closed = True
        if self._session is not None and self._broker is not None:
            self._broker.leave(self._session, "goodbye")

    def vanish(self) -> None:
        """The power is gone: the broker will notice by itself."""
        self._closed = True
        session, broker = self._session, self._broker
        if session is not None and broker is not None:
            self._kernel.after(45_000, lambda: broker.leave(session, "keepalive"))

    def _joined(self) -> None:
        broker = self._broker
        if self._closed or broker is None or not broker.up or self._line.fails():
            return
        self._session = Connection(self._device, self._line, self._heard, self._ended, self._will)
        broker.join(self._session)
        self._tell(self.on_connect, self, None, None, Code("Success"), None)

    def _give_up(self) -> None:
        if self._session is None and not self._closed:
            self._tell(self.on_disconnect, self, None, None, Code("timeout", is_failure=True), None)

    def _heard(self, topic: str, payload: bytes) -> None:
        self._mids += 1
        self._kernel.note("gets", self._device, topic, payload)
        self._told(payload)
        self._tell(self.on_message, self, None, Message(topic, payload, self._mids))

    def _ended(self, reason: str) -> None:
        self._tell(self.on_disconnect, self, None, None, Code(reason, is_failure=True), None)

    def _tell(self, callback: Callable[..., None], *arguments: object) -> None:
        if not self._closed:
            callback(*arguments)
            self._stirred()
