"""What residents were told of one announcement, revision by revision: what changed, and when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.differences import Piece, changed, words
from broadcaster.domain.residents import around
from broadcaster.store.tables import Announcement, AuditEntry, Submission

TITLE = ""
"""In the place of a language: what changed is the title."""


class Happened(StrEnum):
    """What residents are told about its history."""

    APPROVED = "approved"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Changed:
    """The title or one language: what was taken out and what was put in, with a few words beside them."""

    language: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of its history."""

    at: datetime
    what: Happened
    revision: int = 0
    changes: tuple[Changed, ...] = ()


def history(session: Session, found: Announcement) -> tuple[Event, ...]:
    """Its approvals, each but the first a correction, and its end; the earliest first."""
    given = approvals(session, found)
    said = contents(session, found, [revision for revision, _ in given]) if len(given) > 1 else {}
    events = [Event(at, Happened.APPROVED, revision) for revision, at in given[:1]]
    for (before, _), (revision, at) in pairwise(given):
        changes = tuple(_changes(said.get(before), said.get(revision)))
        events.append(Event(at, Happened.CORRECTED, revision, changes))
    if found.withdrawn_at:
        events.append(Event(found.withdrawn_at, Happened.WITHDRAWN, found.revision))
    return tuple(events)


def approvals(session: Session, found: Announcement) -> list[tuple[int, datetime]]:
    """Each revision that was approved by all who had to, and when.

    Of the approvals nobody can tell later how many were needed then; the log book can.
    """
    given = [each for each in found.approvals if each.approved]
    if len({each.revision for each in given}) == 1 and given[-1].at == found.decided_at:
        return [(given[-1].revision, given[-1].at)]
    if not given:
        return []
    rows = select(AuditEntry.details, AuditEntry.at).where(AuditEntry.subject_id == found.id)
    rows = rows.where(AuditEntry.subject_kind == "announcement", AuditEntry.action == "approve")
    return [(int(details["revision"]), at) for details, at in session.execute(rows.order_by(AuditEntry.seq))]


def contents(session: Session, found: Announcement, revisions: Sequence[int]) -> Mapping[int, Any]:
    """What these revisions said and to whom, as Content writes it."""
    rows = select(Submission.revision, Submission.content).where(Submission.announcement_id == found.id)
    rows = rows.where(Submission.revision.in_(revisions)).order_by(Submission.id)
    return {row.revision: row.content for row in session.execute(rows)}


def _changes(before: Any, after: Any) -> Iterator[Changed]:  # noqa: ANN401  (as Content writes it)
    if not before or not after:
        return
    old, new = _texts(before), _texts(after)
    for language in dict.fromkeys([*new, *old]):
        pieces = words(old.get(language, ""), new.get(language, ""))
        if changed(pieces):
            yield Changed(language, around(pieces))


def _texts(content: Mapping[str, Any]) -> dict[str, str]:
    return {TITLE: content["title"], **{version[0]: version[1] for version in content["versions"]}}
