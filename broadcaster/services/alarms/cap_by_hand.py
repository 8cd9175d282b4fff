"""An alert that was not believed, made a draft by somebody who answers for it: never heard by any standing order."""

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.cap import incoming
from broadcaster.domain.cap.incoming import Event, State
from broadcaster.domain.errors import CapOver, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.alarms import cap_in
from broadcaster.services.alarms.cap_places import Lands
from broadcaster.services.outlets import standing_orders
from broadcaster.services.writing import announcements
from broadcaster.store import places
from broadcaster.store.tables import Announcement, CapMessage, CapSource


def take_up(session: Session, actor: Actor, source: CapSource, message_id: str, *, now: datetime) -> Announcement:
    """Write a draft of it in the actor's own name. Raises NotFound, NotAllowed, CapNotLive, CapNoDraft, CapOver."""
    actor.require(Action.WRITE, places.path(session, source.unit_id))
    row = session.get(CapMessage, message_id, with_for_update=True)
    if row is None or row.source_id != source.id:
        raise NotFound(what="cap_message", id=message_id[:64])
    message = standing_orders.message_of(row)
    incoming.require_by_hand(State(row.state), message, now=now)
    known = [cap_in.known_as(each) for each in cap_in.earlier(session, row, message, now)]
    if incoming.overtaken(message, known) is not None:
        raise CapOver
    where = Lands().placed(session, source.unit_id, message)
    made = announcements.write(session, actor, cap_in.wanted(session, source, message, where, now), now=now)
    row.state, row.announcement_id = incoming.step(State(row.state), Event.TAKE_UP), made.id
    row.unclear = cap_in.unclear(where)
    session.flush()
    details = {
        "name": source.name,
        "sender": row.sender,
        "identifier": row.identifier,
        "code": row.code,
        "believed": False,
        "made": made.id,
    }
    audit.record(
        session, actor, "cap_by_hand", ("cap_source", source.id), now=now, unit=source.unit_id, details=details
    )
    return made
