"""What plays: a pump, and a watch that puts another in its place when the sound card does not come back."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from device_agent.card import Card
from device_agent.effects import Play
from device_agent.listening import Loop
from device_agent.problems import Problem
from device_agent.pump import Deck, Order, Pump, Told
from device_agent.sinks import Sink, SinkStuck

_log = logging.getLogger(__name__)

_CLOSING_FADE_MS = 30
_LOOK_S = 0.5
# Longer than a sink itself waits. Looks are counted, not seconds: a process that was stopped for a while is not stuck.
_MOST_LOOKS = 8
_MOST_LEFT_BEHIND = 3


class Speaker:
    """Plays one order at a time on its own thread and reports with `post`, never waiting for an answer."""

    def __init__(
        self,
        open_sink: Callable[[str], Sink],
        spec: str,
        clip_path: Callable[[str], Path],
        post: Callable[[Told], None],
        sink_state: Callable[[str], None],
        *,
        loop: Loop | None = None,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_sink` opens what a spec names or raises SinkFailed; `sink_state` is told a problem, or "" for none."""
        self._open_sink = open_sink
        self._clip_path, self._post, self._sink_state, self._loop, self._mono = clip_path, post, sink_state, loop, mono
        self._problem = ""
        self._deck = Deck(spec)
        self._left_behind: list[threading.Thread] = []
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._watch_over, name="pump-watch", daemon=True)
        self._pump = self._new_pump(Card(self._open, self._tell, mono))

    def start(self) -> None:
        """Take the card."""
        self._pump.thread.start()
        self._watch.start()

    def play(self, play: Play, in_s: float) -> None:
        """Play so that the first sample is heard `in_s` seconds from now, or as soon after that as possible."""
        order = Order(play, self._mono() + in_s)
        with self._deck.wake:
            self._deck.orders.append(order)
            self._deck.wake.notify()

    def stop(self, airing: str, fade_ms: int) -> None:
        """Fade out that airing, if it plays."""
        for order in self._orders_of(airing):
            order.fade_ms = fade_ms
            order.stop.set()

    def turn_down(self, airing: str, volume: int) -> None:
        """No louder than `volume` from the next frame on, if that airing plays."""
        for order in self._orders_of(airing):
            order.volume = min(order.play.volume, volume)

    def use(self, spec: str) -> None:
        """From the next item on, play through another sink: `aplay:<card>`, `wav:<folder>` or `silent`."""
        with self._deck.wake:
            self._deck.spec = spec
            self._deck.wake.notify()

    def close(self, timeout: float = 1.5) -> None:
        """Fade out whatever plays and give the card back."""
        self._ended.set()
        with self._deck.wake:
            self._deck.closing = True
            for order in self._deck.orders:
                order.fade_ms = _CLOSING_FADE_MS
                order.stop.set()
            self._deck.wake.notify()
        for thread in (self._watch, self._pump.thread):
            if thread.is_alive():
                thread.join(timeout)

    @property
    def alive(self) -> bool:
        """Whether the pump still runs."""
        return self._pump.thread.is_alive()

    def _orders_of(self, airing: str) -> list[Order]:
        with self._deck.wake:
            return [order for order in self._deck.orders if order.play.airing == airing]

    def _new_pump(self, card: Card) -> Pump:
        return Pump(self._deck, card, self._clip_path, self._post, loop=self._loop, mono=self._mono)

    def _watch_over(self) -> None:
        call = looks = 0
        while not self._ended.wait(_LOOK_S):
            before, call = call, self._pump.card.call
            looks = looks + 1 if call and call == before else 0
            if looks >= _MOST_LOOKS:
                self._replace()
                looks = 0

    def _replace(self) -> None:
        """Leave a pump behind whose sink does not return, and report what it had in hand."""
        stuck = self._pump
        with self._deck.wake:
            stuck.card.abandoned = True
            order = next(iter(self._deck.orders), None)
        failures = stuck.card.failures + 1
        _log.error("action=sink_restarted times=%d sink=%s", failures, self._deck.spec)
        self._left_behind.append(stuck.thread)
        self._tell(Problem.SINK_STUCK)
        if order is not None and self._deck.end(order):
            self._post(order.failed(SinkStuck.code))
        self._pump = self._new_pump(Card(self._open, self._tell, self._mono, failures=failures, last=SinkStuck()))
        self._pump.thread.start()

    def _open(self, spec: str) -> Sink:
        self._left_behind = [thread for thread in self._left_behind if thread.is_alive()]
        if len(self._left_behind) > _MOST_LEFT_BEHIND:
            raise SinkStuck("earlier calls hang")
        return self._open_sink(spec)

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._sink_state(problem)
