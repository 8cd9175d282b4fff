"""What a person forwards by hand."""

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import mirrors
from broadcaster.store.tables import Airing, Announcement, Channel, MirrorCopy
from tests import cast
from tests.web import loudspeakers
from tests.web.areas.area import Area, Thing
from tests.web.cells import Row


def waiting(session: Session, _state: str, unit: str, writer: Actor, approver: Actor, now: datetime) -> Thing:
    """A copy that waits for the head of a village, of an airing that has begun."""
    airing = session.get_one(Airing, loudspeakers.airing(session, unit, writer, approver, now=now))
    airing.planned_at = now
    village = cast.VILLAGES[0] if unit == cast.COMMUNE else cast.OTHER_VILLAGE
    channel = Channel(id=new_id(now), unit_id=village, kind="share_pack", name="Nhóm Zalo bản", created_at=now)
    session.add(channel)
    session.flush()
    mirrors.owe(session, session.get_one(Announcement, airing.announcement_id), now=now, airing=airing)
    copy = session.query(MirrorCopy).filter_by(channel_id=channel.id).one()
    return {"copy_id": copy.id, "airing_id": airing.id}


AREA = Area(
    rows={
        "GET /share": Row("signed in"),
        "GET /share/{copy_id}": Row("answer for it", thing="waiting copy"),
        "GET /share/{copy_id}/card.png": Row("answer for it", thing="waiting copy"),
        "POST /share/{copy_id}/forwarded": Row("answer for it", 303, "waiting copy"),
    },
    states=frozenset({"waiting copy"}),
    make=waiting,
)
