"""A request to speak for a silent loudspeaker, as a thing that routes are asked about."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.store.tables import Airing, StandIn
from tests import cast
from tests.web import loudspeakers

STATE = "stand_in"
FIELDS = {"did": "done"}


def one(session: Session, unit: str, writer: Actor, approver: Actor, *, now: datetime) -> dict[str, str]:
    """To the village that has a head, or to one of the neighbour."""
    airing = loudspeakers.airing(session, unit, writer, approver, now=now)
    village = cast.VILLAGES[0] if unit == cast.COMMUNE else cast.OTHER_VILLAGE
    return {"unit": unit, "stand_in_id": ask(session, airing, village, now=now)}


def ask(session: Session, airing_id: str, village: str, *, now: datetime) -> str:
    """A request that waits for its answer, as the tick writes it."""
    airing = session.get_one(Airing, airing_id)
    row = StandIn(
        id=new_id(now),
        airing_id=airing_id,
        announcement_id=airing.announcement_id,
        revision=airing.revision,
        unit_id=village,
        klass=airing.klass,
        kind=airing.kind,
        cause="silent",
        state="open",
        words={"title": "Họp", "texts": [["vi", "Mời bà con."]]},
        speakers=[],
        since=airing.planned_at,
        opened_at=now,
        escalate_at=now + timedelta(minutes=30),
        expires_at=now + timedelta(hours=4),
    )
    session.add(row)
    session.flush()
    return row.id


def bodies() -> dict[str, Any]:
    """What a program sends, by the last word of the route."""
    return {"answer": FIELDS}
