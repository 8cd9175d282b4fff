"""Whether an airing has begun, was heard, or was called off since: conditions on rows, said once for every outlet."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from broadcaster.domain.airing import State
from broadcaster.store.tables import Airing, Announcement

_own, _other = aliased(Announcement), aliased(Announcement)
_own_airing, _other_airing = aliased(Airing), aliased(Airing)


def begun(airing: type[Airing], now: datetime) -> ColumnElement[bool]:
    """That its turn had come; what was put before it may hold it back."""
    return and_(airing.planned_at <= now, or_(airing.hold_until.is_(None), airing.hold_until <= now))


def stands(airing: type[Airing]) -> ColumnElement[bool]:
    """That it is to be heard, or was, and nobody has stopped it."""
    return and_(_meant(airing), airing.cancelled_at.is_(None))


def aired(airing: type[Airing], now: datetime) -> ColumnElement[bool]:
    """That it has begun, for all that is known when it is asked, and was not stopped since."""
    return and_(stands(airing), begun(airing, now))


def was_aired(airing: type[Airing], now: datetime) -> ColumnElement[bool]:
    """That it was to be heard by now, and was not cancelled before it could be."""
    let_go = or_(airing.hold_until.is_(None), airing.hold_until < airing.cancelled_at)
    not_before = or_(airing.cancelled_at.is_(None), and_(airing.planned_at < airing.cancelled_at, let_go))
    return and_(_meant(airing), not_before, begun(airing, now))


def _meant(airing: type[Airing]) -> ColumnElement[bool]:
    return and_(airing.state != State.REFUSED, airing.standby.is_(False))


def overtaken(announcement: InstrumentedAttribute[str], now: datetime) -> ColumnElement[bool]:
    """Of a row with this announcement's id: whether another part of its alert was called up after it was heard.

    An alert goes nowhere after its own all-clear.
    """
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
