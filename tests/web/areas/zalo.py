"""Official Accounts, their groups, the way to Zalo and back, and finding a bot's group."""

from datetime import datetime
from itertools import count

from sqlalchemy.orm import Session

from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.outlets import channels, official_accounts
from broadcaster.services.outlets.channels import Typed as TypedChannel
from broadcaster.services.outlets.official_accounts import Typed
from tests.web.areas.area import Area, Thing
from tests.web.areas.start import OUTLETS, SETTINGS
from tests.web.cells import Row

# Port 9 takes nothing: Zalo is silent there.
AWAY = "http://127.0.0.1:9"
_numbers = count()


def make(session: Session, state: str, unit: str, _writer: Actor, _approver: Actor, now: datetime) -> Thing:
    """An account nobody has agreed for, or the group of a bot."""
    if state == "bot group":
        typed = TypedChannel("Nhóm bot", "zalo_bot", SETTINGS, "1:x")
        return {"channel_id": channels.add(session, SYSTEM, unit, typed, OUTLETS, now=now).id}
    entered = Typed("UBND xã", "4711", f"815-{next(_numbers)}", "s", oauth_url=AWAY, api_url=AWAY)
    return {"account_id": official_accounts.add(session, SYSTEM, unit, entered, now=now).id}


AREA = Area(
    rows={
        "GET /official-accounts": Row("look after anywhere"),
        "GET /official-accounts/new": Row("look after anywhere"),
        # Every account has another id; a form without one is refused only where it might have been kept.
        "POST /official-accounts/new": Row("look after, page", 422, "unit"),
        # Nobody was sent away, so nobody comes back.
        "GET /official-accounts/back": Row("signed in", 409),
        "GET /official-accounts/{account_id}": Row("look after, page", thing="official account"),
        "POST /official-accounts/{account_id}": Row("look after, page", 422, "official account"),
        # The way there needs the secret of the page it is on.
        "GET /official-accounts/{account_id}/agree": Row("look after, page", 403, "official account"),
        "GET /official-accounts/{account_id}/groups": Row("look after, page", 409, "official account"),
        "POST /official-accounts/{account_id}/groups": Row("look after, page", 409, "official account"),
        "GET /channels/{channel_id}/chats": Row("look after, page", thing="bot group"),
        "POST /channels/{channel_id}/chats": Row("look after, page", 303, "bot group"),
        # Whoever asks is believed by a signature alone.
        "POST /zalo/{account_id}": Row("anyone", 401, "official account"),
    },
    states=frozenset({"official account", "bot group"}),
    make=make,
    fields={"group": "g-2"},
)
