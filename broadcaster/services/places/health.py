"""Loudspeakers that need somebody to look at them, the worst first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import rules_of_the_air
from broadcaster.domain.audience import Tree
from broadcaster.domain.wellbeing import Seen, alarms
from broadcaster.services.places.speakers import lagging
from broadcaster.store import places
from broadcaster.store import rules as stored
from broadcaster.store.tables import Speaker
from firmware_config.alarms import Alarm, worst_first
from firmware_config.protocol import Klass

COLUMNS = (
    Speaker.id,
    Speaker.name,
    Speaker.unit_id,
    Speaker.enrolled_at,
    Speaker.last_seen_at,
    Speaker.revoked_at,
    Speaker.pretend,
    Speaker.online,
    Speaker.clock,
    Speaker.problems,
    Speaker.chain_problem,
    Speaker.ahead_days,
    Speaker.tested_at,
    Speaker.test_day,
    Speaker.test_minute,
    Speaker.volume_max,
    Speaker.volumes,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One loudspeaker and all that is wrong with it, the heaviest first."""

    id: str
    name: str
    unit_id: str
    revoked: bool
    alarms: tuple[Alarm, ...]

    @property
    def codes(self) -> list[str]:
        """What the alarms are called."""
        return [one.code for one in self.alarms]

    @property
    def weight(self) -> tuple[int, int]:
        """How grave it is: the heaviest alarm counts, then how many there are."""
        return max((one.weight for one in self.alarms), default=0), len(self.alarms)


def standings(session: Session, units: Collection[str], *, now: datetime) -> list[Standing]:
    """Every loudspeaker of these units, the worst first, those out of service last."""
    behind = set(lagging(session, now=now))
    zones = _Zones(session)
    found = []
    for row in session.execute(select(*COLUMNS).where(Speaker.unit_id.in_(units))):
        seen = Seen(
            enrolled_at=row.enrolled_at,
            last_seen_at=row.last_seen_at,
            revoked=row.revoked_at is not None,
            online=row.online,
            clock=row.clock or "",
            problems=row.problems,
            chain_problem=row.chain_problem,
            lagging=row.id in behind,
            ahead_days=row.ahead_days,
            tested_at=row.tested_at,
            test_day=row.test_day,
            test_minute=row.test_minute,
            emergency_volume=min(row.volume_max, row.volumes.get(Klass.EMERGENCY, row.volume_max)),
        )
        # A browser that is closed is no broken loudspeaker.
        codes = () if row.pretend else alarms(seen, zones.of(row.unit_id), now)
        found.append(Standing(row.id, row.name, row.unit_id, seen.revoked, tuple(worst_first(codes))))
    return sorted(found, key=_order)


def in_need(session: Session, units: Collection[str], *, now: datetime) -> list[Standing]:
    """Those that need somebody to look at them."""
    return [one for one in standings(session, units, now=now) if one.alarms]


def _order(one: Standing) -> tuple[bool, int, int, str, str]:
    grave, many = one.weight
    return one.revoked, -grave, -many, one.name, one.id


class _Zones:
    """On whose clock the wall of each unit goes."""

    def __init__(self, session: Session) -> None:
        self._named = stored.zones(session)
        self._tree: Tree = places.tree(session)
        self._known: dict[str, ZoneInfo] = {}

    def of(self, unit: str) -> ZoneInfo:
        """The zone of the unit, or of the nearest above it that names one."""
        if unit not in self._known:
            named = (self._named[each] for each in reversed(self._tree.path(unit)) if each in self._named)
            self._known[unit] = ZoneInfo(next(named, rules_of_the_air.ZONE))
        return self._known[unit]
