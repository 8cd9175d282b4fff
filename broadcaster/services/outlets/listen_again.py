"""What a resident may read and hear about one announcement, without an account: only what was approved."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import NotFound
from broadcaster.store.tables import Airing, Announcement, SignedDocument, Unit
from firmware_config.protocol import SignedAnnouncement
from firmware_config.protocol.envelope import decode_base64

LATEST_AIRINGS = 3


class Happened(StrEnum):
    """What residents are told about its history."""

    APPROVED = "approved"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Passage:
    """One language: its text, and the sound of it in milliseconds where there is one."""

    language: str
    text: str
    clip: str | None
    ms: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One line of its history."""

    at: datetime
    what: Happened


@dataclass(frozen=True, slots=True)
class Called:
    """What was said about an alert after it: that it was wrong, or that it is over."""

    at: datetime
    part: str
    public_id: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything a permalink shows."""

    public_id: str
    klass: str
    kind: str
    title: str
    place: str
    passages: tuple[Passage, ...]
    withdrawn: bool
    reason: str
    airings: tuple[datetime, ...]
    """The latest ones, newest first."""
    history: tuple[Event, ...]
    called: tuple[Called, ...] = ()
    """The latest first."""

    def clips(self) -> frozenset[str]:
        """The sounds that may be fetched: none once it is withdrawn."""
        return frozenset() if self.withdrawn else frozenset(part.clip for part in self.passages if part.clip)


@dataclass(frozen=True, slots=True)
class _Words:
    klass: str
    kind: str
    title: str
    passages: tuple[Passage, ...]


def page(session: Session, public_id: str) -> Page:
    """The announcement behind a permalink. Raises NotFound for one that does not exist or was never approved,
    and for an alert's correction that nobody called up.
    """
    found = session.scalar(select(Announcement).where(Announcement.public_id == public_id))
    words = found and (_standing(found) or _signed(session, found.id))
    if not found or not words or (found.part_of_id and not _airings(session, found.id)):
        raise NotFound(what="announcement", id=public_id[:64])
    return Page(
        public_id=found.public_id,
        klass=words.klass,
        kind=words.kind,
        title=words.title,
        place=session.get_one(Unit, found.unit_id).name,
        passages=words.passages,
        withdrawn=found.withdrawn_at is not None,
        reason=found.reason if found.withdrawn_at else "",
        airings=_airings(session, found.id),
        history=_history(found),
        called=_called(session, found.id),
    )


def _standing(found: Announcement) -> _Words | None:
    """The words in the rows, if they are the approved ones and not a draft that came after."""
    if not any(approval.approved and approval.revision == found.revision for approval in found.approvals):
        return None
    passages = tuple(
        Passage(version.language, version.text, version.clip_sha256, version.clip.ms if version.clip else 0)
        for version in found.versions
    )
    return _Words(found.klass, found.kind, found.title, passages)


def _signed(session: Session, announcement_id: str) -> _Words | None:
    """The words that speakers were given last."""
    newest = (SignedDocument.revision.desc(), SignedDocument.created_at.desc())
    rows = select(SignedDocument.raw).where(SignedDocument.announcement_id == announcement_id)
    raw = session.scalar(rows.order_by(*newest).limit(1))
    if raw is None:
        return None
    # Kept by ourselves since we signed it, and only shown: there is nothing to verify it for.
    signed = SignedAnnouncement.from_bytes(decode_base64(json.loads(raw)["payload"]))
    passages = tuple(
        Passage(
            version.language, version.text, *((version.clip.sha256, version.clip.ms) if version.clip else (None, 0))
        )
        for version in signed.versions
    )
    return _Words(signed.klass, signed.kind, signed.title, passages)


def _airings(session: Session, announcement_id: str) -> tuple[datetime, ...]:
    rows = select(Airing.planned_at).where(Airing.announcement_id == announcement_id, Airing.cancelled_at.is_(None))
    rows = rows.where(Airing.standby.is_(False))
    return tuple(session.scalars(rows.order_by(Airing.planned_at.desc()).limit(LATEST_AIRINGS)))


def _called(session: Session, announcement_id: str) -> tuple[Called, ...]:
    parts = select(Airing.planned_at, Announcement.part, Announcement.public_id).join(Announcement)
    parts = parts.where(Announcement.part_of_id == announcement_id, Airing.standby.is_(False))
    rows = session.execute(parts.where(Airing.cancelled_at.is_(None)).order_by(Airing.planned_at.desc()))
    return tuple(Called(at, part or "", public_id) for at, part, public_id in rows)


def _history(found: Announcement) -> tuple[Event, ...]:
    approvals = [approval for approval in found.approvals if approval.approved]
    events = [
        Event(approval.at, Happened.CORRECTED if place else Happened.APPROVED)
        for place, approval in enumerate(approvals)
    ]
    return (*events, Event(found.withdrawn_at, Happened.WITHDRAWN)) if found.withdrawn_at else tuple(events)
