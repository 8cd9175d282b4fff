"""Lists of people who read announcements by mail."""

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.mirrors.trying import TriedChannels
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.outlets import channels
from broadcaster.services.outlets.channels import Typed
from tests.web.areas.area import Area, Thing
from tests.web.cells import Row

OUTLETS = TriedChannels(private=True)
SETTINGS = {"host": "mail.example.vn", "sender": "loa@xa.example.vn", "user": "loa"}


def make(session: Session, _state: str, unit: str, _writer: Actor, _approver: Actor, now: datetime) -> Thing:
    """A list without readers."""
    typed = Typed("Thư báo", "email", SETTINGS, "mật khẩu")
    return {"channel_id": channels.add(session, SYSTEM, unit, typed, OUTLETS, now=now).id}


AREA = Area(
    rows={
        "GET /channels/{channel_id}/readers": Row("look after, page", thing="mail_list"),
        "POST /channels/{channel_id}/readers": Row("look after, page", 303, "mail_list"),
        # Who holds a true link needs no name; an untrue one says nothing to anybody.
        "GET /leave/{secret}": Row("anyone", 404),
        "POST /leave/{secret}": Row("anyone", 404),
    },
    states=frozenset({"mail_list"}),
    make=make,
    fields={"addresses": "an@dan.example.vn"},
)
