"""The correction and the all-clear of an alert: rows that are written, decided on and taken back with it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import announcement as rules
from broadcaster.domain import corrections
from broadcaster.domain.announcement import Event, State
from broadcaster.domain.corrections import Part
from broadcaster.domain.errors import AlreadySent, PartOfAlert
from broadcaster.domain.schedule import zone_named
from broadcaster.services.ids import new_id, public_id
from broadcaster.services.writing import contents, drafts
from broadcaster.services.writing.drafts import Draft, DraftVersion
from broadcaster.store.tables import Airing, Announcement


def of(session: Session, announcement: Announcement) -> Sequence[Announcement]:
    """The correction and the all-clear, while they belong to it."""
    wanted = select(Announcement).where(
        Announcement.part_of_id == announcement.id, Announcement.state != State.WITHDRAWN
    )
    return session.scalars(wanted.order_by(Announcement.part)).all()


def first_airing(session: Session, announcement_id: str) -> Airing | None:
    """The airing by which it was sent."""
    mine = select(Airing).where(Airing.announcement_id == announcement_id, Airing.standby.is_(False))
    return session.scalars(mine.order_by(Airing.planned_at, Airing.id).limit(1)).first()


def require_unsent(session: Session, alert: Announcement) -> None:
    """Raise AlreadySent for an alert that people have heard."""
    if (before := first_airing(session, alert.id)) is not None:
        raise AlreadySent(when=before.planned_at.astimezone(zone_named(before.zone)).strftime("%H:%M, %d/%m/%Y"))


def taken_back(session: Session, alert: Announcement) -> Sequence[Announcement]:
    """Those that go with it: none of an alert that was sent, for a false one must still be corrected."""
    return () if first_airing(session, alert.id) else of(session, alert)


def require_whole(announcement: Announcement) -> None:
    """Raise PartOfAlert for something that is decided on with its alert only."""
    if announcement.part_of_id is not None:
        raise PartOfAlert


def put(session: Session, alert: Announcement, draft: Draft, *, now: datetime) -> None:
    """Write the parts of an alert anew; take back those of what is no alert any more."""
    session.flush()
    known = {row.part: row for row in of(session, alert)}
    if not draft.alert:
        move(session, alert, Event.WITHDRAW, now=now)
        session.expire(alert, ["parts"])
        return
    for part in Part:
        row = known.get(part) or _new(alert, part, now)
        if row.part in known:
            row.state, row.revision = rules.step(State(row.state), Event.EDIT), row.revision + 1
            row.versions, row.audience = [], []
            session.flush()
        row.writers = list(alert.writers)
        drafts.fill(row, _draft(alert, draft, part), now)
        session.add(row)
    session.flush()
    session.expire(alert, ["parts"])


def move(session: Session, alert: Announcement, event: Event, *, now: datetime) -> None:
    """Take the same step with the parts."""
    for row in taken_back(session, alert) if event is Event.WITHDRAW else of(session, alert):
        row.state = rules.step(State(row.state), event)
        row.updated_at = now
        if event is Event.SUBMIT:
            row.content_sha256 = contents.content_hash(row)
            row.submitted_at, row.submitted_by, row.reason = now, alert.submitted_by, ""
        elif event is Event.WITHDRAW:
            row.withdrawn_at, row.reason = now, alert.reason
        elif event in {Event.APPROVE, Event.REJECT}:
            row.decided_at, row.decided_by = now, alert.decided_by


def _new(alert: Announcement, part: Part, now: datetime) -> Announcement:
    return Announcement(
        id=new_id(now),
        public_id=public_id(),
        revision=1,
        state=State.DRAFT,
        part_of_id=alert.id,
        part=part,
        author_id=alert.author_id,
        created_at=now,
    )


def _draft(alert: Announcement, draft: Draft, part: Part) -> Draft:
    # Whatever still sounds of the alert is cut off by the part as soon as that one sounds.
    return replace(
        draft,
        title=corrections.title_of(part, draft.title),
        versions=draft.parts.get(part) or _general(draft, part),
        supersedes=alert.id,
        parts={},
    )


def _general(draft: Draft, part: Part) -> list[DraftVersion]:
    languages = corrections.spoken_in([each.language for each in draft.versions])
    said = {language: corrections.texts(draft.title, language) for language in languages}
    first = part is Part.CORRECTION
    return [DraftVersion(language, texts[0 if first else 1]) for language, texts in said.items()]
