"""What waits for this person's decision."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.announcement import State
from broadcaster.domain.errors import NotAllowed
from broadcaster.domain.permissions import Action, units_of
from broadcaster.services.actor import Actor
from broadcaster.store.tables import Announcement
from broadcaster.web.shown.announcements import Brief, briefs, listed
from broadcaster.web.shown.sight import Sight, sight


def waiting_for(session: Session, seen: Sight) -> list[Brief]:
    """Submitted announcements of the units this person approves for, written by others."""
    query = listed(seen, Announcement.state == State.SUBMITTED, Announcement.unit_id.in_(_units(session, seen.actor)))
    return [line for line in briefs(session, seen, query) if not is_writer(session, seen.actor, line.id)]


def is_writer(session: Session, actor: Actor, announcement_id: str) -> bool:
    """Whether this person's own words may be in it."""
    row = session.get_one(Announcement, announcement_id)
    return actor.person_id in {row.author_id, *row.writers}


def how_many(session: Session, actor: Actor) -> int:
    """The number beside “Approve” in the menu."""
    wanted = select(Announcement).where(
        Announcement.state == State.SUBMITTED, Announcement.unit_id.in_(_units(session, actor))
    )
    return sum(actor.person_id not in {row.author_id, *row.writers} for row in session.scalars(wanted))


def _units(session: Session, actor: Actor) -> frozenset[str]:
    if not units_of(actor.grants, Action.APPROVE):
        return frozenset()
    try:
        return sight(session, actor, Action.APPROVE).units
    except NotAllowed:
        return frozenset()
