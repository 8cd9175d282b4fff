"""Where alerts of others are looked for: the units of a source with their borders and loudspeakers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Tree
from broadcaster.domain.cap.gazetteer import Gazetteer
from broadcaster.domain.cap.message import Message, Point
from broadcaster.domain.cap.placing import Ground, Placed, light, placed
from broadcaster.store import places
from broadcaster.store.tables import Speaker, Unit


@dataclass(frozen=True, slots=True)
class Land:
    """What is compared with the areas of alerts."""

    tree: Tree
    grounds: tuple[Ground, ...]
    gazetteer: Gazetteer
    """Of all units there are: a name that another commune has too is not ours alone."""


@dataclass(frozen=True, slots=True)
class Lands:
    """The land around each unit, read once; made anew for each round, for units change."""

    _read: dict[str, Land] = field(default_factory=dict)

    def around(self, session: Session, unit_id: str) -> Land:
        """That of a unit. Raises UnknownUnit."""
        if unit_id not in self._read:
            self._read[unit_id] = _land(session, unit_id)
        return self._read[unit_id]

    def placed(self, session: Session, unit_id: str, message: Message) -> Placed:
        """Which units at or under this one a message means."""
        land = self.around(session, unit_id)
        areas = [area for info in message.infos for area in info.areas]
        return placed(areas, land.grounds, land.tree, unit_id, land.gazetteer)


def _land(session: Session, unit_id: str) -> Land:
    nodes = places.land(session)
    tree = Tree({unit: node.parent for unit, node in nodes.items()})
    above = set(tree.path(unit_id)) - {unit_id}
    ours = tree.under(unit_id) | above
    rows = session.scalars(select(Unit).where(Unit.id.in_(ours), Unit.closed_at.is_(None))).all()
    hung: dict[str, list[Point]] = {}
    located = (Speaker.latitude.is_not(None), Speaker.longitude.is_not(None), Speaker.revoked_at.is_(None))
    for unit, latitude, longitude in session.execute(
        select(Speaker.unit_id, Speaker.latitude, Speaker.longitude).where(*located, Speaker.unit_id.in_(ours))
    ):
        hung.setdefault(unit, []).append((latitude or 0.0, longitude or 0.0))
    grounds = tuple(_ground(row, hung.get(row.id, []), within=row.id not in above) for row in rows)
    return Land(tree, grounds, Gazetteer(nodes))


def _ground(unit: Unit, hung: Sequence[Point], *, within: bool) -> Ground:
    # A border of the province that a warned place only touches does not mean this commune.
    shapes = (unit.boundary or {}).get("coordinates", []) if within else []
    rings = tuple(
        light([(latitude, longitude) for longitude, latitude in shape[0]]) for shape in shapes if shape and shape[0]
    )
    return Ground(unit.id, rings, tuple(hung) if within else ())
