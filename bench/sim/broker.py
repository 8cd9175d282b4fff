"""A broker that promises nothing: it may be killed, and forgets what it retained."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bench.sim.kernel import Kernel, only
from bench.sim.line import Line
from bench.sim.spans import Spans


@dataclass(eq=False)
class Session:
    """One client's connection as the broker sees it."""

    client: str
    line: Line
    heard: Callable[[str, bytes], None]
    ended: Callable[[str], None]
    will: tuple[str, bytes] | None = None
    filters: set[str] = field(default_factory=set)
    open: bool = True

    def deliver(self, topic: str, payload: bytes) -> None:
        """On its way to the client."""
        self.line.carry(only(lambda: self.open, lambda: self.heard(topic, payload)))


class Broker:
    """MQTT as far as anybody here relies on it."""

    def __init__(self, kernel: Kernel, name: str) -> None:
        self.name = name
        self.up = True
        self.alive = Spans()
        self.alive.set(kernel.now, true=True)
        self._kernel = kernel
        self._sessions: dict[str, Session] = {}
        self._retained: dict[str, bytes] = {}

    def join(self, session: Session) -> None:
        """A client has connected; an older connection of the same name is over."""
        older = self._sessions.get(session.client)
        if older is not None:
            self.leave(older, "taken over")
        self._sessions[session.client] = session
        session.line.watch(lambda reason: self.leave(session, reason))

    def subscribe(self, session: Session, filters: Iterable[str]) -> None:
        """From now on it hears these, what is retained first."""
        wanted = [one for one in filters if one not in session.filters]
        session.filters.update(wanted)
        for topic, payload in list(self._retained.items()):
            if any(_fits(topic, one) for one in wanted):
                session.deliver(topic, payload)

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """To everybody who listens."""
        if not self.up:
            return
        self._kernel.note("broker", self.name, topic, payload, retain)
        if retain:
            self._retained[topic] = payload
            if not payload:
                del self._retained[topic]
        for session in list(self._sessions.values()):
            if any(_fits(topic, one) for one in session.filters):
                session.deliver(topic, payload)

    def leave(self, session: Session, reason: str) -> None:
        """A connection is over, however that came."""
        if not session.open:
            return
        session.open = False
        if self._sessions.get(session.client) is session:
            del self._sessions[session.client]
        session.ended(reason)
        if session.will is not None and reason != "goodbye":
            self.publish(*session.will, retain=True)

    def kill(self, *, wipe: bool) -> None:
        """Its process ends; with its disk go the retained messages."""
        self._kernel.note("broker", self.name, "killed", wipe)
        self.up = False
        self.alive.set(self._kernel.now, true=False)
        for session in list(self._sessions.values()):
            self.leave(session, "killed")
        if wipe:
            self._retained.clear()

    def start(self) -> None:
        """It is there again."""
        self._kernel.note("broker", self.name, "started")
        self.up = True
        self.alive.set(self._kernel.now, true=True)


def _fits(topic: str, wanted: str) -> bool:
    if "+" not in wanted:
        return topic == wanted
    mine, theirs = topic.split("/"), wanted.split("/")
    return len(mine) == len(theirs) and all(want in {"+", part} for part, want in zip(mine, theirs, strict=True))
