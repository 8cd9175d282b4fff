"""In which order priority airings that collide are heard: the commune's own choice."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State
from broadcaster.domain.errors import IllegalStep, Malformed, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.store import outbox, places
from broadcaster.store.tables import Airing, Announcement, Delivery
from firmware_config.protocol import Klass

MOST = 50


def set_order(session: Session, actor: Actor, airing_ids: Sequence[str], *, now: datetime) -> list[Airing]:
    """Let them be heard in this order where they meet; each must be a priority airing that has not begun.

    Raises NotFound, NotAllowed, IllegalStep, Malformed.
    """
    if not 2 <= len(airing_ids) <= MOST or len(set(airing_ids)) != len(airing_ids):
        raise Malformed(field="airings", problem=f"2–{MOST}")
    rows = session.scalars(select(Airing).where(Airing.id.in_(airing_ids)).order_by(Airing.id).with_for_update())
    found = {airing.id: airing for airing in rows}
    ordered = [_checked(session, actor, found.get(airing_id), airing_id) for airing_id in airing_ids]
    for place, airing in enumerate(ordered):
        airing.order = place
    session.flush()
    heard = select(Delivery.speaker_id).where(Delivery.airing_id.in_(airing_ids)).distinct()
    outbox.want(session, "manifest", session.scalars(heard), now=now)
    unit = session.get_one(Announcement, ordered[0].announcement_id).unit_id
    details = {"airings": list(airing_ids)}
    audit.record(session, actor, "order", ("airing", ordered[0].id), now=now, unit=unit, details=details)
    return ordered


def _checked(session: Session, actor: Actor, airing: Airing | None, airing_id: str) -> Airing:
    if airing is None:
        raise NotFound(what="airing", id=airing_id)
    announcement = session.get_one(Announcement, airing.announcement_id)
    actor.require(Action.AIR, places.path(session, announcement.unit_id))
    if airing.klass != Klass.PRIORITY:
        raise Malformed(field="airings", problem=Klass.PRIORITY)
    if airing.state != State.PLANNED:
        raise IllegalStep(event="order", state=airing.state)
    return airing
