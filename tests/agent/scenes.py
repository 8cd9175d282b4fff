"""A speaker's core on a virtual clock: what the shell would do with its effects, done by hand."""

from dataclasses import dataclass, field, replace

from device_agent import events
from device_agent.core import Limits, State, next_wake, step
from device_agent.effects import (
    CloseRelay,
    DropClip,
    Effect,
    FetchAnnouncement,
    FetchClip,
    Forget,
    ForgetPlays,
    LogPlay,
    OpenRelay,
    Play,
    Record,
    Save,
    StopPlaying,
)
from device_agent.ledger import Entry, Stage
from firmware_config.protocol import (
    ClipRef,
    ClockState,
    Event,
    Evidence,
    Exempt,
    Item,
    Klass,
    Manifest,
    Rules,
    SignedAnnouncement,
    SpokenVersion,
)
from tests.agent.station import announcement, blank_manifest, item

NOON = 1_795_842_000_000
"""2026-11-28 12:00 in Hà Nội, a Saturday."""

LIMITS = Limits(volumes=dict.fromkeys(Klass, 100), lead_ms=0, tail_ms=0, speakable=frozenset({"vi"}))


def clip(name: int, ms: int = 4_000) -> ClipRef:
    return ClipRef(f"{name:064x}", 5_000, ms)


def ref(name: int) -> str:
    return f"sha256:{name:064x}"


def words(name: int, klass: Klass = Klass.NORMAL, ms: int = 4_000) -> SignedAnnouncement:
    return announcement(SpokenVersion("vi", "Xin chào", clip(name, ms)), klass=klass, now=NOON)


def evidence(level: int = -2_000, frames: int = 200) -> Evidence:
    return Evidence(frames, frames * 20, level, min(0, level + 600), "frames", ("vi",))


@dataclass
class Scene:
    """The core, its time, and all that it ever recorded, saved and started."""

    now: int = NOON
    limits: Limits = LIMITS
    state: State = field(init=False)
    records: list[Record] = field(default_factory=list)
    plays: list[tuple[int, Play]] = field(default_factory=list)
    """The virtual time of each start, and what was started."""
    plays_log: dict[tuple[str, int], LogPlay] = field(default_factory=dict)
    journal: dict[str, Entry] = field(default_factory=dict)
    manifest: Manifest = field(default_factory=lambda: blank_manifest(now=NOON))
    effects: list[Effect] = field(default_factory=list)
    relay_closed: bool = False
    known: dict[str, SignedAnnouncement] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.state = State(self.limits)
        self.clock(ClockState.TRUSTED)

    def tell(self, event: events.Incoming) -> tuple[Effect, ...]:
        """One step; effects on disk are carried out, the others kept."""
        self.state, effects = step(self.state, event, self.now)
        for effect in effects:
            self._carry(effect)
        return effects

    def _carry(self, effect: Effect) -> None:
        self.effects.append(effect)
        if isinstance(effect, Save):
            self.journal[effect.entry.airing] = effect.entry
        elif isinstance(effect, Forget):
            del self.journal[effect.airing]
        elif isinstance(effect, LogPlay):
            self.plays_log[effect.airing, effect.attempt] = effect
        elif isinstance(effect, ForgetPlays):
            kept = {key: one for key, one in self.plays_log.items() if one.play.end >= effect.before}
            self.plays_log = kept
        elif isinstance(effect, Record):
            self.records.append(effect)
        elif isinstance(effect, Play):
            self.plays.append((self.now, effect))
        elif isinstance(effect, DropClip):
            self.stored.discard(effect.sha256)
        elif isinstance(effect, CloseRelay | OpenRelay):
            self.relay_closed = isinstance(effect, CloseRelay)

    def clock(self, state: ClockState) -> None:
        self.tell(events.ClockChanged(state))

    def plan(self, *items: Item, cancelled: tuple[str, ...] = ()) -> tuple[Effect, ...]:
        self.manifest = replace(self.manifest, items=items, cancelled=cancelled, version=self.manifest.version + 1)
        return self.tell(events.ManifestAccepted(self.manifest))

    def bring(self, name: int, klass: Klass = Klass.NORMAL, ms: int = 4_000) -> None:
        """Announcement and clip of that name arrive."""
        self.known[ref(name)] = words(name, klass, ms)
        self.stored.add(clip(name).sha256)
        self.tell(events.AnnouncementStored(ref(name), self.known[ref(name)]))
        self.tell(events.ClipStored(clip(name).sha256))

    def tell_words(self, name: int, found: SignedAnnouncement, *, clips: bool = True) -> None:
        """These words arrive under that name, with all their sound or none of it."""
        self.known[ref(name)] = found
        self.tell(events.AnnouncementStored(ref(name), found))
        for one in found.clips if clips else ():
            self.stored.add(one.sha256)
            self.tell(events.ClipStored(one.sha256))

    def rule(self, *rules: Rules, exempt: tuple[Exempt, ...] = (), stagger_ms: int = 0) -> None:
        """From the next plan on these rules hold here."""
        self.manifest = replace(self.manifest, rules=rules, exempt=exempt, stagger_ms=stagger_ms)

    def item(self, name: int, klass: Klass = Klass.NORMAL, **other: int) -> Item:
        made = item(f"airing-{name}", ref(name), start=self.now, klass=klass)
        return replace(made, **other)  # type: ignore[arg-type]

    def ready(self, name: int, klass: Klass = Klass.NORMAL, **other: int) -> str:
        """An item planned for now with everything on disk; its airing."""
        made = self.item(name, klass, **other)
        self.bring(name, klass)
        self.plan(*[one for one in self.manifest.items if one.airing != made.airing], made)
        return made.airing

    def pass_time(self, ms: int) -> None:
        """Let time pass, waking the core whenever it asked for that."""
        until = self.now + ms
        while (wake := next_wake(self.state, self.now)) is not None and wake <= until:
            self.now = wake
            self.tell(events.Tick())
        self.now = until
        self.tell(events.Tick())

    def sound(self) -> None:
        playing = self.state.playing
        assert playing is not None
        self.tell(events.Sounding(playing.airing, playing.attempt))

    def finish(self, level: int = -2_000) -> None:
        playing = self.state.playing
        assert playing is not None
        self.sound()
        self.tell(events.Finished(playing.airing, playing.attempt, evidence(level)))

    def cut(self, reason: str = "") -> None:
        playing = self.state.playing
        assert playing is not None
        proof = evidence(frames=10) if playing.sounding else None
        self.tell(events.Cut(playing.airing, playing.attempt, proof, reason))

    def power_cut(self, ms: int = 0, clock: ClockState = ClockState.HOLDOVER) -> None:
        """All that was not on disk is gone; time goes on."""
        self.state, self.now, self.relay_closed = State(self.limits), self.now + ms, False
        self.clock(clock)
        journal, plays = tuple(self.journal.values()), tuple(self.plays_log.values())
        clips = frozenset(self.stored)
        self.tell(events.Booted(journal, self.manifest, dict(self.known), clips, plays=plays))

    @property
    def playing(self) -> str | None:
        return self.state.playing.airing if self.state.playing else None

    def stage(self, airing: str) -> Stage:
        return self.state.ledger[airing].stage

    def told(self, airing: str) -> list[Event]:
        return [record.event for record in self.records if record.airing == airing]

    def why(self, airing: str) -> str:
        return next(record.reason for record in reversed(self.records) if record.airing == airing)

    def asked_for(self) -> list[str]:
        return [one.reference for one in self.effects if isinstance(one, FetchAnnouncement)] + [
            one.clip.sha256 for one in self.effects if isinstance(one, FetchClip)
        ]

    def stops(self) -> list[StopPlaying]:
        return [one for one in self.effects if isinstance(one, StopPlaying)]
