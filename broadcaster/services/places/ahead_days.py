"""How many days ahead a loudspeaker is planned and told."""

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.errors import BadDaysAhead, UnknownSpeaker
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import MOST_DAYS, NEAR_DAYS
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import far
from broadcaster.store import outbox, places
from broadcaster.store.tables import Speaker


def set_ahead(session: Session, actor: Actor, speaker: str, days: int, *, now: datetime) -> None:
    """Plan and tell it so many days ahead from now on; what it was told beyond a smaller number it still plays.

    Its airings are there when the transaction ends. Raises UnknownSpeaker, NotAllowed, BadDaysAhead.
    """
    row = session.get(Speaker, speaker, with_for_update=True)
    if row is None or row.revoked_at is not None:
        raise UnknownSpeaker(id=speaker)
    actor.require(Action.TEND_SPEAKERS, places.path(session, row.unit_id))
    if not NEAR_DAYS <= days <= MOST_DAYS:
        raise BadDaysAhead(days=days, least=NEAR_DAYS, most=MOST_DAYS)
    before = row.ahead_days
    if days == before:
        return
    row.ahead_days = days
    details = {"before": {"ahead_days": before}, "after": {"ahead_days": days}}
    audit.record(session, actor, "ahead_days", ("speaker", speaker), now=now, unit=row.unit_id, details=details)
    if days > before:
        far.look_again(session)
        far.plan(session, now=now)
    outbox.want(session, "manifest", [speaker], now=now)
