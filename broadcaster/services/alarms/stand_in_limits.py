"""How long a loudspeaker of a unit may be silent before a person is asked: looked up along the tree, and changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.domain import stand_in
from broadcaster.domain.permissions import Action
from broadcaster.domain.stand_in import Limits
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.store import places


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for one class in a unit."""

    klass: str
    limits: Limits
    own: bool
    """Said by the unit itself; otherwise by one above, or by nobody."""


def of_unit(session: Session, unit_id: str) -> tuple[Setting, ...]:
    """What holds in a unit, class by class. Raises UnknownUnit."""
    settings = [unit.stand_in or None for unit in reversed(places.lineage(session, unit_id))]
    own: Mapping[str, Any] = settings[0] or {}
    return tuple(Setting(klass, stand_in.limits_of(settings, klass), klass in own) for klass in stand_in.USUAL)


def change(session: Session, actor: Actor, unit_id: str, given: object, *, now: datetime) -> dict[str, list[int]]:
    """Put a unit's own limits in force; a class that is left out is as above. Raises NotAllowed, Malformed."""
    unit = places.lineage(session, unit_id)[-1]
    actor.require(Action.TEND_UNITS, places.path(session, unit_id))
    wanted = stand_in.parse(given)
    unit.stand_in = wanted or None
    session.flush()
    subject, details = ("unit", unit_id), {"limits": wanted}
    audit.record(session, actor, "stand_in_limits", subject, now=now, unit=unit_id, details=details)
    return wanted
