"""The first steps, chat groups, and the loudspeaker that only pretends."""

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.demo.stand_in_chat import TOKEN
from broadcaster.mirrors.trying import TriedChannels
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.outlets import channels
from broadcaster.services.outlets.channels import Typed
from broadcaster.services.speaking import pretending
from tests import cast
from tests.web.areas.area import Area, Thing
from tests.web.cells import Row

OUTLETS = TriedChannels(private=True)
# Port 9 takes nothing: what is tried there is refused at once, and the page says so.
SETTINGS = {"chat_id": "g1", "base_url": "http://127.0.0.1:9"}
FIELDS = {
    "name": "Xã Yên Châu",
    "zone": "Asia/Ho_Chi_Minh",
    "outlet": "zalo_bot",
    "secret": TOKEN,
    "text": "Mời bà con.",
    "setting-chat_id": "g1",
    "setting-base_url": "http://127.0.0.1:9",
}


def make(session: Session, state: str, unit: str, _writer: Actor, _approver: Actor, now: datetime) -> Thing:
    """A chat group, or a pretend loudspeaker in the commune itself."""
    if state == "channel":
        typed = Typed("Nhóm Zalo xã", "zalo_bot", SETTINGS, TOKEN)
        return {"channel_id": channels.add(session, SYSTEM, unit, typed, OUTLETS, now=now).id}
    return {"speaker_id": pretending.make(session, SYSTEM, unit, cast.VAULT, now=now).id}


AREA = Area(
    rows={
        "GET /start": Row("look after anywhere"),
        "POST /start/test/{step}": Row("look after anywhere", 404),
        "GET /start/commune": Row("look after anywhere"),
        "POST /start/commune": Row("look after anywhere", 303),
        "GET /start/villages": Row("look after anywhere"),
        "POST /start/villages": Row("look after anywhere", 422),
        "GET /start/speaker": Row("look after anywhere"),
        "POST /start/pretend": Row("enrol there", 303, "unit"),
        "GET /start/sentence": Row("look after anywhere"),
        "POST /start/sentence": Row("look after anywhere", 303),
        # An untrue address says nothing to anybody.
        "GET /start/{secret}": Row("anyone", 401),
        "POST /start/{secret}": Row("anyone", 401),
        "GET /pretend/{speaker_id}": Row("tend it", thing="pretended"),
        "GET /pretend/{speaker_id}/now": Row("tend it", thing="pretended"),
        "POST /pretend/{speaker_id}/test": Row("tend it", thing="pretended"),
        "POST /pretend/{speaker_id}/said": Row("tend it", 409, "pretended"),
        "GET /channels": Row("look after anywhere"),
        "GET /channels/new": Row("look after anywhere"),
        "POST /channels/new": Row("look after, page", 303, "unit"),
        "GET /channels/{channel_id}": Row("look after, page", thing="channel"),
        "POST /channels/{channel_id}": Row("look after, page", 303, "channel"),
    },
    states=frozenset({"channel", "pretended"}),
    make=make,
    fields=FIELDS,
)
