"""The core's state, and one turn of it: facts change, effects gather."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from device_agent.effects import Effect, LogPlay, Part, Record, Save, SpokenPart, StopPlaying
from device_agent.ledger import Entry, Step, advance
from firmware_config.protocol import ClockState, Event, Evidence, Klass, Manifest, Millis, Played, SignedAnnouncement

HOLD_MS = 2_000
"""How long nothing starts after the card or a decoder failed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What this speaker's own configuration allows."""

    volumes: Mapping[Klass, int]
    """Ceiling per class, 0..100."""
    lead_ms: int
    tail_ms: int
    speakable: frozenset[str] = frozenset()
    """Languages the board can speak by itself."""
    heard_level: int = -4_500
    """Centi-dBFS over speech below which `finished` does not become `heard`."""
    speak_after_ms: int = 15_000
    """How long an airing waits for its clips before it is heard without; an emergency is spoken by the board."""
    prepare_ms: int = 1_500
    """How long before the first sample the decoder starts."""
    fade_ms: int = 30
    tone_ms: int = 0
    """Length of the code tone before the first sample, 0 where nothing listens; then `heard` wants it heard back."""


@dataclass(frozen=True, slots=True)
class Playing:
    """What the pump has in hand."""

    airing: str
    attempt: int
    parts: tuple[Part, ...]
    sounding: bool = False
    stopping: bool = False
    cancel_reason: str = ""
    """Not empty when it is being stopped for good."""

    @property
    def fallback(self) -> bool:
        """Whether the board itself speaks some of it."""
        return any(isinstance(part, SpokenPart) for part in self.parts)


@dataclass(frozen=True, slots=True)
class State:
    """All the core knows."""

    limits: Limits
    manifest: Manifest | None = None
    announcements: Mapping[str, SignedAnnouncement] = field(default_factory=dict)
    clips: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    ledger: Mapping[str, Entry] = field(default_factory=dict)
    fresh: frozenset[str] = frozenset()
    """Live airings whose freshness was proved since boot."""
    playing: Playing | None = None
    clock: ClockState = ClockState.UNTRUSTED
    cap: int = 100
    hold_until: Millis = 0
    """Nothing starts before, because the card or a decoder has just failed."""
    trouble: str = ""
    """How the last attempt failed, until one sounds."""
    stopped: frozenset[str] = frozenset()
    """Airings that were stopped before they were heard of."""
    plays: Mapping[tuple[str, int], Played] = field(default_factory=dict)
    """What was and is heard here by airing and attempt, emergencies left out: the rules of the air count it."""
    moved: int = 0
    """Bytes that went over the network this month."""
    leaving: bool = False
    """The process is about to end; nothing starts any more."""

    def holds(self, now: Millis) -> bool:
        """Whether nothing may start; a hold of a time that was taken back is void."""
        return self.leaving or 0 < self.hold_until - now <= HOLD_MS

    @property
    def open(self) -> list[Entry]:
        """Airings that are not over and not in the pump's hands."""
        busy = self.playing.airing if self.playing else None
        return [entry for entry in self.ledger.values() if not entry.over and entry.airing != busy]


_RECORDED = {
    Step.STORE: Event.STORED,
    Step.ARM: Event.ARMED,
    Step.FINISH: Event.FINISHED,
    Step.HEAR: Event.HEARD,
    Step.GIVE_UP: Event.PARTIAL,
    Step.MISS: Event.MISSED,
    Step.REFUSE: Event.REFUSED,
    Step.CANCEL: Event.CANCELLED,
}

# An earlier receipt of the chain has named the words; each name costs a hundred bytes of a SIM card.
_WORDS_KNOWN = frozenset({Event.ARMED, Event.STARTED, Event.HEARD})

SPOKEN_ON_BOARD = "spoken_on_board"


class Turn:
    """One call of `step`: the state so far and the effects so far."""

    def __init__(self, state: State, now: Millis) -> None:
        self.state = state
        self.now = now
        self.effects: list[Effect] = []
        self.awake = False
        """Whether the amplifier is awake because something was cut off just now."""

    def change(self, **facts: object) -> None:
        """Replace facts of the state."""
        self.state = replace(self.state, **facts)  # type: ignore[arg-type]

    def do(self, *effects: Effect) -> None:
        """Ask the shell for something."""
        self.effects.extend(effects)

    def put(self, entry: Entry) -> None:
        """Write an entry into the ledger, on disk too."""
        self.change(ledger={**self.state.ledger, entry.airing: entry})
        self.do(Save(entry))

    def log(self, log: LogPlay) -> None:
        """Note from when to when an attempt is heard, in place of what was noted of it before."""
        self.change(plays={**self.state.plays, (log.airing, log.attempt): log.play})
        self.do(log)

    def stop(self, playing: Playing, reason: str = "") -> None:
        """Fade out what plays: for good where there is a reason."""
        if not playing.stopping:
            self.do(StopPlaying(playing.airing, self.state.limits.fade_ms))
        self.change(playing=replace(playing, stopping=True, cancel_reason=playing.cancel_reason or reason))

    def cancel(self, airing: str, reason: str) -> None:
        """Take back an airing, whether it plays or still waits; one that is over, or not known, stays as it is."""
        playing, entry = self.state.playing, self.state.ledger.get(airing)
        if playing is not None and playing.airing == airing:
            self.stop(playing, reason)
        elif entry is not None and not entry.over:
            self.move(airing, Step.CANCEL, reason)

    def move(
        self,
        airing: str,
        step: Step,
        reason: str = "",
        evidence: Evidence | None = None,
        *,
        fallback: bool = False,
    ) -> Entry:
        """Advance an airing and record its receipt; raises IllegalStep."""
        entry = advance(self.state.ledger[airing], step)
        self.put(entry)
        if step in _RECORDED:
            self.record(_RECORDED[step], entry, reason, evidence, fallback=fallback)
        return entry

    def record(
        self,
        event: Event,
        entry: Entry,
        reason: str = "",
        evidence: Evidence | None = None,
        *,
        fallback: bool = False,
    ) -> None:
        """Record a receipt about an airing; a sound the board spoke itself says so."""
        item = entry.item
        said = reason or (SPOKEN_ON_BOARD if fallback else "")
        words = None if event in _WORDS_KNOWN else item.announcement
        self.do(Record(event, item.airing, words, entry.starts, said, evidence, fallback))
