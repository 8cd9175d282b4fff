"""Lives of a speaker drawn by chance: nothing may sound outside the rules of the air, judged by the oracle.

`python -m tests.agent.many_airings --airings 100000 --seed 1` for as many as one likes; a failure names its seed.
"""

import argparse
import itertools
from collections import Counter
from dataclasses import dataclass, replace
from random import Random

from device_agent import events
from device_agent.core import next_wake
from device_agent.effects import Play, Record, StopPlaying
from device_agent.ledger import OVER
from device_agent.playlist import parts_ms, sound_ms
from firmware_config.protocol import (
    Event,
    Evidence,
    Exempt,
    Item,
    Kind,
    Klass,
    Manifest,
    Played,
    SignedAnnouncement,
    Sound,
    SpokenVersion,
)
from tests.agent.rule_books import chain
from tests.agent.scenes import LIMITS, Scene, clip, ref
from tests.agent.station import announcement, item
from tests.protocol.oracle import why_barred
from tests.protocol.rule_strategies import CATEGORIES, NEAR

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
AIRINGS = 60


@dataclass
class Sounding:
    """What the pump has in hand: it is heard from `begins` to `ends`, unless it is stopped or fails."""

    play: Play
    manifest: Manifest
    begins: int
    ends: int
    fails: bool = False
    begun: bool = False

    @property
    def next(self) -> int:
        """When something happens to it."""
        return self.ends if self.begun else min(self.begins, self.ends)

    @property
    def ms(self) -> int:
        """Its whole length."""
        return _length(self.play)


class Life:
    """A few days of one speaker, with as many airings as were asked for."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = Random(seed)  # noqa: S311
        start = self.chance.choice(NEAR) + self.chance.randrange(-20 * HOUR, 10 * HOUR)
        lead = self.chance.choice([0, 0, 400, 3_000])
        self.scene = Scene(now=start, limits=replace(LIMITS, lead_ms=lead))
        self.tally: Counter[str] = Counter()
        self.heard: list[Played] = []
        self.pump: Sounding | None = None
        self.names = itertools.count(1)
        self.words = {name: self._words(name, start) for name in range(1, 9)}
        for name, words in self.words.items():
            self.scene.tell_words(name, words, clips=self.chance.random() < 0.9)
        stagger = self.chance.choice([0, 0, 1_500, 9_000])
        self.scene.rule(*chain(self.chance, start), stagger_ms=stagger)

    def _words(self, name: int, now: int) -> SignedAnnouncement:
        chance = self.chance
        ms = chance.choice([chance.randrange(4_000, 60_000), chance.randrange(4_000, 12 * MINUTE)]) // 20 * 20
        versions = [SpokenVersion("vi", "Xin chào", clip(10 * name, ms))]
        versions += [SpokenVersion("hmn", "Nyob zoo", clip(10 * name + 1, 6_000))] if chance.random() < 0.3 else []
        klass = Klass.EMERGENCY if name == 1 else chance.choice([Klass.NORMAL, Klass.PRIORITY])
        chime = clip(999, 2_000) if chance.random() < 0.5 else None
        kind = Kind.DRILL if klass is Klass.PRIORITY and chance.random() < 0.5 else Kind.LIVE
        found = announcement(*versions, klass=klass, now=now, name=f"tb-{name}", chime=chime, kind=kind)
        return replace(found, category=chance.choice(CATEGORIES), expires=now + 30 * DAY)

    def run(self, airings: int = AIRINGS) -> Counter[str]:
        """Live until so many airings were planned and all of them are over."""
        scene, chance = self.scene, self.chance
        ways = [self.plan, self.edit, self.alarm, self.stop, self.power_cut, self.wait]
        while self.tally["airings"] < airings:
            chance.choices(ways, [30, 8, 3, 2, 3, 30])[0]()
            self._take_orders()
        self.pass_time(60 * HOUR)
        assert all(entry.stage in OVER for entry in scene.state.ledger.values()), f"seed {self.seed}"
        return self.tally

    def plan(self) -> None:
        """A few more airings."""
        self.publish(*(self.new_item() for _ in range(self.chance.randint(1, 4))))

    def new_item(self) -> Item:
        chance, start = self.chance, self.scene.now + self.chance.randrange(-MINUTE, 10 * HOUR)
        name = chance.randint(2, 8)
        self.tally["airings"] += 1
        window = chance.choice([0, MINUTE, HOUR, 5 * HOUR])
        made = item(f"airing-{next(self.names)}", ref(name), start=start, klass=self.words[name].klass, window=window)
        return replace(
            made, expires=made.expires + 2 * HOUR, order=chance.randrange(3), languages=("vi", "hmn"), max_starts=4
        )

    def publish(self, *more: Item, cancelled: tuple[str, ...] = ()) -> None:
        """The next manifest, with what is still to come."""
        scene = self.scene
        kept = [one for one in scene.manifest.items if one.expires > scene.now and one.airing not in cancelled]
        scene.plan(*kept, *more, cancelled=cancelled)

    def edit(self) -> None:
        """Other rules, an exemption more, another hour, or one airing less."""
        chance, scene = self.chance, self.scene
        ways = [chance.random() < 0.5 for _ in range(3)]
        if ways[0]:
            scene.manifest = replace(scene.manifest, rules=chain(chance, scene.now))
        if ways[1]:
            begins = scene.now + chance.randrange(2 * HOUR)
            one = Exempt(f"tb-{chance.randint(2, 8)}", begins, begins + chance.randrange(1, 6 * HOUR))
            scene.manifest = replace(scene.manifest, exempt=(one,))
        if ways[2] and scene.manifest.items:
            moved = chance.choice(scene.manifest.items)
            shift = chance.randrange(-HOUR, HOUR)
            later = replace(moved, start=moved.start + shift, latest_start=moved.latest_start + shift)
            rest = [one for one in scene.manifest.items if one is not moved]
            scene.manifest = replace(scene.manifest, items=(*rest, replace(later, expires=moved.expires + shift)))
        gone = [one.airing for one in scene.manifest.items if chance.random() < 0.1]
        self.publish(cancelled=tuple(gone))

    def alarm(self) -> None:
        """A live emergency."""
        made = item(f"airing-{next(self.names)}", ref(1), start=self.scene.now, klass=Klass.EMERGENCY, window=HOUR)
        self.scene.tell(events.LivePlay(replace(made, expires=made.expires + HOUR)))

    def stop(self) -> None:
        """Silence, by the button that stops everything."""
        self.scene.tell(events.Stop(None))

    def power_cut(self) -> None:
        """Off for a while; what sounded was heard at most until it is back."""
        off = self.chance.choice([1_000, 5 * MINUTE, 2 * HOUR])
        pump, self.pump = self.pump, None
        if pump is not None and pump.begun:
            self._note(pump, min(pump.ends, self.scene.now + off))
        self.scene.power_cut(off)

    def wait(self) -> None:
        """Some time goes by."""
        self.pass_time(self.chance.choice([self.chance.randrange(MINUTE), self.chance.randrange(3 * HOUR)]))

    def pass_time(self, ms: int) -> None:
        """Wake the core when it asked for it, and be its pump."""
        scene, until = self.scene, self.scene.now + ms
        while True:
            self._take_orders()
            wake = next_wake(scene.state, scene.now)
            pump = self.pump.next if self.pump else None
            moment = min((one for one in (wake, pump) if one is not None), default=until)
            if moment > until:
                break
            scene.now = max(scene.now, moment)
            if pump is not None and scene.now >= pump:
                self._pump()
            else:
                scene.tell(events.Tick())
            if wake is None and pump is None:
                break
        scene.now = until
        scene.tell(events.Tick())
        self._take_orders()

    def _take_orders(self) -> None:
        scene = self.scene
        for effect in scene.effects:
            if isinstance(effect, Play):
                fails = self.chance.random() < 0.05
                ms = _length(effect)
                ends = effect.at + (self.chance.randrange(ms) if fails else ms)
                self.pump = Sounding(effect, scene.manifest, effect.at, ends, fails)
            elif isinstance(effect, StopPlaying) and self.pump:
                self.pump.fails, self.pump.ends = True, min(self.pump.ends, scene.now + effect.fade_ms)
            elif isinstance(effect, Record) and effect.event is Event.REFUSED:
                self._check_refusal(effect)
        scene.effects.clear()

    def _pump(self) -> None:
        pump, scene = self.pump, self.scene
        assert pump is not None
        play = pump.play
        if not pump.begun and pump.begins <= scene.now < pump.ends:
            pump.begun = True
            self._check(pump)
            scene.tell(events.Sounding(play.airing, play.attempt))
            return
        self.pump = None
        frames = (pump.ends - pump.begins) // 20 if pump.begun else 0
        if frames:
            self._note(pump, pump.begins + frames * 20)
        evidence = Evidence(frames, frames * 20, -2_000, -300, "frames", ("vi",))
        if pump.fails:
            scene.tell(events.Cut(play.airing, play.attempt, evidence if frames else None, self._failure()))
        else:
            scene.tell(events.Finished(play.airing, play.attempt, evidence))

    def _failure(self) -> str:
        stopping = self.scene.state.playing and self.scene.state.playing.stopping
        return "" if stopping else "sink_failed"

    def _klass(self, play: Play) -> Klass:
        return self.scene.state.ledger[play.airing].item.klass

    def _note(self, pump: Sounding, end: int) -> None:
        if self._klass(pump.play) is not Klass.EMERGENCY:
            self.heard.append(Played(pump.begins, end))

    def _sound(self, airing: str, start: int, ms: int) -> Sound:
        words = self.scene.known[self.scene.state.ledger[airing].item.announcement]
        return Sound(words.klass, words.kind, words.category, words.id, start, ms)

    def _check(self, pump: Sounding) -> None:
        """What sounds was allowed to, by the rules as they were when it was begun."""
        sound = self._sound(pump.play.airing, pump.begins, pump.ms)
        self.tally["heard"] += 1
        self.tally["emergencies"] += sound.klass is Klass.EMERGENCY
        why = why_barred(pump.manifest.rules, sound, self.heard, pump.manifest.exempt)
        assert why is None, f"seed {self.seed}: {pump.play.airing} sounded at {pump.begins} although {why}"

    def _check_refusal(self, record: Record) -> None:
        """What was refused would have been against a rule, and that rule is the reason."""
        scene, airing = self.scene, record.airing or ""
        self.tally[record.reason] += 1
        item = scene.state.ledger[airing].item
        start = max(scene.now + scene.limits.lead_ms, item.start + scene.manifest.stagger_ms)
        sound = self._sound(airing, start, sound_ms(item, scene.known[item.announcement]))
        rules, exempt = scene.manifest.rules, scene.manifest.exempt
        # While something sounds only the hours are judged.
        reasons = {why_barred(rules, sound, heard, exempt) for heard in (self.heard, [])}
        assert record.reason in reasons, f"seed {self.seed}: {airing} refused for {record.reason}, not {reasons}"


def _length(play: Play) -> int:
    """What the board itself speaks takes no longer here than the clip would have."""
    return parts_ms(play.parts) or 4_000


def live(seed: int, airings: int) -> Counter[str]:
    """So many airings over as many lives as it takes, from that seed on."""
    total: Counter[str] = Counter()
    while total["airings"] < airings:
        total += Life(seed).run()
        seed += 1
    return total


def main() -> None:
    """Run as many airings as asked for and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--airings", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for what, count in sorted(live(given.seed, given.airings).items()):
        print(f"{count:8d} {what}")


if __name__ == "__main__":
    main()
