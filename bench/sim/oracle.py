"""What must be true when a world has ended. It knows the law and the promises, and none of the code it judges."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from bench.sim.people import Wanted
from bench.sim.post import Post
from bench.sim.pump import Sound
from bench.sim.rules.chronicle import Spot, View
from bench.sim.seals import Seals
from bench.sim.spans import Span, both, longest
from bench.sim.world import World
from firmware_config.protocol import Kind, Klass, Millis
from firmware_config.protocol import Sound as Ruled
from tests.cast import COMMUNE, GROUP, PROVINCE, SPEAKERS, VILLAGES

MINUTE: Millis = 60_000
LATENESS = {Klass.NORMAL: 15 * MINUTE, Klass.PRIORITY: 30 * MINUTE, Klass.EMERGENCY: 60 * MINUTE}
"""How late each class may begin."""
REACHED, POWERED = 330_000, 400_000
"""What a speaker needs, in one piece, to be owed a sound."""
STARTS = 3
MARGIN = 2 * MINUTE
PLAYED, ENDS = {"finished", "heard"}, {"finished", "heard", "partial", "missed", "refused", "cancelled"}

Fault = tuple[str, str]


class Oracle:
    """Judges one world that has ended."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = world.kernel.now
        self.sounds: dict[tuple[str, str], list[Sound]] = {}
        for sound in world.sounds:
            self.sounds.setdefault((sound.speaker, sound.airing), []).append(sound)
        self.tally: Counter[str] = Counter()
        self.words = {post.name: list(_receipts(post)) for post in world.posts}

    def faults(self) -> list[Fault]:
        """All that must not be."""
        world = self.world
        found = [("unplanned", one) for one in world.people.book.unplanned]
        for sound in world.sounds:
            found += self._sound(sound)
        for (speaker, airing), sounds in self.sounds.items():
            whole, begun = sum(one.whole for one in sounds), len(sounds)
            found += [("twice", f"{speaker} {airing}: whole {whole} times")] * (whole > 1)
            found += [("starts", f"{speaker} {airing}: begun {begun} times")] * (begun > STARTS)
        for post in world.posts:
            found += [*self._owed(post), *self._versions(post)]
        found += [*self._unsigned(), *self._stored(), *self._told()]
        return found

    def _sound(self, sound: Sound) -> Iterator[Fault]:
        """One sound by itself: meant, in time, by a clock that may be believed, and inside the rules."""
        self.tally["sounds"] += 1
        name = f"{sound.speaker} {sound.airing} at {sound.begun}"
        wanted = self.world.people.book.wanted.get(sound.airing)
        if wanted is None:
            yield "unmeant", name
            return
        klass = wanted.words.klass
        latest = wanted.start + LATENESS[klass]
        end = sound.ended or self.now
        if not wanted.start - self.world.amiss <= sound.begun <= latest + self.world.amiss:
            yield "window", f"{name}, not from {wanted.start} to {latest}"
        if end > latest + wanted.words.ms + MARGIN + self.world.amiss:
            yield "expired", name
        if not sound.known and klass is not Klass.EMERGENCY:
            yield "clock", f"{name} although the board could not know the time"
        why = _view(sound.speaker).why_barred(_ruled(wanted, sound.begun, end), ())
        if why is not None:
            yield "rules", f"{name}: {why}"
        if wanted.unwanted is not None and not wanted.lost and self._reached(sound, wanted.unwanted):
            yield "cancelled", f"{name} although taken back at {wanted.unwanted}"

    def _reached(self, sound: Sound, since: Millis) -> bool:
        post = next(one for one in self.world.posts if one.name == sound.speaker)
        return longest(both(self._reach(post), [(since, sound.begun)])) >= REACHED

    def _reach(self, post: Post) -> list[Span]:
        """When it could be told anything: HTTPS alone is enough, and without it nothing can be fetched."""
        found = both(self._power(post), post.line.fair.until(self.now))
        found = both(found, post.https.until(self.now))
        return both(found, self.world.station.up.until(self.now))

    def _power(self, post: Post) -> list[Span]:
        return both(post.powered.until(self.now), post.well.until(self.now))

    def _owed(self, post: Post) -> Iterator[Fault]:
        """What it had to play it began, or said by which rule it did not."""
        reach, power, knows = self._reach(post), self._power(post), post.clocks.known.until(self.now)
        for one in self.world.people.book.wanted.values():
            if post.name not in one.speakers or one.lost:
                continue
            end = min(one.start + LATENESS[one.words.klass], one.unwanted or self.now, self.now)
            window = [(one.start, end)]
            told = longest(both(reach, window)) >= REACHED and longest(both(power, window)) >= POWERED
            kept = self._promised(post, one, end) and longest(both(both(power, knows), window)) >= POWERED
            if not (told or kept):
                continue
            self.tally["owed"] += 1
            if not any(sound.begun <= end + self.world.amiss for sound in self.sounds.get((post.name, one.airing), ())):
                if self._by_rule(post, one):
                    self.tally["refused by a rule"] += 1
                    continue
                said = [f"{word['event']} {word['reason']}" for word in self._about(post, one.airing)]
                yield "lost", f"{post.name} {one.airing} ({one.words.klass}) from {one.start} to {end}: {said}"

    def _promised(self, post: Post, one: Wanted, end: Millis) -> bool:
        """Whether it had said before that it holds everything, and its power and time were there."""
        return any(word["event"] == "armed" and at <= min(one.start, end) for at, word in self._when(post, one.airing))

    def _by_rule(self, post: Post, one: Wanted) -> bool:
        view = _view(post.name)
        return any(
            word["event"] == "refused" and word["reason"] == view.why_barred(_ruled(one, at, at + one.words.ms), ())
            for at, word in self._when(post, one.airing)
        )

    def _about(self, post: Post, airing: str) -> list[Mapping[str, Any]]:
        return [word for _, word in self._when(post, airing)]

    def _when(self, post: Post, airing: str) -> list[tuple[Millis, Mapping[str, Any]]]:
        return [(at, word) for at, word in self.words[post.name] if word["airing"] == airing]

    def _versions(self, post: Post) -> Iterator[Fault]:
        """Manifests only ever get newer, and at the end it holds the newest."""
        if post.held != sorted(post.held):
            yield "older", f"{post.name} went by {post.held}"
        asked = "SELECT epoch, version, built_at FROM speaker_manifests WHERE speaker_id = :it"
        for epoch, version, built in self._rows(asked, it=post.name):
            if self._long_ago(built) and post.held[-1:] != [(epoch, version)]:
                yield "behind", f"{post.name} holds {post.held[-1:]}, not {(epoch, version)}"

    def _long_ago(self, stored: str) -> bool:
        """Whether a moment of the database is so old that everybody must know by now."""
        return datetime.fromisoformat(stored).replace(tzinfo=UTC).timestamp() * 1000 < self.now - REACHED

    def _unsigned(self) -> Iterator[Fault]:
        """Behind every sound stand two keys."""
        keys = {one.keyid: one.key for signing in self.world.signings for one in signing.keys.keys}
        seals = Seals(keys)
        seals.learn(raw for _, raw in self.world.station.said)
        for sound in self.world.sounds:
            if not seals.backs(_places(sound.speaker), sound.airing, sound.clips):
                yield "unsigned", f"{sound.speaker} {sound.airing}: {sound.clips}"

    def _stored(self) -> Iterator[Fault]:
        """Every receipt is at the broadcaster once, in one chain, and its speaker knows that."""
        for post in self.world.posts:
            rows = self._rows("SELECT seq, body, hash FROM receipts WHERE speaker_id = :it ORDER BY seq", it=post.name)
            stored = {row[0]: bytes(row[1]) for row in rows}
            # What was said just now may have been lost on the way, and is said again with the next question.
            owed = {seq for seq, (at, _) in post.written.items() if at < self.now - REACHED}
            lost = owed - stored.keys()
            self.tally["receipts"] += len(stored)
            if lost or stored.keys() - post.written.keys():
                yield "receipts", f"{post.name}: {sorted(lost)} of {len(post.written)} not stored"
            if any(stored[seq] != post.written[seq][1] for seq in stored.keys() & post.written.keys()):
                yield "receipts", f"{post.name}: stored is not what was said"
            head = "0" * 64
            for seq in range(1, max(stored, default=0) + 1):
                head = hashlib.sha256(head.encode() + post.written[seq][1]).hexdigest()
            if rows and rows[-1][2] != head:
                yield "chain", f"{post.name}: ends with {rows[-1][2]}, not {head}"
            for at, word in self.words[post.name]:
                if word["clock"] != "untrusted" and abs(word["at"] - at) > self.world.amiss:
                    yield "time", f"{post.name}: number {word['seq']} of {at} says {word['at']}"
            old = max((seq for seq, (at, _) in post.written.items() if at < self.now - REACHED), default=0)
            [[through]] = self._rows("SELECT receipts_through FROM speakers WHERE id = :it", it=post.name)
            if through < old:
                yield "unconfirmed", f"{post.name}: confirmed through {through} of {old}"

    def _told(self) -> Iterator[Fault]:
        """The board says of each airing how it ended, and `finished` only of what was written to the last frame."""
        asked = "SELECT airing_id, speaker_id, state, attempt FROM deliveries"
        posts = {post.name for post in self.world.posts}
        for airing, speaker, state, attempt in self._rows(asked):
            wanted = self.world.people.book.wanted.get(airing)
            if speaker not in posts or wanted is None:
                continue
            whole = [one for one in self.sounds.get((speaker, airing), ()) if one.whole]
            if state in PLAYED and not any(one.attempt == attempt for one in whole):
                yield "untrue", f"{speaker} {airing} is {state}, attempt {attempt}, and was not written"
            if any(one.ended < self.now - REACHED for one in whole) and state not in PLAYED:
                yield "untold", f"{speaker} {airing} was written and is {state}"
            over = wanted.start + LATENESS[wanted.words.klass] + wanted.words.ms + MARGIN + 6 * MINUTE
            if over < self.now and state not in ENDS:
                yield "open", f"{speaker} {airing} is still {state}"
        for post in self.world.posts:
            for _, word in self.words[post.name]:
                mine = self.sounds.get((post.name, word["airing"]), ())
                if word["event"] in PLAYED and not any(one.whole and one.attempt == word["attempt"] for one in mine):
                    yield "untrue", f"{post.name} said {word['event']} of {word['airing']}"

    def _rows(self, asked: str, **values: object) -> list[Any]:
        with self.world.ground.database.read() as session:
            return list(session.execute(text(asked), values))


def _receipts(post: Post) -> Iterator[tuple[Millis, Mapping[str, Any]]]:
    for at, body in post.written.values():
        yield at, json.loads(body)


def _places(speaker: str) -> list[str]:
    village = VILLAGES[SPEAKERS.index(speaker)]
    market = [f"g:{GROUP}"] if speaker in SPEAKERS[:2] else []
    return [f"d:{speaker}", *market, *(f"u:{unit}" for unit in (village, COMMUNE, PROVINCE))]


def _view(speaker: str) -> View:
    path = (PROVINCE, COMMUNE, VILLAGES[SPEAKERS.index(speaker)])
    return View(Spot(path, "Asia/Ho_Chi_Minh"), (), (), ())


def _ruled(one: Wanted, start: Millis, end: Millis) -> Ruled:
    return Ruled(one.words.klass, Kind.LIVE, one.words.category, one.words.id, start, max(1, end - start))
