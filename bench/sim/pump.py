"""In place of the sound card's owner: writes frames in virtual time, and knows what it really wrote."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.sim.kernel import Kernel
from device_agent.effects import NO_WORDS, ClipPart, Play
from device_agent.events import Cut, Finished, Sounding
from device_agent.playlist import parts_ms
from firmware_config.protocol import Evidence, Millis

SPOKEN_MS = 4_000
FRAME_MS = 20


@dataclass(slots=True)
class Sound:
    """What came out of one loudspeaker, in true time."""

    speaker: str
    airing: str
    attempt: int
    clips: tuple[str, ...]
    volume: int
    begun: Millis
    known: bool
    """Whether the board had a right to know the time when it was told to play."""
    ended: Millis = 0
    whole: bool = False


@dataclass(slots=True, eq=False)
class Order:
    """A `Play` in hand."""

    play: Play
    ms: Millis
    sound: Sound | None = None
    over: bool = False


class Pump:
    """What the agent asks of `Speaker`, on a virtual card."""

    alive = True

    def __init__(
        self,
        kernel: Kernel,
        speaker: str,
        post: Callable[[Sounding | Finished | Cut], None],
        *,
        known: Callable[[], bool],
        broken: Callable[[], bool],
        sounds: list[Sound],
    ) -> None:
        self._kernel, self._speaker, self._post = kernel, speaker, post
        self._known, self._broken, self._sounds = known, broken, sounds
        self._orders: list[Order] = []
        self._dead = False

    def start(self) -> None:
        """The card is there."""

    def play(self, play: Play, in_s: float) -> None:
        """First sample so many seconds from now, or when the amplifier is awake."""
        order = Order(play, parts_ms(play.parts) or SPOKEN_MS)
        self._orders.append(order)
        known = self._known()
        self._kernel.after(max(in_s * 1_000, play.lead_ms, 0), lambda: self._begin(order, known=known))

    def stop(self, airing: str, fade_ms: int) -> None:
        """Fade out."""
        for order in self._orders:
            if order.play.airing == airing:
                self._kernel.after(fade_ms, lambda one=order: self._end(one))  # type: ignore[misc]

    def turn_down(self, airing: str, volume: int) -> None:
        """Quieter from now on."""
        for order in self._orders:
            if order.play.airing == airing and order.sound is not None:
                order.sound.volume = min(order.sound.volume, volume)

    def use(self, spec: str) -> None:
        """There is one card only."""
        del spec

    def close(self, timeout: float = 0.0) -> None:
        """The process leaves; so much patience it has."""
        del timeout
        for order in list(self._orders):
            self._end(order)

    def die(self) -> None:
        """The power is gone; nobody is told anything."""
        self._dead = True
        for order in self._orders:
            self._silence(order, whole=False)
        self._orders.clear()

    def _begin(self, order: Order, *, known: bool) -> None:
        if order.over or self._dead:
            return
        play = order.play
        if self._broken():
            self._end(order, "sink_failed")
            return
        clips = tuple(part.clip.sha256 for part in play.parts if isinstance(part, ClipPart))
        order.sound = Sound(self._speaker, play.airing, play.attempt, clips, play.volume, self._kernel.now, known)
        self._sounds.append(order.sound)
        self._kernel.note("sounds", self._speaker, play.airing, play.attempt, play.volume, *clips)
        self._post(Sounding(play.airing, play.attempt))
        self._kernel.after(order.ms, lambda: self._written(order))

    def _written(self, order: Order) -> None:
        if order.over or self._dead:
            return
        if self._broken():
            self._end(order, "sink_failed")
            return
        self._silence(order, whole=True)
        self._kernel.after(order.play.tail_ms, lambda: self._end(order))

    def _end(self, order: Order, reason: str = "") -> None:
        if order.over or self._dead:
            return
        order.over = True
        self._orders.remove(order)
        sound, play = order.sound, order.play
        if sound is None:
            self._post(Cut(play.airing, play.attempt, None, reason))
            return
        self._silence(order, whole=False)
        evidence = self._evidence(order, sound)
        if sound.whole:
            self._post(Finished(play.airing, play.attempt, evidence))
        else:
            self._post(Cut(play.airing, play.attempt, evidence, reason))

    def _silence(self, order: Order, *, whole: bool) -> None:
        sound = order.sound
        if sound is not None and not sound.ended:
            sound.ended, sound.whole = self._kernel.now, whole
            self._kernel.note("silent", self._speaker, sound.airing, sound.attempt, whole)

    def _evidence(self, order: Order, sound: Sound) -> Evidence:
        frames = (sound.ended - sound.begun) // FRAME_MS
        languages = tuple(part.language for part in order.play.parts if part.language != NO_WORDS)
        return Evidence(frames, frames * FRAME_MS, -2_000, -300, "frames", languages if sound.whole else ())
