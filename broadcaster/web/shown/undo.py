"""The minute in which an ordinary announcement put on the air “now” can still be called back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.airing import State
from broadcaster.store.tables import Airing
from firmware_config.protocol import Klass

UNDO = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Undo:
    """One airing that has not begun yet."""

    airing: str
    seconds: int
    """How long it can still be called back."""


def starts(klass: str, now: datetime) -> datetime | None:
    """When “now” is, pressed on the page: a minute later, and at once for what is urgent (None)."""
    return now + UNDO if klass == Klass.NORMAL else None


def undo_of(airing: Airing, now: datetime, *, may: bool) -> Undo | None:
    """The way back, while there is one for this person."""
    left = airing.planned_at - now
    soon = airing.state == State.PLANNED and not airing.standby and timedelta() < left <= UNDO
    return Undo(airing.id, -(-left // timedelta(seconds=1))) if may and soon and airing.klass == Klass.NORMAL else None
