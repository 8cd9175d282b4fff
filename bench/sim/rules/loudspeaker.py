"""One simulated loudspeaker: the real core on a board's clock, its pump, its habits, and a judge beside it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from bench.sim.rules.board import HOUR, Board
from bench.sim.rules.chronicle import Spot, View
from device_agent import events
from device_agent.airtime import last_start, start_at
from device_agent.core import State, next_wake
from device_agent.effects import Play, Record, StopPlaying
from device_agent.playlist import parts_ms, sound_ms
from firmware_config.protocol import (
    ClockState,
    Event,
    Evidence,
    Klass,
    Manifest,
    Millis,
    Played,
    SignedAnnouncement,
    Sound,
)
from tests.agent.scenes import LIMITS, Scene

DAY = 24 * HOUR
GOOD = frozenset({Event.FINISHED, Event.HEARD})
Fault = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Habits:
    """How it lives."""

    fails: float
    """How often a sound breaks off."""
    late_clips: float
    offline: float
    power_cut: float

    @property
    def ideal(self) -> bool:
        """Whether nothing ever happens to it."""
        return not (self.fails or self.late_clips or self.offline or self.power_cut)


IDEAL = Habits(0, 0, 0, 0)


@dataclass
class Sounding:
    """What the pump has in hand, and what was known of the rules when it was given."""

    play: Play
    words: SignedAnnouncement
    manifest: Manifest
    view: View
    begins: Millis
    ends: Millis
    fails: bool = False
    begun: bool = False
    noted: Millis = 0
    """When its first sample was heard, as the board knew it then."""

    @property
    def next(self) -> Millis:
        """When something happens to it."""
        return self.ends if self.begun else min(self.begins, self.ends)


@dataclass
class Loudspeaker:
    """It lives in true time; its core in the time its board believes."""

    id: str
    spot: Spot
    chance: Random
    true: Millis
    habits: Habits
    lead_ms: int
    fault: Fault
    tally: Counter[str]
    scene: Scene = field(init=False)
    view: View = field(init=False)
    pump: Sounding | None = None
    heard: list[Played] = field(default_factory=list)
    news: list[tuple[Millis, Record]] = field(default_factory=list)
    fates: dict[str, tuple[Event, str, bool]] = field(default_factory=dict)
    """How each airing ended, why, and whether something had come between."""
    finished: Counter[str] = field(default_factory=Counter)
    disturbed: Millis = 0
    """Until then what was planned may come to pass in another way."""
    offline_until: Millis = 0
    off_until: Millis = 0

    def __post_init__(self) -> None:
        self.board = Board(self.chance, self.true, self.habits.ideal)
        self.scene = Scene(now=self.true, limits=replace(LIMITS, lead_ms=self.lead_ms))
        self.view = View(self.spot, (), (), ())
        self.look()

    @property
    def online(self) -> bool:
        """Whether the broadcaster reaches it."""
        return self.true >= max(self.offline_until, self.off_until)

    def live_until(self, true: Millis) -> None:
        """Let time go by."""
        while self.true < true:
            if self.true < self.off_until:
                self.true = min(true, self.off_until)
                if self.true == self.off_until:
                    self._boot()
                continue
            step = min(true - self.true, HOUR)
            self._pass(step)
            self.true += step
            self.look()
            self._misfortune()

    def look(self) -> None:
        """Read the clock again; what is about to sound was promised by the clock as it was."""
        if self.pump is not None and not self.pump.begun:
            self.scene.tell(events.Tick())
            return
        reading, scene = self.board.look(self.true), self.scene
        if self.pump is not None:
            self.pump.ends += reading.now - scene.now
        if reading.state is not ClockState.UNTRUSTED and abs(reading.now - self.true) > 60_000:
            self.fault("clock", f"{self.id} believes {reading.now - self.true} ms too much")
        if abs(reading.now - scene.now) > 60_000:
            self.tally["clock jumps"] += 1
        scene.now = reading.now
        if reading.state is not scene.state.clock:
            self.tally[f"clock {reading.state}"] += 1
            scene.clock(reading.state)
        else:
            scene.tell(events.Tick())
        self._take_orders()

    def told(self, manifest: Manifest, view: View) -> None:
        """A newer manifest, and what was true of the rules when it was signed."""
        self.scene.manifest, self.view = manifest, view
        self.scene.tell(events.ManifestAccepted(manifest))
        self._take_orders()

    def learn(self, reference: str, words: SignedAnnouncement) -> None:
        """An announcement is fetched, mostly with its sound."""
        scene = self.scene
        scene.known[reference] = words
        scene.tell(events.AnnouncementStored(reference, words))
        if self.chance.random() >= self.habits.late_clips:
            self.bring(words)

    def bring(self, words: SignedAnnouncement) -> None:
        """The sound of an announcement is here."""
        for clip in words.clips:
            if clip.sha256 not in self.scene.state.clips:
                self.scene.stored.add(clip.sha256)
                self.scene.tell(events.ClipStored(clip.sha256))

    def stop(self, airing: str | None) -> None:
        """A live command to be silent."""
        self.unsettle()
        self.scene.tell(events.Stop(airing))
        self._take_orders()

    def unsettle(self) -> None:
        """What was planned beside something else may come to pass in another way."""
        self.disturbed = max(self.disturbed, self.scene.now + 2 * DAY)

    def _misfortune(self) -> None:
        chance, habits = self.chance, self.habits
        if self.online and chance.random() < habits.offline:
            self.offline_until = self.true + chance.choice([HOUR, 6 * HOUR, 30 * HOUR, 3 * DAY])
            self.board.lose_network()
            self.tally["offline"] += 1
        elif self.true >= self.offline_until and not self.board.network:
            self.board.back()
        if chance.random() < habits.power_cut:
            self.off_until = self.true + chance.choice([1_000, 5 * 60_000, 2 * HOUR, 20 * HOUR])
            self.tally["power cuts"] += 1

    def _boot(self) -> None:
        scene, pump, self.pump = self.scene, self.pump, None
        self.board.reboot(self.true, network=self.true >= self.offline_until)
        reading = self.board.look(self.true)
        if pump is not None and pump.begun:
            believed = reading.state is not ClockState.UNTRUSTED
            self._note(pump, max(pump.noted, min(pump.ends, reading.now)) if believed else pump.ends)
        scene.state, scene.now, scene.relay_closed = State(scene.limits), reading.now, False
        scene.clock(reading.state)
        journal, plays = tuple(scene.journal.values()), tuple(scene.plays_log.values())
        manifest = scene.manifest if scene.manifest.version > 1 else None
        scene.tell(events.Booted(journal, manifest, dict(scene.known), frozenset(scene.stored), plays=plays))
        self._take_orders()

    def _pass(self, ms: Millis) -> None:
        scene = self.scene
        until = scene.now + ms
        while True:
            self._take_orders()
            wake, pump = next_wake(scene.state, scene.now), self.pump.next if self.pump else None
            moment = min((one for one in (wake, pump) if one is not None), default=until)
            if moment > until or (wake is None and pump is None):
                break
            scene.now = max(scene.now, moment)
            if pump is not None and scene.now >= pump:
                self._pump()
            else:
                scene.tell(events.Tick())
        scene.now = until

    def _take_orders(self) -> None:
        scene = self.scene
        for effect in scene.effects:
            if isinstance(effect, Play):
                self._begin(effect)
            elif isinstance(effect, StopPlaying) and self.pump:
                self.pump.fails, self.pump.ends = True, min(self.pump.ends, scene.now + effect.fade_ms)
                self.unsettle()
            elif isinstance(effect, Record):
                self._record(effect)
        scene.effects.clear()

    def _begin(self, play: Play) -> None:
        fails = self.chance.random() < self.habits.fails
        ms = parts_ms(play.parts) or 4_000
        ends = play.at + (self.chance.randrange(ms) if fails else ms)
        words = self.scene.known[self.scene.state.ledger[play.airing].item.announcement]
        self.pump = Sounding(play, words, self.scene.manifest, self.view, play.at, ends, fails)

    def _pump(self) -> None:
        pump, scene = self.pump, self.scene
        assert pump is not None
        play = pump.play
        if not pump.begun and pump.begins <= scene.now < pump.ends:
            pump.begun, pump.noted = True, pump.begins
            self._check(pump)
            scene.tell(events.Sounding(play.airing, play.attempt))
            return
        self.pump = None
        frames = (pump.ends - pump.begins) // 20 if pump.begun else 0
        if frames:
            self._note(pump, pump.noted + frames * 20)
        evidence = Evidence(frames, frames * 20, -2_000, -300, "frames", ("vi",))
        if not pump.fails:
            scene.tell(events.Finished(play.airing, play.attempt, evidence))
            return
        stopping = scene.state.playing and scene.state.playing.stopping
        scene.tell(
            events.Cut(play.airing, play.attempt, evidence if frames else None, "" if stopping else "sink_failed")
        )

    def _note(self, pump: Sounding, end: Millis) -> None:
        if pump.words.klass is not Klass.EMERGENCY:
            self.heard.append(Played(pump.noted, end))

    def _check(self, pump: Sounding) -> None:
        """What sounds was allowed to, by all that had reached the speaker when it was begun."""
        words, start, ms = pump.words, pump.begins, parts_ms(pump.play.parts) or 4_000
        sound = Sound(words.klass, words.kind, words.category, words.id, start, ms)
        entry = self.scene.state.ledger[pump.play.airing]
        self.tally["heard"] += 1
        self.tally["emergencies heard"] += words.klass is Klass.EMERGENCY
        bygone = start - 3 * DAY
        self.heard = [one for one in self.heard if one.end > bygone]
        why = pump.view.why_barred(sound, self.heard)
        if why is not None:
            self.fault("sounded", f"{self.id}: {entry.airing} at {start} for {ms} ms although {why}")
        if entry.airing in pump.manifest.cancelled:
            self.fault("cancelled", f"{self.id}: {entry.airing} at {start} although it was taken back")
        if self.scene.state.clock is not ClockState.UNTRUSTED:
            if start + ms > min(entry.item.expires, words.expires):
                self.fault("expired", f"{self.id}: {entry.airing} at {start} sounds beyond its end")
            if start > start_at(self.scene.state, entry) or words.klass is Klass.EMERGENCY:
                self.tally["late starts"] += 1
                self.unsettle()
        if pump.play.attempt > entry.item.max_starts:
            self.fault("twice", f"{self.id}: {entry.airing} begun {pump.play.attempt} times")

    def _record(self, record: Record) -> None:
        self.news.append((self.scene.now, record))
        if record.airing is None:
            return
        if record.event is Event.FINISHED:
            self.finished[record.airing] += 1
            if self.finished[record.airing] > 1:
                self.fault("twice", f"{self.id}: {record.airing} completed twice")
        if record.event in GOOD | {Event.PARTIAL, Event.MISSED, Event.REFUSED, Event.CANCELLED}:
            self.fates[record.airing] = (record.event, record.reason, self.scene.now < self.disturbed)
        if record.event is Event.REFUSED:
            self._check_refusal(record, record.airing)

    def _check_refusal(self, record: Record, airing: str) -> None:
        """What was refused would have been against a rule, and that rule is the reason."""
        scene = self.scene
        self.tally[f"speaker refused: {record.reason}"] += 1
        entry = scene.state.ledger[airing]
        words = scene.known[entry.item.announcement]
        start = max(scene.now + scene.limits.lead_ms, start_at(scene.state, entry))
        sound = Sound(words.klass, words.kind, words.category, words.id, start, sound_ms(entry.item, words))
        # While something sounds only the hours are judged.
        reasons = {self.view.why_barred(sound, heard) for heard in (self.heard, [])}
        if record.reason not in reasons:
            self.fault("refused", f"{self.id}: {airing} for {record.reason}, not {reasons}")
        if last_start(scene.state, entry) < scene.now:
            self.fault("refused", f"{self.id}: {airing} was too late, not refused")
