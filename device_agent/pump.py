"""The one pump that owns the sound card: takes orders in a row, and measures what it really wrote."""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from device_agent import pcm, sources
from device_agent.card import Abandoned, Card
from device_agent.code_tone import Echo
from device_agent.effects import NO_WORDS, ClipPart, Part, Play, SpokenPart
from device_agent.events import Cut, Finished, Sounding
from device_agent.listening import AFTER_MS, TONE_MS, Check, Loop
from device_agent.sinks import SinkFailed
from firmware_config.protocol import MOST_LATE_MS, PAUSE_MS, Evidence

_log = logging.getLogger(__name__)

Told = Sounding | Finished | Cut

_SHORT_MS = 1_000
_FRAME_S = pcm.FRAME_MS / 1000
# What a late order may take from the silence before it; the rest the amplifier needs to wake.
_LEAST_LEAD = 0.75
_SPARE_S = 2.0
_MOST_CHECKED_S = 3.0
_REAL_TIME = 5


@dataclass(slots=True, eq=False)
class Order:
    """A `Play` in the pump's hands."""

    play: Play
    begin: float
    """Monotonic second at which the first sample should be heard."""
    stop: threading.Event = field(default_factory=threading.Event)
    fade_ms: int = 0
    languages: list[str] = field(default_factory=list)
    meter: pcm.Meter = field(default_factory=pcm.Meter)
    late_ms: int | None = None
    """None until the first sample was written."""
    said: bool = False
    """Its last word has been heard; only silence is still to come."""
    check: Check | None = None
    echo: Echo | None = None
    volume: int = field(init=False)

    def __post_init__(self) -> None:
        self.volume = self.play.volume

    def evidence(self) -> Evidence:
        """What was measured."""
        meter, echo, late = self.meter, self.echo, self.late_ms or 0
        return Evidence(
            frames=meter.frames,
            ms=meter.ms,
            level=meter.level,
            peak=meter.peak,
            proof="frames" if echo is None else "loop",
            languages=tuple(self.languages),
            seconds=meter.seconds,
            late_ms=max(-MOST_LATE_MS, min(MOST_LATE_MS, late)),
            loop=None if echo is None else echo.level,
        )

    def failed(self, reason: str) -> Finished | Cut:
        """How it ended when the card failed: what was heard whole is not to be heard again."""
        return Finished(self.play.airing, self.play.attempt, self.evidence()) if self.said else self.cut(reason)

    def cut(self, reason: str) -> Cut:
        """How it ended before its last sample."""
        proof = None if self.late_ms is None else self.evidence()
        return Cut(self.play.airing, self.play.attempt, proof, reason)


class Deck:
    """What is asked of the pump: orders in a row, which sink, and when to end."""

    def __init__(self, spec: str) -> None:
        self.wake = threading.Condition()
        self.orders: list[Order] = []
        self.spec = spec
        self.closing = False

    def look(self, spec: str | None, wait_s: float | None) -> tuple[Order | None, str, bool]:
        """The first order, the sink asked for, whether to end; while nothing is new, after a wait (None: for ever)."""
        with self.wake:
            if not self.orders and not self.closing and self.spec == spec:
                self.wake.wait(wait_s)
            return next(iter(self.orders), None), self.spec, self.closing

    def end(self, order: Order) -> bool:
        """Strike an order off; False when somebody else has done it."""
        with self.wake:
            known = order in self.orders
            if known:
                self.orders.remove(order)
            return known


class _Stopped(Exception):
    """The core asked for silence."""


class Pump:
    """Carries out the orders of a deck until it is asked to end, or abandoned."""

    def __init__(
        self,
        deck: Deck,
        card: Card,
        clip_path: Callable[[str], Path],
        post: Callable[[Told], None],
        *,
        loop: Loop | None,
        mono: Callable[[], float],
    ) -> None:
        self.card = card
        self._deck, self._clip_path, self._post, self._loop, self._mono = deck, clip_path, post, loop, mono
        self._spare: sources.Spare | None = None
        self._spare_until = 0.0
        self.thread = threading.Thread(target=self._run, name="pump", daemon=True)

    def _run(self) -> None:
        _be_punctual()
        try:
            while self._turn():
                pass
            self.card.close()
        except Abandoned:
            self.card.drop()
        finally:
            self._drop_spare()

    def _turn(self) -> bool:
        order, spec, closing = self._deck.look(self.card.spec, self._patience_s())
        self.card.use(spec)
        if order is not None:
            self._perform(order)
        elif closing:
            return False
        else:
            self._idle()
        return True

    def _patience_s(self) -> float | None:
        if self.card.always_on or not self.card.taken:
            return self.card.wait_s()
        return None if self._spare is None else _SPARE_S

    def _idle(self) -> None:
        if self._mono() > self._spare_until:
            self._drop_spare()
        with contextlib.suppress(SinkFailed):
            self.card.take()
            if self.card.always_on:
                self.card.write(pcm.SILENCE)

    def _perform(self, order: Order) -> None:
        play = order.play
        reason, whole = "", False
        try:
            self.card.take()
            self._play(order)
            whole = True
        except _Stopped:
            self._spare_until = self._mono() + _SPARE_S
        except SinkFailed as failure:
            reason, whole = failure.code, order.said
        except sources.SourceFailed as failure:
            reason = str(failure)
            _log.warning("action=source_failed airing=%s detail=%s", play.airing, failure)
        if self._deck.end(order):
            self._post(Finished(play.airing, play.attempt, order.evidence()) if whole else order.cut(reason))

    def _play(self, order: Order) -> None:
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
                self._quiet(order, PAUSE_MS / 1000)
            written = self._part(order, source)
            due = part.clip.ms - _SHORT_MS if isinstance(part, ClipPart) else 0
            if written < max(pcm.FRAME_MS, due):
                raise sources.SourceFailed("decoder_short")
            if part.language != NO_WORDS:
                order.languages.append(part.language)
        # Whatever ends the silence after the last word, the words were played.
        with contextlib.suppress(_Stopped):
            self._quiet(order, self.card.ahead_s())
            order.said = True
            self._quiet(order, order.play.tail_ms / 1000)
        self._heard_back(order)

    def _lead(self, order: Order) -> None:
        lead_s = order.play.lead_ms / 1000
        while (early := order.begin - lead_s - self._mono() - self.card.ahead_s()) > 0:
            if self.card.always_on:
                self.card.write(pcm.silence(min(early, _FRAME_S)))
            else:
                order.stop.wait(early)
            if order.stop.is_set():
                raise _Stopped
        self.card.begin()
        left_s = order.begin - self._mono() - self.card.ahead_s()
        lead_s = min(lead_s, max(left_s, lead_s * _LEAST_LEAD))
        if self._loop is not None and lead_s * 1000 >= TONE_MS * _LEAST_LEAD:
            self._code_tone(order, self._loop, lead_s)
        else:
            self._quiet(order, lead_s)

    def _code_tone(self, order: Order, loop: Loop, lead_s: float) -> None:
        before_s = max(0.0, lead_s - TONE_MS / 1000)
        order.check = loop.listen(before_s + TONE_MS / 1000 + self.card.ahead_s())
        self._quiet(order, before_s)
        tone = loop.sound(pcm.RATE)
        for at in range(0, len(tone), pcm.FRAME_BYTES):
            if order.stop.is_set():
                raise _Stopped
            self.card.write(pcm.scaled(tone[at : at + pcm.FRAME_BYTES], pcm.gain(order.volume)))
        self._quiet(order, AFTER_MS / 1000)

    def _heard_back(self, order: Order) -> None:
        until = self._mono() + _MOST_CHECKED_S
        while order.check is not None and not order.check.over and self._mono() < until and not order.stop.is_set():
            if self.card.always_on:
                self.card.write(pcm.SILENCE)
            else:
                time.sleep(_FRAME_S)
        order.echo = order.check.echo if order.check is not None else None

    def _part(self, order: Order, source: sources.Source) -> int:
        written = 0
        before = 0.0
        try:
            for frame in _frames(source):
                factor = pcm.gain(order.volume)
                if order.stop.is_set():
                    self._fade(order, frame, source, factor)
                    raise _Stopped
                rises = pcm.risen(frame, factor) if not written else pcm.ramped(frame, before, factor)
                self._sound(order, pcm.scaled(frame, factor) if factor == before else rises)
                before = factor
                written += pcm.FRAME_MS
        finally:
            source.close()
        return written

    def _sound(self, order: Order, frame: bytes) -> None:
        heard = self.card.write(frame)
        order.meter.add(frame)
        if order.late_ms is None:
            play, order.late_ms = order.play, round((heard - order.begin) * 1000)
            at = (play.airing, play.attempt, order.late_ms, round(heard * 1000))
            _log.info("action=sounding airing=%s attempt=%d late_ms=%d mono_ms=%d", *at)
            self._post(Sounding(play.airing, play.attempt))
            self._keep_spare()

    def _fade(self, order: Order, frame: bytes, source: sources.Source, factor: float) -> None:
        steps = max(1, -(-order.fade_ms // pcm.FRAME_MS))
        fall = pcm.FRAME_MS / max(1, order.fade_ms)
        for nr in range(steps):
            loud = pcm.ramped(frame, factor * (1 - nr * fall), factor * (1 - (nr + 1) * fall))
            self._sound(order, loud)
            frame = source.frame() or pcm.SILENCE

    def _quiet(self, order: Order, seconds: float) -> None:
        silence = pcm.silence(seconds)
        for at in range(0, len(silence), pcm.FRAME_BYTES):
            if order.stop.is_set():
                raise _Stopped
            self.card.write(silence[at : at + pcm.FRAME_BYTES])

    def _open(self, part: Part) -> sources.Source:
        if isinstance(part, SpokenPart):
            return sources.spoken(part.text, part.language)
        if not isinstance(part, ClipPart):
            return sources.Tone(part.ms)
        path, spare = self._clip_path(part.clip.sha256), self._spare
        if spare is None:
            return sources.clip(path, part.clip.ms)
        self._spare = None
        return spare.clip(path, part.clip.ms)

    def _keep_spare(self) -> None:
        # Something urgent may push this aside at any moment, and should not have to wait for a decoder to start.
        if self._spare is None:
            with contextlib.suppress(sources.SourceFailed):
                self._spare = sources.Spare()

    def _drop_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.close()


def _be_punctual() -> None:
    """Let this thread come before all ordinary work of the board, where the kernel allows it; not its children."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(_REAL_TIME))


def _frames(source: sources.Source) -> Iterator[bytes]:
    while (frame := source.frame()) is not None:
        yield frame
