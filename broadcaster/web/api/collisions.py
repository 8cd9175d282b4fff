"""Airings that meet on the same loudspeakers, and the order in which the commune wants them heard."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.collisions import Collision as Found
from broadcaster.services.airtime import airings, collisions
from broadcaster.services.moments import moment
from broadcaster.web.api.models import Given, Listing, Ref, Shown
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import find_airing, sight

router = APIRouter(prefix=f"{PREFIX}/collisions", tags=["airings"], responses=PROBLEMS)


class Meeting(Shown):
    """One airing of a collision; `hold_until` = it waits for one that was put before it and begins later."""

    airing: str
    planned_at: datetime
    hold_until: datetime | None
    ms: int
    order: int


class Collision(Shown):
    """Airings of one class that meet, in the order in which a free loudspeaker takes those that are due.

    `ordered`: it is for the commune to put them in order.
    """

    klass: str = Field(serialization_alias="class")
    ordered: bool
    airings: list[Meeting]
    speakers: list[str]


class Order(Given):
    """All airings of one collision, the first to be heard first."""

    airings: Annotated[list[Ref], Field(min_length=2, max_length=50)]


class Ordered(Shown):
    """The order that now holds."""

    airings: list[str]


@router.get("")
def list_collisions(context: Web, caller: Caller) -> Listing[Collision]:
    """Those of the next 72 hours on loudspeakers within your sight, the earliest first."""
    with context.database.read() as session:
        found = collisions.ahead(session, sight(session, caller).units, now=context.now())
    return Listing(items=[_shown(one) for one in found], next=None)


@router.post("/order", response_model=Ordered)
def put_in_order(write: Writes, given: Order) -> Response:
    """Priority airings only, none of which has begun; where they meet, what is put later waits."""

    def work(session: Session) -> Ordered:
        seen = sight(session, write.caller)
        for airing in given.airings:
            find_airing(session, seen, airing)
        made = airings.set_order(session, write.caller, given.airings, now=write.context.now())
        return Ordered(airings=[airing.id for airing in made])

    return write.answer(given, work)


def _shown(one: Found) -> Collision:
    meetings = [
        Meeting(
            airing=slot.airing,
            planned_at=moment(slot.start),
            hold_until=moment(slot.hold) if slot.hold else None,
            ms=slot.ms,
            order=slot.order,
        )
        for slot in one.slots
    ]
    return Collision(klass=one.klass, ordered=one.ordered, airings=meetings, speakers=sorted(one.speakers))
