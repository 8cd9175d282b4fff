"""Lists in pages: `limit` at most 200, `after` = the `next` of the page before."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from broadcaster.store import paging
from broadcaster.web.api.models import Listing, Shown

Item = TypeVar("Item", bound=Shown)
Row = TypeVar("Row")
# Every key of ours is a name people made or a number; anything else is no page of a list.
KEY = r"^[a-z0-9][a-z0-9-]{0,99}$"


@dataclass(frozen=True, slots=True)
class Pager:
    """Which page is wanted."""

    limit: Annotated[int, Query(ge=1, le=paging.MOST)] = 50
    after: Annotated[str | None, Query(pattern=KEY, description="The `next` of the page before.")] = None

    def rows(
        self, session: Session, query: Select[Row], key: InstrumentedAttribute[Any], *, newest_first: bool = False
    ) -> paging.Page[Row]:
        """This page's rows. Raises Malformed for an `after` that is no key of this list."""
        return paging.page(session, query, key, after=self.after, limit=self.limit, newest_first=newest_first)

    def listing(
        self,
        session: Session,
        query: Select[Any],
        key: InstrumentedAttribute[Any],
        model: type[Item],
        *,
        newest_first: bool = False,
    ) -> Listing[Item]:
        """This page as the API answers it."""
        found = self.rows(session, query, key, newest_first=newest_first)
        return Listing(items=[model.model_validate(row) for row in found.items], next=found.next)


Paged = Annotated[Pager, Depends()]
