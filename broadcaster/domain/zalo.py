"""What Zalo's Official Account interface says: its error codes, and the events it sends with their signature. PURE"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Then(StrEnum):
    """What follows an error."""

    RENEW = "renew"
    """The token is taken no more: another one, and once again."""
    LATER = "later"
    QUOTA = "quota"
    """Nothing more can be posted until the account's allowance is filled up."""
    STOP = "stop"
    """No message will be taken until a person puts something right."""
    GONE = "gone"
    """There is no such group any more."""
    DROP = "drop"
    """This message will never be taken, another one may."""


ERRORS: Mapping[int, tuple[Then, str]] = MappingProxyType(
    {
        -32: (Then.LATER, "too many requests in a minute; it is tried again by itself"),
        -200: (Then.LATER, "Zalo could not send it; it is tried again by itself"),
        -201: (Then.DROP, "Zalo does not take a part of this message; compare the group's id with Zalo's list"),
        -209: (Then.STOP, "the app may not use this interface; ask for it at Zalo for Developers"),
        -210: (Then.DROP, "a part of this message is too long; shorten the text"),
        -211: (Then.QUOTA, "the account has used up what it may send; buy more at Zalo or wait for the next period"),
        -212: (Then.STOP, "the account is not registered for this interface; register it in Zalo's OA manager"),
        -216: (Then.RENEW, "the access token is not valid; it is renewed by itself"),
        -218: (Then.QUOTA, "the group has got as much as it may get; wait for the next period"),
        -219: (Then.STOP, "the app was switched off or removed; switch it on at Zalo for Developers"),
        -220: (Then.RENEW, "the access token has ended; it is renewed by itself"),
        -221: (Then.STOP, "the account is not verified; have it verified in Zalo's OA manager"),
        -223: (Then.STOP, "the account has gone beyond what it may do; look into Zalo's OA manager"),
        -224: (Then.STOP, "the account has no package that allows this; buy one in Zalo's OA manager"),
        -233: (Then.DROP, "Zalo does not take this kind of message here; forward it with the share pack"),
        -235: (Then.STOP, "this kind of account may not use this interface; forward by the share pack"),
        -237: (Then.GONE, "the group has ended, because what was paid for it has; renew it in Zalo's OA manager"),
        -242: (
            Then.STOP,
            "Zalo wants calls of this app proved with its secret; switch appsecret_proof off for the app",
        ),
        -248: (Then.DROP, "Zalo holds this message to be against its rules; write it otherwise"),
        -320: (Then.STOP, "the app is not connected to a Zalo Cloud account; connect it at Zalo"),
        -321: (Then.STOP, "the Zalo Cloud account has no money left; fill it up"),
        -403: (Then.STOP, "the account may not post into this group; see in Zalo whether it is still its group"),
    }
)
UNLISTED = (Then.DROP, "an error that is not on our list; tell whoever looks after the server")

# Of what Zalo answers when it is asked for tokens; every other refusal needs a person as well.
OAUTH_ERRORS: Mapping[int, str] = MappingProxyType(
    {
        -14002: "the app is not active",
        -14003: "the address to come back to is not the one set for the app",
        -14004: "the app's secret key is wrong",
    }
)

GONE = frozenset({"delete_group"})
SENT = "oa_send_group_"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that Zalo tells of."""

    name: str
    key: str
    """The same each time Zalo tells it."""
    groups: frozenset[str]
    """The group, by each of the names under which it may stand."""
    message: str
    at_ms: int | None


def signed_by(raw: bytes, header: str, first: Mapping[str, str], times: Mapping[str, str], secret: str) -> str:
    """Which reading of Zalo's rule makes this signature true, as "app_id body"; empty = none does.

    The rule is sha256(first term + raw body + timestamp + secret), no HMAC; sources disagree on the first term and on
    where the timestamp stands.
    """
    given = header.strip().removeprefix("mac=").lower()
    if not secret or not given.isascii():
        return ""
    for name, term in first.items():
        for place, moment in times.items():
            said = hashlib.sha256(term.encode() + raw + moment.encode() + secret.encode()).hexdigest()
            if moment and hmac.compare_digest(said, given):
                return f"{name} {place}"
    return ""


def read_body(raw: bytes) -> Mapping[str, Any] | None:
    """The object in a body; an empty body is an empty one, and None is nothing that Zalo sends."""
    if not raw.strip():
        return {}
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def event_of(body: Mapping[str, Any], raw: bytes) -> Event:
    """What an event says; a message has a name of its own, anything else is known by its bytes."""
    message = _object(body.get("message"))
    said = text_of(message.get("msg_id"))
    moment = text_of(body.get("timestamp"))
    return Event(
        name=text_of(body.get("event_name")),
        key=said or hashlib.sha256(raw).hexdigest(),
        groups=frozenset(filter(None, map(text_of, _groups(body, message)))),
        message=said,
        at_ms=int(moment) if moment.isascii() and moment.isdigit() and len(moment) < 15 else None,
    )


def _groups(body: Mapping[str, Any], message: Mapping[str, Any]) -> Iterator[object]:
    # Reports differ on where it stands.
    recipient = _object(body.get("recipient"))
    yield from (recipient.get("id"), recipient.get("group_id"), message.get("conversation_id"), body.get("group_id"))


def text_of(value: object) -> str:
    """A name or number as text, cut to what a column holds; anything else is empty."""
    named = isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
    return str(value)[:100] if named and len(str(value)[:200]) < 200 else ""


def number_of(value: object) -> int | None:
    """A code, which Zalo writes as a number and some of its services as text."""
    text = text_of(value)
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
