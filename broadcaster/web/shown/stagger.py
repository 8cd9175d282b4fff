"""The start offsets of a unit's loudspeakers, or of one loudspeaker's neighbourhood, as a map and a table."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.stagger import SPEED, Cluster, Mast, Plan, distance_m, neighbours
from broadcaster.services.places import stagger
from broadcaster.store import places
from broadcaster.store.tables import Speaker
from broadcaster.web.shown.map import WIDTH, Frame, Label, Scale, frame, labels

MOST_RINGS = 10
MOST_NAMED = 14
"""More names than that nobody reads on a map; the table has them all."""
FULL = 60


@dataclass(frozen=True, slots=True)
class Dot:
    """One post on the map."""

    x: float
    y: float
    number: int
    ms: int
    names: tuple[str, ...]
    kind: str
    """"first" begins at once, "here" is the loudspeaker looked at, "ours", or "other" of another unit."""
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """How far the sound has come after so many seconds."""

    x: float
    y: float
    radius: float
    seconds: int


@dataclass(frozen=True, slots=True)
class Row:
    """One post in the table."""

    number: int
    names: tuple[tuple[str, str], ...]
    """(id, name) of each loudspeaker."""
    metres: int
    """From the post that begins first."""
    ms: int
    first: bool
    apart: int | None = None
    """Metres from the loudspeaker looked at, where there is one."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What `_stagger.html` draws; without a single known place only `unknown` is filled."""

    width: float
    height: float
    dots: tuple[Dot, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    rings: tuple[Ring, ...]
    scale: Scale | None
    rows: tuple[Row, ...]
    unknown: tuple[tuple[str, str], ...]
    """(id, name) of loudspeakers whose place nobody has entered."""
    of_speaker: bool = False

    @property
    def full(self) -> bool:
        """Whether the table is too long to stand open."""
        return len(self.rows) > FULL


def drawing(session: Session, unit_id: str) -> Drawing:
    """The neighbourhoods the unit's loudspeakers hang in. Raises UnknownUnit."""
    inside = places.tree(session).under(unit_id)
    query = select(Speaker.id, Speaker.name).where(Speaker.unit_id.in_(inside), Speaker.revoked_at.is_(None))
    names = {row.id: row.name for row in session.execute(query)}
    plan = stagger.plan(session)
    clusters = [one for one in plan.clusters if any(names.keys() & set(mast.speakers) for mast in one.masts)]
    return _drawn(plan, clusters, names)


def neighbourhood(session: Session, speaker: Speaker, within: Collection[str]) -> Drawing:
    """The posts within earshot of one loudspeaker; named where they hang in one of the units `within`."""
    query = select(Speaker.id, Speaker.name).where(Speaker.unit_id.in_(within), Speaker.revoked_at.is_(None))
    names = {row.id: row.name for row in session.execute(query)}
    plan = stagger.plan(session)
    cluster = plan.cluster_of(speaker.id)
    clusters = [cluster] if cluster else []
    return _drawn(plan, clusters, names, here=speaker.id)


def _drawn(plan: Plan, clusters: Sequence[Cluster], names: dict[str, str], *, here: str = "") -> Drawing:
    unknown = tuple((name, names[name]) for name in plan.unknown if name in names and here in {"", name})
    shown = [(cluster, mast) for cluster in clusters for mast in sorted(_near(cluster, here), key=_offset)]
    if not shown:
        return Drawing(WIDTH, 0, (), (), (), None, (), unknown, of_speaker=bool(here))
    look = frame([(mast.latitude, mast.longitude) for _, mast in shown])
    dots = _dots(look, shown, names, here)
    lines = tuple(
        (dot.x, dot.y, *look.at(cluster.centre.latitude, cluster.centre.longitude))
        for dot, (cluster, mast) in zip(dots, shown, strict=True)
        if mast is not cluster.centre
    )
    rings = tuple(ring for cluster in clusters for ring in _rings(look, cluster, [m for c, m in shown if c is cluster]))
    rows = _rows(shown, names, here)
    return Drawing(WIDTH, look.height, dots, lines, rings, look.scale(), rows, unknown, of_speaker=bool(here))


def _offset(mast: Mast) -> int:
    return mast.offset_ms


def _near(cluster: Cluster, here: str) -> Sequence[Mast]:
    """All of them; of one loudspeaker its own post, those within earshot, and the one from which the wave comes."""
    if not here:
        return cluster.masts
    near = {mast for mast, _ in neighbours(cluster, here)} | {cluster.centre}
    return [mast for mast in cluster.masts if mast in near or here in mast.speakers]


def _dots(look: Frame, shown: Sequence[tuple[Cluster, Mast]], names: dict[str, str], here: str) -> tuple[Dot, ...]:
    at = [look.at(mast.latitude, mast.longitude) for _, mast in shown]
    texts = [_texts(mast, names, named=len(shown) <= MOST_NAMED) for _, mast in shown]
    found = labels(at, texts, look.height) if len(shown) <= FULL else [None] * len(shown)
    return tuple(
        Dot(*place, number, mast.offset_ms, _names(mast, names), _kind(cluster, mast, names, here), label)
        for number, (place, (cluster, mast), label) in enumerate(zip(at, shown, found, strict=True), 1)
    )


def _texts(mast: Mast, names: dict[str, str], *, named: bool) -> list[str]:
    known = _names(mast, names)
    return [f"{mast.offset_ms} ms", *([known[0][:22]] if named and known else [])]


def _names(mast: Mast, names: dict[str, str]) -> tuple[str, ...]:
    return tuple(names[one] for one in mast.speakers if one in names)


def _kind(cluster: Cluster, mast: Mast, names: dict[str, str], here: str) -> str:
    if here and here in mast.speakers:
        return "here"
    if mast is cluster.centre:
        return "first"
    return "ours" if any(one in names for one in mast.speakers) else "other"


def _rings(look: Frame, cluster: Cluster, masts: Sequence[Mast]) -> Sequence[Ring]:
    farthest = max(distance_m(cluster.centre.at, mast.at) for mast in masts)
    x, y = look.at(cluster.centre.latitude, cluster.centre.longitude)
    seconds = range(1, min(MOST_RINGS, int(farthest / SPEED) + 1) + 1) if farthest > 0 else ()
    return [Ring(x, y, round(second * SPEED * look.unit, 1), second) for second in seconds]


def _rows(shown: Sequence[tuple[Cluster, Mast]], names: dict[str, str], here: str) -> tuple[Row, ...]:
    own = next((mast for _, mast in shown if here and here in mast.speakers), None)
    rows = [
        Row(
            number,
            tuple((one, names[one]) for one in mast.speakers if one in names),
            round(distance_m(cluster.centre.at, mast.at)),
            mast.offset_ms,
            first=mast is cluster.centre,
            apart=round(distance_m(own.at, mast.at)) if own else None,
        )
        for number, (cluster, mast) in enumerate(shown, 1)
    ]
    return tuple(sorted(rows, key=lambda row: (row.apart or 0, row.number)))
