"""Whether what is about to be told was called off meanwhile: an alert goes nowhere after its own all-clear."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from broadcaster.domain.airing import State
from broadcaster.store.tables import Airing, Announcement

_own, _other = aliased(Announcement), aliased(Announcement)
_own_airing, _other_airing = aliased(Airing), aliased(Airing)


def aired(airing: type[Airing], now: datetime) -> ColumnElement[bool]:
    """Of an airing: whether it has begun, for all that is known when it is asked."""
    return and_(
        airing.state != State.REFUSED,
        airing.cancelled_at.is_(None),
        ~airing.standby,
        airing.planned_at <= now,
        or_(airing.hold_until.is_(None), airing.hold_until <= now),
    )


def overtaken(announcement: InstrumentedAttribute[str], now: datetime) -> ColumnElement[bool]:
    """Of a row with this announcement's id: whether another part of its alert was called up after it was heard."""
    heard_since = exists().where(
        _own_airing.announcement_id == _own.id,
        aired(_own_airing, now),
        _own_airing.planned_at > _other_airing.planned_at,
    )
    return exists().where(
        _own.id == announcement,
        _other.part_of_id == func.coalesce(_own.part_of_id, _own.id),
        _other.id != _own.id,
        _other_airing.announcement_id == _other.id,
        aired(_other_airing, now),
        ~heard_since,
    )
