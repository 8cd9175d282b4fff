"""What an approver decides on, said in short: how it is bound, whom it reaches, who has answered for it already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from broadcaster.domain.announcement import State
from broadcaster.domain.errors import EmptyAudience, LoaError
from broadcaster.services.alarms.readiness import reach
from broadcaster.services.writing import assertions, policies
from broadcaster.store.tables import Announcement, Approval
from broadcaster.web.labels import ROLE
from broadcaster.web.shown.announcements import VersionView, version_view

SHORT = 8
"""Digits of a content hash that people compare by eye."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who answered for it."""

    name: str
    stead: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """The correction or the all-clear that goes with an alert."""

    part: str
    title: str
    versions: tuple[VersionView, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Beside the content itself."""

    short: str
    revision: int
    people: int
    """Inhabitants of the units that hear it, as far as they are known; 0 = not known."""
    parts: tuple[Part, ...]
    approvals: tuple[Voice, ...]
    needed: int
    roles: tuple[str, ...]
    two_persons: bool
    """A live emergency: two people, each with a second factor."""
    answered: tuple[Voice, ...]
    """Who did so within the last five minutes."""
    lasts_until: datetime | None
    """When the older of the two answers lapses."""


def short(content_sha256: str | None) -> str:
    """The beginning of a content hash."""
    return (content_sha256 or "")[:SHORT]


def decision_of(session: Session, row: Announcement, *, now: datetime) -> Decision:
    """Everything about the decision that is not the announcement itself."""
    fresh = assertions.fresh(session, row, now=now) if row.content_sha256 else ()
    demand = _demand(session, row)
    two = assertions.needed(row)
    lapses = sorted(each.at for each in {each.person_id: each for each in reversed(fresh)}.values())[-2:]
    return Decision(
        short=short(row.content_sha256),
        revision=row.revision,
        people=_people(session, row),
        parts=tuple(_part(part) for part in reversed(row.parts) if part.state != State.WITHDRAWN),
        approvals=tuple(Voice(one.person_name, one.deputy_for, one.at) for one in _standing(row)),
        needed=demand[0],
        roles=demand[1],
        two_persons=two,
        answered=tuple(Voice(each.person_name, "", each.at) for each in fresh),
        lasts_until=lapses[0] + assertions.FRESH if len(lapses) == 2 else None,
    )


def _people(session: Session, row: Announcement) -> int:
    """How many people live where it is heard, counted as for an alarm; 0 = nobody has said."""
    try:
        return reach(session, row).people or 0
    except EmptyAudience:
        return 0


def waited(row: Announcement, now: datetime) -> timedelta:
    """How long it has been waiting for a decision."""
    return max(now - (row.submitted_at or now), timedelta())


def _demand(session: Session, row: Announcement) -> tuple[int, tuple[str, ...]]:
    try:
        asked = policies.demand(session, row)
    except LoaError:
        # A place it was for is gone; approving it says so.
        return 1, ()
    return asked.approvals, tuple(ROLE[role] for role in sorted(asked.roles))


def _standing(row: Announcement) -> Sequence[Approval]:
    same = (row.revision, row.content_sha256, True)
    return [one for one in row.approvals if (one.revision, one.content_sha256, one.approved) == same]


def _part(row: Announcement) -> Part:
    return Part(row.part or "", row.title, tuple(version_view(each) for each in row.versions))
