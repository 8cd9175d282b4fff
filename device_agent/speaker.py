"""The one pump that owns the sound card from boot to shutdown, and measures what it really wrote."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from device_agent import pcm, sources
from device_agent.effects import NO_WORDS, ClipPart, Part, Play, SpokenPart
from device_agent.events import Cut, Finished, Sounding
from device_agent.problems import Problem
from device_agent.sinks import Sink, SinkFailed
from firmware_config.protocol import PAUSE_MS, Evidence

_log = logging.getLogger(__name__)

_FADE_IN = 0.5  # of one frame's gain: a clip that begins inside a wave must not click
_SHORT_MS = 1_000
_CLOSING_FADE_MS = 30


@dataclass(slots=True, eq=False)
class _Order:
    """A `Play` in the pump's hands."""

    play: Play
    begin: float
    """Monotonic second of the first sample."""
    stop: threading.Event = field(default_factory=threading.Event)
    fade_ms: int = 0
    languages: list[str] = field(default_factory=list)
    meter: pcm.Meter = field(default_factory=pcm.Meter)
    sounded: bool = False
    volume: int = field(init=False)

    def __post_init__(self) -> None:
        self.volume = self.play.volume


class _Stopped(Exception):
    """The core asked for silence."""


class Speaker:
    """Plays one order at a time on its own thread and reports with `post`, never waiting for an answer."""

    def __init__(
        self,
        sink: Sink,
        clip_path: Callable[[str], Path],
        post: Callable[[Sounding | Finished | Cut], None],
        sink_state: Callable[[str], None],
    ) -> None:
        self._sink = sink
        self._clip_path = clip_path
        self._post = post
        self._sink_state = sink_state
        self._sink_problem = ""
        self._orders: list[_Order] = []
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="speaker", daemon=True)

    def start(self) -> None:
        """Take the card."""
        self._thread.start()

    def play(self, play: Play, in_s: float) -> None:
        """Play so that the first sample is written `in_s` seconds from now, or as soon after that as possible."""
        with self._wake:
            self._orders.append(_Order(play, time.monotonic() + in_s))
            self._wake.notify()

    def stop(self, airing: str, fade_ms: int) -> None:
        """Fade out that airing, if it plays."""
        with self._wake:
            for order in self._orders:
                if order.play.airing == airing:
                    order.fade_ms = fade_ms
                    order.stop.set()

    def turn_down(self, airing: str, volume: int) -> None:
        """No louder than `volume` from the next frame on, if that airing plays."""
        with self._wake:
            for order in self._orders:
                if order.play.airing == airing:
                    order.volume = min(order.play.volume, volume)

    def close(self, timeout: float = 1.5) -> None:
        """Fade out whatever plays and give the card back."""
        with self._wake:
            self._closing = True
            for order in self._orders:
                order.fade_ms = _CLOSING_FADE_MS
                order.stop.set()
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    @property
    def alive(self) -> bool:
        """Whether the pump still runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._orders and not self._closing and not self._sink.always_on:
                    self._wake.wait()
                order, closing = next(iter(self._orders), None), self._closing
            if order is not None:
                self._perform(order)
            elif closing:
                break
            else:
                self._idle()
        self._sink.close()

    def _idle(self) -> None:
        try:
            self._write(pcm.SILENCE)
        except SinkFailed:
            time.sleep(1.0)

    def _perform(self, order: _Order) -> None:
        play = order.play
        reason, whole = "", False
        try:
            self._play(order)
            whole = True
        except _Stopped:
            pass
        except SinkFailed as failure:
            reason = "sink_failed"
            _log.warning("action=sink_failed airing=%s detail=%s", play.airing, failure)
        except sources.SourceFailed as failure:
            reason = str(failure)
            _log.warning("action=source_failed airing=%s detail=%s", play.airing, failure)
        with self._wake:
            self._orders.remove(order)
        evidence = _evidence(order)
        if whole:
            self._post(Finished(play.airing, play.attempt, evidence))
        else:
            self._post(Cut(play.airing, play.attempt, evidence if order.sounded else None, reason))

    def _play(self, order: _Order) -> None:
        # The first decoder works ahead while we wait for the moment.
        opened = self._open(order.play.parts[0])
        try:
            self._lead(order)
        except BaseException:
            opened.close()
            raise
        for nr, part in enumerate(order.play.parts):
            source = opened if nr == 0 else self._open(part)
            if nr:
                self._silence(order, PAUSE_MS)
            written = self._part(order, source)
            due = part.clip.ms - _SHORT_MS if isinstance(part, ClipPart) else 0
            if written < max(pcm.FRAME_MS, due):
                raise sources.SourceFailed("decoder_short")
            if part.language != NO_WORDS:
                order.languages.append(part.language)
        # Whatever ends the silence after the last word, the words were played.
        with contextlib.suppress(_Stopped):
            self._silence(order, order.play.tail_ms)

    def _part(self, order: _Order, source: sources.Source) -> int:
        written = 0
        before = pcm.gain(order.volume) * _FADE_IN
        try:
            for frame in _frames(source):
                factor = pcm.gain(order.volume)
                if order.stop.is_set():
                    self._fade(order, frame, source, factor)
                    raise _Stopped
                self._sound(order, pcm.scaled(frame, factor) if factor == before else pcm.ramped(frame, before, factor))
                before = factor
                written += pcm.FRAME_MS
        finally:
            source.close()
        return written

    def _sound(self, order: _Order, frame: bytes) -> None:
        self._write(frame)
        order.meter.add(frame)
        if not order.sounded:
            order.sounded = True
            late = round((time.monotonic() - order.begin) * 1000)
            _log.info("action=sounding airing=%s attempt=%d late_ms=%d", order.play.airing, order.play.attempt, late)
            self._post(Sounding(order.play.airing, order.play.attempt))

    def _fade(self, order: _Order, frame: bytes, source: sources.Source, factor: float) -> None:
        steps = max(1, -(-order.fade_ms // pcm.FRAME_MS))
        fall = pcm.FRAME_MS / max(1, order.fade_ms)
        for nr in range(steps):
            loud = pcm.ramped(frame, factor * (1 - nr * fall), factor * (1 - (nr + 1) * fall))
            self._sound(order, loud)
            frame = source.frame() or pcm.SILENCE

    def _lead(self, order: _Order) -> None:
        lead_s = order.play.lead_ms / 1000
        while (ahead := order.begin - lead_s - self._sink.latency_ms / 1000 - time.monotonic()) > 0:
            if self._sink.always_on:
                self._write(pcm.SILENCE)
            else:
                order.stop.wait(ahead)
            if order.stop.is_set():
                raise _Stopped
        self._sink.begin()
        self._silence(order, order.play.lead_ms)

    def _silence(self, order: _Order, ms: int) -> None:
        for _ in range(ms // pcm.FRAME_MS):
            if order.stop.is_set():
                raise _Stopped
            self._write(pcm.SILENCE)

    def _write(self, frame: bytes) -> None:
        try:
            self._sink.write(frame)
        except SinkFailed:
            self._tell(Problem.NO_SOUND_CARD)
            raise
        self._tell("")

    def _tell(self, problem: str) -> None:
        if problem != self._sink_problem:
            self._sink_problem = problem
            self._sink_state(problem)

    def _open(self, part: Part) -> sources.Source:
        if isinstance(part, ClipPart):
            return sources.clip(self._clip_path(part.clip.sha256), part.clip.ms)
        if isinstance(part, SpokenPart):
            return sources.spoken(part.text, part.language)
        return sources.Tone(part.ms)


def _frames(source: sources.Source) -> Iterator[bytes]:
    while (frame := source.frame()) is not None:
        yield frame


def _evidence(order: _Order) -> Evidence:
    meter = order.meter
    return Evidence(meter.frames, meter.ms, meter.level, meter.peak, "frames", tuple(order.languages))
