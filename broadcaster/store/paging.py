"""Lists in pages that stay right while rows are added: each goes on after the last key of the one before."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Integer, Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from broadcaster.domain.errors import Malformed

Row = TypeVar("Row")
MOST = 200
# Every number of so many digits is one the databases know.
LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and what to ask for to get the next ones; None at the end."""

    items: list[Row]
    next: str | None


def page(
    session: Session,
    statement: Select[Row],
    key: InstrumentedAttribute[Any],
    *,
    after: str | None = None,
    limit: int = 50,
    newest_first: bool = False,
) -> Page[Row]:
    """One page of a select, ordered by `key`, a unique column of it. Raises Malformed for an `after` not ours."""
    size = max(1, min(limit, MOST))
    if after is not None:
        last = _value(key, after)
        statement = statement.where(key < last if newest_first else key > last)
    ordered = statement.order_by(key.desc() if newest_first else key)
    found = list(session.scalars(ordered.limit(size + 1)))
    more = len(found) > size
    items = found[:size]
    return Page(items, str(getattr(items[-1], key.key)) if more else None)


def _value(key: InstrumentedAttribute[Any], after: str) -> str | int:
    if not isinstance(key.type, Integer):
        return after
    if not after.isascii() or not after.isdigit() or len(after) > LONGEST_NUMBER:
        raise Malformed(field="after", problem="not a page of this list")
    return int(after)
