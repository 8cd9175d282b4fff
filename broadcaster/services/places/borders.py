"""The borders of units, as maps show them."""

from datetime import datetime

from sqlalchemy import null
from sqlalchemy.orm import Session

from broadcaster.domain import borders
from broadcaster.domain.permissions import Action
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.store import places


def set_border(session: Session, actor: Actor, unit_id: str, raw: bytes, *, now: datetime) -> None:
    """Keep the border in a GeoJSON file. Raises UnknownUnit, NotAllowed, BorderUnreadable."""
    unit = places.lineage(session, unit_id)[-1]
    actor.require(Action.TEND_UNITS, places.path(session, unit_id))
    unit.boundary = borders.border(raw)
    details = {"points": sum(1 for _ in borders.points_of(unit.boundary))}
    audit.record(session, actor, "border", ("unit", unit_id), now=now, unit=unit_id, details=details)


def end_border(session: Session, actor: Actor, unit_id: str, *, now: datetime) -> None:
    """Show none any more. Raises UnknownUnit, NotAllowed."""
    unit = places.lineage(session, unit_id)[-1]
    actor.require(Action.TEND_UNITS, places.path(session, unit_id))
    if unit.boundary is not None:
        unit.boundary = null()
        audit.record(session, actor, "border_end", ("unit", unit_id), now=now, unit=unit_id)
