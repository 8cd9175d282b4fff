"""Airings of one class that meet on the same loudspeakers; two priority ones are put in order by the commune."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from firmware_config.protocol import Klass, Millis

ORDERED = frozenset({Klass.PRIORITY})
"""Between others nobody chooses: what begins earlier is heard first."""
COLLIDING = (Klass.PRIORITY, Klass.NORMAL)
"""An emergency pushes everything aside, and two of them are for people to sort out at once."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One airing as it lies in the day."""

    airing: str
    klass: Klass
    start: Millis
    ms: int
    order: int
    speakers: frozenset[str]
    hold: Millis = 0
    """Until when it is held for one that was put before it."""

    @property
    def begins(self) -> Millis:
        """When it may begin."""
        return max(self.start, self.hold)

    @property
    def end(self) -> Millis:
        """The moment after its last sample."""
        return self.begins + self.ms


@dataclass(frozen=True, slots=True)
class Collision:
    """Airings that meet, in the order in which a loudspeaker takes them when it is free."""

    klass: Klass
    slots: tuple[Slot, ...]
    speakers: frozenset[str]
    """Where two of them or more meet."""

    @property
    def ordered(self) -> bool:
        """Whether it is for the commune to put them in order."""
        return self.klass in ORDERED

    @property
    def start(self) -> Millis:
        """When the first of them begins."""
        return min(slot.begins for slot in self.slots)


@dataclass(frozen=True, slots=True)
class Turn:
    """When one of several in order may begin, and when it can be heard at the latest."""

    slot: Slot
    begins: Millis
    heard: Millis

    @property
    def held(self) -> bool:
        """Whether it waits for one that begins later by its own time."""
        return self.begins > self.slot.start


def turns(ordered: Iterable[Slot]) -> list[Turn]:
    """The turn of each, so that where two meet the one put first is heard first."""
    found: list[Turn] = []
    for slot in ordered:
        before = [turn for turn in found if turn.slot.speakers & slot.speakers]
        begins = max([slot.start, *(turn.begins for turn in before)])
        found.append(Turn(slot, begins, max([begins, *(turn.heard + turn.slot.ms for turn in before)])))
    return found


def find(slots: Iterable[Slot]) -> list[Collision]:
    """Every collision, the earliest first; what meets through a third is one collision."""
    found: list[Collision] = []
    every = list(slots)
    for klass in COLLIDING:
        mine = sorted((slot for slot in every if slot.klass is klass), key=lambda slot: (slot.begins, slot.airing))
        found += [_collision(klass, group) for group in _met(mine) if len(group) > 1]
    return sorted(found, key=lambda each: (each.start, each.klass, each.slots[0].airing))


def rank(slot: Slot) -> tuple[int, Millis, str]:
    """What a loudspeaker that is free takes first among those that are due."""
    return slot.order, slot.begins, slot.airing


def meet(one: Slot, two: Slot) -> frozenset[str]:
    """The loudspeakers on which both would sound at the same time."""
    together = one.begins < two.end and two.begins < one.end
    return one.speakers & two.speakers if together else frozenset()


def _met(slots: Sequence[Slot]) -> Iterable[list[Slot]]:
    group = {slot.airing: [slot] for slot in slots}
    sounding: list[Slot] = []
    for slot in slots:
        sounding = [other for other in sounding if other.end > slot.begins]
        for other in sounding:
            mine, theirs = group[slot.airing], group[other.airing]
            if mine is not theirs and meet(slot, other):
                theirs += mine
                group |= {each.airing: theirs for each in mine}
        sounding.append(slot)
    return {id(each): each for each in group.values()}.values()


def _collision(klass: Klass, group: Sequence[Slot]) -> Collision:
    ordered = tuple(sorted(group, key=rank))
    times: dict[str, int] = defaultdict(int)
    for number, one in enumerate(ordered):
        for two in ordered[number + 1 :]:
            for speaker in meet(one, two):
                times[speaker] += 1
    return Collision(klass, ordered, frozenset(times))
