"""Nudges to open pages: "airing-12 changed", never what changed; the page asks again. Losing one is harmless."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from fastapi.sse import ServerSentEvent

RETRY_MS = 3_000


@dataclass(eq=False)
class Listener:
    """One open page: the names that changed since it was last told, each once however often it changed."""

    topic: str
    loop: asyncio.AbstractEventLoop
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    def wake(self, *, close: bool = False) -> None:
        """Called on any thread."""
        self.closed = self.closed or close
        # The page's own loop may have ended between our look at the list and now.
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.changed.set)


class LiveHub:
    """Who is looking at what; `nudge` may be called from any thread and never waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._closed = False

    def nudge(self, topic: str) -> None:
        """Tell every page looking at this topic to ask again."""
        for listener in self._of(topic):
            listener.wake()

    def open(self) -> int:
        """How many pages are listening."""
        with self._lock:
            return len(self._listeners)

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed = True
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.wake(close=True)

    async def stream(self, topic: str) -> AsyncGenerator[ServerSentEvent]:
        """Events for one page until it leaves; the first one comes at once, so a reconnected page catches up."""
        listener = Listener(topic, asyncio.get_running_loop())
        with self._lock:
            self._listeners.add(listener)
        try:
            yield ServerSentEvent(event=topic, raw_data="changed", retry=RETRY_MS)
            while not (listener.closed or self._closed):
                await listener.changed.wait()
                listener.changed.clear()
                yield ServerSentEvent(event=topic, raw_data="changed")
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def _of(self, topic: str) -> list[Listener]:
        with self._lock:
            return [listener for listener in self._listeners if listener.topic == topic]
