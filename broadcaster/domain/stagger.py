"""When each loudspeaker of a neighbourhood begins, so that the sound of one reaches the next just as that one starts.

Sound goes 343 m in a second, and beyond about 50 ms a second sound is an echo. From the middle of a neighbourhood the
starts spread outward as fast as sound does. Loudspeakers on one post begin together.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

SPEED = 343.0
"""Metres a second, in air at 20 °C."""
EARTH_M = 6_371_008.8
"""Mean radius."""
NEIGHBOURS_M = 1_000.0
"""Farther apart two loudspeakers are not heard in one place."""
SAME_POST_M = 17.0
"""Sound takes 50 ms for this."""
LATEST_MS = 10_000
"""No loudspeaker waits longer; the manifest carries no more."""

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Post:
    """Where one loudspeaker hangs, in degrees; those of one named post hang together."""

    speaker: str
    latitude: float | None
    longitude: float | None
    post: str = ""


@dataclass(frozen=True, slots=True)
class Mast:
    """One post with all that hangs on it."""

    speakers: tuple[str, ...]
    at: Vector
    """On a sphere of radius 1."""
    offset_ms: int = 0

    @property
    def latitude(self) -> float:
        """Degrees north."""
        return math.degrees(math.asin(max(-1.0, min(1.0, self.at[2]))))

    @property
    def longitude(self) -> float:
        """Degrees east."""
        return math.degrees(math.atan2(self.at[1], self.at[0]))


@dataclass(frozen=True, slots=True)
class Cluster:
    """Posts that follow on one another within earshot, and the one from which the starts spread."""

    masts: tuple[Mast, ...]
    centre: Mast


@dataclass(frozen=True)
class Plan:
    """Who begins how much later, and what that follows from."""

    clusters: tuple[Cluster, ...]
    unknown: tuple[str, ...]
    """Loudspeakers whose place nobody has entered; they begin at once."""
    offsets: Mapping[str, int] = field(init=False, repr=False)
    """speaker → milliseconds."""

    def __post_init__(self) -> None:
        placed = {name: mast.offset_ms for group in self.clusters for mast in group.masts for name in mast.speakers}
        object.__setattr__(self, "offsets", dict.fromkeys(self.unknown, 0) | placed)

    def cluster_of(self, speaker: str) -> Cluster | None:
        """The neighbourhood a loudspeaker hangs in; None where its place is unknown."""
        return next((one for one in self.clusters if any(speaker in mast.speakers for mast in one.masts)), None)


def distance_m(one: Vector, two: Vector) -> float:
    """Along the great circle."""
    return 2 * EARTH_M * math.asin(min(1.0, math.dist(one, two) / 2))


def vector(latitude: float, longitude: float) -> Vector:
    """The point on a sphere of radius 1."""
    north, east = math.radians(latitude), math.radians(longitude)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def plan(posts: Iterable[Post]) -> Plan:
    """The offsets of all, whatever the order in which they are given."""
    known = sorted(posts, key=lambda post: post.speaker)
    masts, unknown = _masts(known)
    groups = _joined([mast.at for mast in masts], NEIGHBOURS_M)
    return Plan(tuple(_cluster([masts[at] for at in group]) for group in groups), unknown)


def neighbours(cluster: Cluster, speaker: str) -> list[tuple[Mast, float]]:
    """The posts within earshot of a loudspeaker's own with their distance in metres, the nearest first."""
    here = next(mast for mast in cluster.masts if speaker in mast.speakers)
    apart = [(mast, distance_m(here.at, mast.at)) for mast in cluster.masts if mast is not here]
    return sorted((each for each in apart if each[1] <= NEIGHBOURS_M), key=lambda each: (each[1], each[0].speakers))


def offset_ms(metres: float) -> int:
    """How much later a post begins at this distance from the middle.

    Beyond what a loudspeaker may wait the wave turns back, so that neighbours stay as far apart as their sound is.
    """
    there = metres / SPEED * 1000
    return round(LATEST_MS - abs(LATEST_MS - there % (2 * LATEST_MS)))


def _masts(posts: Sequence[Post]) -> tuple[list[Mast], tuple[str, ...]]:
    places = [None if p.latitude is None or p.longitude is None else vector(p.latitude, p.longitude) for p in posts]
    found: list[Mast] = []
    unknown: list[str] = []
    for group in _together(posts, places):
        names, at = tuple(posts[each].speaker for each in group), _middle(places[each] for each in group)
        if at is None:
            unknown += names
        else:
            found.append(Mast(names, at))
    return found, tuple(unknown)


def _together(posts: Sequence[Post], places: Sequence[Vector | None]) -> list[list[int]]:
    """Groups of indices that share a post: by its name, or so close that nobody hears two of them apart."""
    known = [at for at, place in enumerate(places) if place is not None]
    near = _joined([place for place in places if place is not None], SAME_POST_M)
    named: dict[str, list[int]] = defaultdict(list)
    for at, post in enumerate(posts):
        named[post.post or f"\0{at}"].append(at)
    return _united(len(posts), [*([known[at] for at in group] for group in near), *named.values()])


def _middle(places: Iterable[Vector | None]) -> Vector | None:
    known = [place for place in places if place is not None]
    total = tuple(math.fsum(place[axis] for place in known) for axis in range(3))
    length = math.hypot(*total)
    return (total[0] / length, total[1] / length, total[2] / length) if known and length else None


def _cluster(masts: Sequence[Mast]) -> Cluster:
    middle = _middle(mast.at for mast in masts) or masts[0].at
    # To the millimetre, so that of two equally near the name decides and not the last digit.
    centre = min(masts, key=lambda mast: (round(distance_m(mast.at, middle), 3), mast.speakers))
    timed = {mast: Mast(mast.speakers, mast.at, offset_ms(distance_m(centre.at, mast.at))) for mast in masts}
    return Cluster(tuple(timed[mast] for mast in masts), timed[centre])


def _joined(points: Sequence[Vector], within_m: float) -> list[list[int]]:
    """Groups of indices in which each point has a next one within this many metres; in the order of their first."""
    cells: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for at, point in enumerate(points):
        cells[_cell(point, within_m)].append(at)
    return _united(len(points), _pairs(points, cells, within_m))


def _cell(point: Vector, size_m: float) -> tuple[int, ...]:
    return tuple(math.floor(axis * EARTH_M / size_m) for axis in point)


def _pairs(
    points: Sequence[Vector], cells: Mapping[tuple[int, ...], Sequence[int]], within_m: float
) -> Iterator[tuple[int, int]]:
    for at, point in enumerate(points):
        here = _cell(point, within_m)
        # A straight line is never longer than the way along the ground, so nothing near is in a farther cell.
        for step in product((-1, 0, 1), repeat=3):
            for other in cells.get(tuple(a + b for a, b in zip(here, step, strict=True)), ()):
                if other < at and distance_m(point, points[other]) <= within_m:
                    yield other, at


def _united(count: int, groups: Iterable[Sequence[int]]) -> list[list[int]]:
    """Everything that hangs together through any of the groups, each once, in the order of its first index."""
    above = list(range(count))

    def top(at: int) -> int:
        while above[at] != at:
            above[at] = above[above[at]]
            at = above[at]
        return at

    for group in groups:
        for other in group[1:]:
            first, second = sorted((top(group[0]), top(other)))
            above[second] = first
    found: dict[int, list[int]] = defaultdict(list)
    for at in range(count):
        found[top(at)].append(at)
    return list(found.values())
