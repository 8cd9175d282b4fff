"""A planning pass asks the rules about every airing: at a glance first, and the whole book where that is not enough."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.audience import Place
from broadcaster.domain.rules.glance import Glance, Programme
from broadcaster.domain.schedule import HORIZON
from broadcaster.services.airtime.laying import Laid
from broadcaster.services.hours.book import Book, is_alarm
from broadcaster.services.moments import millis
from broadcaster.store.tables import Announcement
from firmware_config.protocol import Millis, Rules

SEEN = (timedelta(hours=2), HORIZON + timedelta(hours=2))
"""How far before and after now a glance reaches."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Speakers of one audience that hear under the same clocks."""

    glance: Glance
    late: Millis
    places: Sequence[Place]


@dataclass(frozen=True, slots=True)
class Panel:
    """An audience, sorted once for all moments of a schedule."""

    announcement: Announcement
    benches: Sequence[Bench]
    sound_ms: int


class Judge:
    """Gives the answers of a Book."""

    def __init__(self, book: Book, now: datetime, *, until: datetime | None = None) -> None:
        self.book = book
        self._begin, self._end = millis(now - SEEN[0]), millis(max(now + SEEN[1], until or now))
        self._glances: dict[tuple[Rules, ...], Glance] = {}
        self._of_chain: dict[int, Glance] = {}
        self._programmes: dict[str, Programme] = {}
        self._untold: dict[str, list[Laid]] = {}

    def expect(self, announcement: Announcement, places: Iterable[Place]) -> None:
        """Read at once what these speakers play beside, where that matters."""
        new = [place for place in places if place.speaker not in self._programmes and self._glance(place).limited]
        for listener, speakers in self.book.listeners(announcement, new) if new else ():
            for speaker in speakers:
                self._programmes[speaker] = Programme(listener.heard)
        for place in new:
            self._programmes[place.speaker].count(self._glance(place))

    def panel(self, announcement: Announcement, audience: Sequence[Place], sound_ms: int) -> Panel:
        """To be made once for each audience, which was expected; an alarm is never barred."""
        benches: dict[tuple[int, Millis], Bench] = {}
        for place in audience if not is_alarm(announcement) else ():
            glance, late = self._glance(place), self.book.stagger(place.speaker)
            bench = benches.setdefault((id(glance), late), Bench(glance, late, []))
            assert isinstance(bench.places, list)
            bench.places.append(place)
        return Panel(announcement, list(benches.values()), sound_ms)

    def bars(self, panel: Panel, start: datetime) -> Mapping[str, str]:
        """On which speakers it may not be heard then, and why."""
        doubtful = [place for bench in panel.benches for place in self._doubtful(bench, millis(start), panel.sound_ms)]
        if not doubtful:
            return {}
        self._tell(doubtful)
        found = self.book.bars(panel.announcement, doubtful, start, sound_ms=panel.sound_ms)
        return {speaker: bar.value for speaker, bar in found.items()}

    def note(self, panel: Panel, one: Laid) -> None:
        """It will be planned, so what is judged next must fit beside it."""
        at, barred = millis(one.moment.at), one.barred
        for bench in panel.benches:
            if bench.glance.limited:
                start = at + bench.late
                day = bench.glance.day(start)
                for place in bench.places:
                    if place.speaker not in barred:
                        self._programmes[place.speaker].add(start, start + one.sound_ms, day)
                        self._untold.setdefault(place.speaker, []).append(one)

    def _doubtful(self, bench: Bench, at: Millis, ms: int) -> Sequence[Place]:
        start, glance = at + bench.late, bench.glance
        if not glance.is_open(start, start + ms):
            return bench.places
        if not glance.limited:
            return ()
        known, end = self._programmes, start + ms
        return [place for place in bench.places if not glance.fits(known[place.speaker], start, end)]

    def _glance(self, place: Place) -> Glance:
        chain = self.book.chain(place)
        glance = self._of_chain.get(id(chain))
        if glance is None:
            if chain not in self._glances:
                self._glances[chain] = Glance(chain, self._begin, self._end)
            glance = self._of_chain[id(chain)] = self._glances[chain]
        return glance

    def _tell(self, places: Iterable[Place]) -> None:
        """What the book does not know yet of the plays beside which it is asked to judge."""
        for place in places:
            for one in self._untold.pop(place.speaker, ()):
                self.book.note(one.sketch(), [place.speaker])
