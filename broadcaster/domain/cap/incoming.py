"""What becomes of a CAP message that came in; only a live, public, unexpired one of an allowed sender is an alert."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from broadcaster.domain import steps
from broadcaster.domain.cap.message import Certainty, Message, MsgType, Reference, Scope, Severity, Status
from broadcaster.domain.cap.refusal import Refusal
from broadcaster.domain.errors import CapNoDraft, CapNotLive, CapOver, Malformed

LIFE = timedelta(hours=6)
"""How long an alert without an end of its own is one."""
LONGEST = timedelta(days=7)
AHEAD = timedelta(minutes=5)
"""How wrong the sender's clock may be."""
SEVERITIES = (Severity.EXTREME, Severity.SEVERE, Severity.MODERATE, Severity.MINOR)
CERTAINTIES = (Certainty.OBSERVED, Certainty.LIKELY, Certainty.POSSIBLE)


class State(StrEnum):
    """What became of it."""

    NOTED = "noted"
    """An exercise, a test, an acknowledgement: written down, and nothing more."""
    ELSEWHERE = "elsewhere"
    REFUSED = "refused"
    DRAFTED = "drafted"
    BY_HAND = "by_hand"
    """Refused, and made a draft by a person: no order lets it be heard."""
    AIRED = "aired"
    """Without a person."""
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Event(StrEnum):
    """What can happen to it."""

    TAKE_UP = "take_up"
    AIR = "air"
    UPDATE = "update"
    CANCEL = "cancel"
    EXPIRE = "expire"


TABLE: dict[tuple[State, Event], State] = {
    (State.REFUSED, Event.TAKE_UP): State.BY_HAND,
    (State.BY_HAND, Event.UPDATE): State.SUPERSEDED,
    (State.BY_HAND, Event.CANCEL): State.CANCELLED,
    (State.BY_HAND, Event.EXPIRE): State.EXPIRED,
    (State.DRAFTED, Event.AIR): State.AIRED,
    (State.DRAFTED, Event.UPDATE): State.SUPERSEDED,
    (State.AIRED, Event.UPDATE): State.SUPERSEDED,
    (State.DRAFTED, Event.CANCEL): State.CANCELLED,
    (State.AIRED, Event.CANCEL): State.CANCELLED,
    (State.SUPERSEDED, Event.CANCEL): State.CANCELLED,
    (State.DRAFTED, Event.EXPIRE): State.EXPIRED,
    (State.AIRED, Event.EXPIRE): State.EXPIRED,
}
OPEN = frozenset({State.DRAFTED, State.BY_HAND, State.AIRED})


def step(state: State, event: Event) -> State:
    """The state after the event; raises IllegalStep when that cannot happen now."""
    return steps.take(TABLE, state, event)


def ends(message: Message) -> datetime:
    """When the last part of it ends; never later than a week after it was sent."""
    last = max((info.expires or message.sent + LIFE for info in message.infos), default=message.sent + LIFE)
    return min(last, message.sent + LONGEST)


def refusal(message: Message, senders: Collection[str], *, now: datetime) -> Refusal | None:
    """Why it is not believed; None = it is."""
    if message.sender not in senders:
        return Refusal.WRONG_SENDER
    if message.scope is not Scope.PUBLIC:
        return Refusal.NOT_PUBLIC
    if message.sent > now + AHEAD:
        return Refusal.FROM_FUTURE
    if message.msg_type is not MsgType.CANCEL and ends(message) <= now:
        return Refusal.EXPIRED
    if message.msg_type in {MsgType.ALERT, MsgType.UPDATE} and not message.infos:
        return Refusal.BAD_CAP
    return None


def is_live(message: Message) -> bool:
    """Whether it is meant: every status but Actual never sounds and stops nothing."""
    return message.status is Status.ACTUAL and message.msg_type in {MsgType.ALERT, MsgType.UPDATE, MsgType.CANCEL}


def require_by_hand(state: State, message: Message, *, now: datetime) -> None:
    """Raise CapNotLive, CapNoDraft or CapOver unless a person may make a draft of it although it was refused."""
    if message.status is not Status.ACTUAL or message.msg_type in {MsgType.ACK, MsgType.ERROR}:
        raise CapNotLive
    if (state, Event.TAKE_UP) not in TABLE or message.msg_type is MsgType.CANCEL or not message.infos:
        raise CapNoDraft
    if ends(message) <= now:
        raise CapOver


@dataclass(frozen=True, slots=True)
class Known:
    """One live message of the same source and sender that came before, in whatever order they were sent."""

    id: str
    reference: Reference
    type: MsgType
    references: tuple[Reference, ...]


def concerned(message: Message, known: Iterable[Known]) -> list[str]:
    """The ids of those that an Update or a Cancel replaces: those it names, and earlier updates of these."""
    named = {_key(each) for each in message.references if each.sender == message.sender}
    earlier = [each for each in known if each.reference.sent <= message.sent and each.type is not MsgType.CANCEL]
    chain = [
        each for each in earlier if _key(each.reference) in named or named & {_key(one) for one in each.references}
    ]
    return [each.id for each in chain if _key(each.reference) != _key(message.reference)]


def overtaken(message: Message, known: Iterable[Known]) -> Event | None:
    """What already came that makes it old: a later message that names it, or names what it names itself."""
    mine = {_key(message.reference)} | {_key(each) for each in message.references}
    later = [
        each
        for each in known
        if each.type in {MsgType.UPDATE, MsgType.CANCEL}
        and each.reference.sent >= message.sent
        and each.reference != message.reference
        and mine & {_key(one) for one in each.references}
    ]
    if any(each.type is MsgType.CANCEL for each in later):
        return Event.CANCEL
    return Event.UPDATE if later else None


def _key(reference: Reference) -> tuple[str, str]:
    # Identifiers are unique to their sender; the time in a reference is written in many ways.
    return reference.sender, reference.identifier


@dataclass(frozen=True, slots=True)
class Rule:
    """Which alerts may be heard without a person."""

    senders: tuple[str, ...]
    severities: tuple[Severity, ...]
    certainties: tuple[Certainty, ...]

    def fits(self, message: Message) -> bool:
        """Whether all of it falls under the rule: one part that does not is enough for a person to look."""
        return (
            message.sender in self.senders
            and bool(message.infos)
            and all(info.severity in self.severities and info.certainty in self.certainties for info in message.infos)
        )

    def to_json(self) -> dict[str, Any]:
        """As it is stored and signed."""
        return {
            "senders": list(self.senders),
            "severities": list(self.severities),
            "certainties": list(self.certainties),
        }


def rule_of(given: Mapping[str, object], allowed: Sequence[str]) -> Rule:
    """The rule as it was stored or sent; senders must be allowed ones. Raises Malformed."""
    return Rule(
        tuple(_chosen(given, "senders", allowed)),
        tuple(Severity(each) for each in _chosen(given, "severities", SEVERITIES)),
        tuple(Certainty(each) for each in _chosen(given, "certainties", CERTAINTIES)),
    )


def _chosen(given: Mapping[str, object], name: str, of: Sequence[str]) -> list[str]:
    found = given.get(name)
    if not isinstance(found, list) or not found or not all(each in of for each in found):
        raise Malformed(field=name, problem=", ".join(of)[:200] or "–")
    return [each for each in of if each in found]
