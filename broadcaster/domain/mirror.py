"""A copy of an announcement in a chat group or feed: what it says, how far it got, and when it is tried again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from broadcaster.domain.audience import Choice, ChoiceKind, Tree
from firmware_config.protocol import Kind, Klass


class CopyState(StrEnum):
    """How far a copy got."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    """The provider took it."""
    DELIVERED = "delivered"
    """The provider says it was shown or received."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It was sent and no answer came: readers may have it or not."""


class Event(StrEnum):
    """What may happen to a copy."""

    ACCEPT = "accept"
    DELIVER = "deliver"
    REFUSE = "refuse"
    """For good: trying again cannot help."""
    DEFER = "defer"
    """It certainly did not go out, and may be tried again."""
    LOSE = "lose"
    """Nobody knows whether it went out."""
    DROP = "drop"
    """It expired, or a newer copy took its place, before it went out."""
    RETRY = "retry"
    """A person wants one that certainly did not go out to be sent again."""
    CARRY = "carry"
    """A person took it there themselves."""


class Action(StrEnum):
    """What a copy does to its channel."""

    POST = "post"
    EDIT = "edit"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    ASK = "ask"
    """Not a copy: one person is asked to say it where a loudspeaker is silent."""
    RELEASE = "release"
    """That person need not, or must not, say it any more."""


SUPERSEDED, EXPIRED = "superseded", "expired"
"""In place of a provider's code: why it never went out."""
BY_HAND = frozenset({"share_pack"})
"""Kinds of channel whose copies a person carries over; no machine sends them."""
REPEATABLE = frozenset({"email", "matrix", "webhook"})
"""Kinds of channel that bring nobody the same copy twice, because its id tells them."""


class IllegalCopyStep(Exception):
    """The copy cannot take this step from the state it is in."""


_Q, _A, _D, _F, _U = CopyState.QUEUED, CopyState.ACCEPTED, CopyState.DELIVERED, CopyState.FAILED, CopyState.UNKNOWN

TABLE: Mapping[tuple[CopyState, Event], CopyState] = MappingProxyType(
    {
        (_Q, Event.ACCEPT): _A,
        (_Q, Event.DELIVER): _D,
        (_Q, Event.REFUSE): _F,
        (_Q, Event.DEFER): _Q,
        (_Q, Event.LOSE): _U,
        (_Q, Event.DROP): _F,
        # An emergency is sent again from here; until one attempt is taken, nobody knows about the first.
        (_U, Event.ACCEPT): _A,
        (_U, Event.DELIVER): _D,
        (_U, Event.REFUSE): _F,
        (_U, Event.DEFER): _U,
        (_U, Event.LOSE): _U,
        (_A, Event.DELIVER): _D,
        (_F, Event.RETRY): _Q,
        (_Q, Event.CARRY): _D,
        # They had it in their hands before it was dropped.
        (_F, Event.CARRY): _D,
    }
)


def step(state: CopyState, event: Event) -> CopyState:
    """The state after an event; what is not in the table raises IllegalCopyStep and changes nothing."""
    try:
        return TABLE[state, event]
    except KeyError:
        raise IllegalCopyStep(f"{state} + {event}") from None


@dataclass(frozen=True, slots=True)
class Text:
    """The announcement in one language."""

    language: str
    text: str
    clip: str = ""
    """The sound of it, by its hash; empty where there is none."""
    ms: int = 0


@dataclass(frozen=True, slots=True)
class Copy:
    """All that a channel may say; each channel writes it in its own form."""

    id: str
    """The same on every attempt, so that a receiver can drop doubles."""
    action: Action
    announcement: str
    """The public id."""
    revision: int
    klass: Klass
    kind: Kind
    title: str
    texts: tuple[Text, ...]
    """In the order of the village's languages."""
    place: str
    airs_at: datetime | None
    """On the village's clock; none when it is not known."""
    link: str
    reason: str = ""
    """Why it was withdrawn; of an ASK the silent loudspeakers, of a RELEASE how the request ended."""
    repeated: bool = False
    """An earlier attempt may have reached the readers."""
    part: str = ""
    """Of an alert: "correction" or "all_clear"."""
    channel: str = ""
    """The channel it is for, by its id."""
    named: str = ""
    """What the provider, or its channel, called this copy on an earlier attempt."""
    earlier: tuple[str, ...] = ()
    """What the provider calls the copies of this announcement that are out, the latest last: what an edit needs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt."""

    state: CopyState
    """accepted, delivered, failed or unknown."""
    remote_id: str | None = None
    retry_after: int | None = None
    """Seconds for which the provider wants to be left alone."""
    permanent: bool = False
    """Trying again cannot help."""
    provider_code: str = ""
    detail: str = ""
    changed: tuple[tuple[str, str], ...] = ()
    """Settings of the channel that the provider gave other values: a group that moved has a new id."""
    shut_out: bool = False
    """It takes nothing until a person lets us in again, so the channel is switched off."""

    @property
    def event(self) -> Event:
        """The step this outcome makes a copy take."""
        if self.state is CopyState.FAILED:
            return Event.REFUSE if self.permanent else Event.DEFER
        return _EVENTS[self.state]


_EVENTS = {
    CopyState.ACCEPTED: Event.ACCEPT,
    CopyState.DELIVERED: Event.DELIVER,
    CopyState.UNKNOWN: Event.LOSE,
    CopyState.QUEUED: Event.DEFER,
}

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(seconds=300)
# A provider may ask for more patience than our own ceiling, within reason.
LONGEST_ASKED = timedelta(hours=1)
MOST_REPEATS = 5
"""Attempts of one copy that may get lost: of what was put off somebody knows that it did not go out."""


def wait(attempts: int, retry_after: int | None) -> timedelta:
    """How long to wait after so many attempts (≥ 1): doubling from 5 s to 300 s, or what the provider asked."""
    if retry_after is not None:
        return min(max(timedelta(seconds=retry_after), timedelta(seconds=1)), LONGEST_ASKED)
    return min(FIRST_WAIT * (1 << min(attempts - 1, 16)), LONGEST_WAIT)


def again(state: CopyState, klass: Klass, lost: int) -> bool:
    """Whether a copy in this state is sent (again): an unknown one only in an emergency, and not without end."""
    if state is CopyState.UNKNOWN:
        return klass is Klass.EMERGENCY and lost < MOST_REPEATS
    return state is CopyState.QUEUED


@dataclass(frozen=True, slots=True)
class Past:
    """A copy that a channel was owed before."""

    action: Action
    revision: int
    state: CopyState
    sending: bool
    """Somebody is sending it at this moment."""
    named: bool = False
    """The provider has a name for it: some readers have it, though it is tried again for the others."""

    @property
    def may_be_out(self) -> bool:
        """Whether a resident may have read it."""
        return self.sending or self.named or self.state in {CopyState.ACCEPTED, CopyState.DELIVERED, CopyState.UNKNOWN}

    @property
    def waiting(self) -> bool:
        """Whether it can still be dropped without anybody having seen it."""
        return self.state is CopyState.QUEUED and not self.sending


def owed(history: Sequence[Past], *, revision: int, standing: bool) -> Action | None:
    """What a channel is owed next: the words while they stand, and their withdrawal where they may have been read.

    `history` with the earliest first. Of one revision a channel is told the words once, and their withdrawal once.
    """
    if not standing:
        withdrawn = any(past.action is Action.WITHDRAW and past.revision == revision for past in history)
        return Action.WITHDRAW if _unrevoked(history) and not withdrawn else None
    if any(past.revision == revision for past in history):
        return None
    return Action.CORRECT if any(past.may_be_out for past in history) else Action.POST


def _unrevoked(history: Sequence[Past]) -> bool:
    """Whether something may have been read that no withdrawal follows; one that failed takes nothing back."""
    ends = [place for place, past in enumerate(history) if _takes_back(past)]
    return any(past.may_be_out and past.action is not Action.WITHDRAW for past in history[max(ends, default=0) :])


def _takes_back(past: Past) -> bool:
    return past.action is Action.WITHDRAW and past.state is not CopyState.FAILED


def reached(choices: Iterable[Choice], unit: str, tree: Tree, speaker_units: Iterable[str]) -> bool:
    """Whether a channel of this unit mirrors the audience: people of the unit are addressed, and it is not excepted.

    `speaker_units` are those of speakers chosen one by one or by group.
    """
    path = tree.path(unit)
    units = [choice for choice in choices if choice.kind is ChoiceKind.UNIT]
    if any(not choice.include and choice.ref in path for choice in units):
        return False
    if any(choice.include and (choice.ref in path or unit in tree.path(choice.ref)) for choice in units):
        return True
    return any(unit in tree.path(other) for other in speaker_units)
