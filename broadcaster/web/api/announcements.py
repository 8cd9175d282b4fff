"""Announcements: write, change, submit, approve, reject, withdraw."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.announcement import State
from broadcaster.services import announcements
from broadcaster.services.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.store.tables import Announcement as Row
from broadcaster.web.api.models import (
    Announcement,
    ChangedAnnouncement,
    Listing,
    NewAnnouncement,
    Reason,
    ToApprove,
)
from broadcaster.web.api.paging import Paged
from broadcaster.web.api.writes import PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import find_announcement, sight
from broadcaster.web.sound import make_sounds

router = APIRouter(prefix="/announcements", tags=["announcements"], responses=PROBLEMS)


@router.get("")
def list_announcements(
    context: Web,
    caller: Caller,
    pager: Paged,
    state: Annotated[State | None, Query(description="Only those that stand so.")] = None,
) -> Listing[Announcement]:
    """Newest first."""
    with context.database.read() as session:
        query = select(Row).where(sight(session, caller).announcements())
        query = query.where(Row.state == state) if state else query
        return pager.listing(session, query, Row.id, Announcement, newest_first=True)


@router.get("/{announcement_id}")
def read_announcement(context: Web, caller: Caller, announcement_id: str) -> Announcement:
    """One announcement as it stands."""
    with context.database.read() as session:
        return Announcement.model_validate(find_announcement(session, sight(session, caller), announcement_id))


@router.post("", status_code=201, response_model=Announcement)
def write_announcement(write: Writes, given: NewAnnouncement) -> Response:
    """A draft."""

    def work(session: Session) -> Announcement:
        made = announcements.write(session, write.caller, _draft(given), now=write.context.now())
        return _shown(session, made)

    return write.answer(given, work, 201)


@router.put("/{announcement_id}", response_model=Announcement)
def change_announcement(write: Writes, announcement_id: str, given: ChangedAnnouncement) -> Response:
    """The whole of it again; what was approved must be approved anew."""

    def work(session: Session) -> Announcement:
        find_announcement(session, sight(session, write.caller), announcement_id)
        changed = announcements.edit(
            session, write.caller, announcement_id, _draft(given), revision=given.revision, now=write.context.now()
        )
        return _shown(session, changed)

    return write.answer(given, work)


@router.post("/{announcement_id}/submit", response_model=Announcement)
def submit_announcement(write: Writes, announcement_id: str) -> Response:
    """Make the sound of every version, then put it before the approvers."""
    if known := write.answered(""):
        return known
    make_sounds(write.context, write.caller, announcement_id)

    def work(session: Session) -> Announcement:
        return _shown(session, announcements.submit(session, write.caller, announcement_id, now=write.context.now()))

    return write.answer("", work)


@router.post("/{announcement_id}/approve", response_model=Announcement)
def approve_announcement(write: Writes, announcement_id: str, given: ToApprove) -> Response:
    """Approve exactly what you read and heard; never your own words."""

    def work(session: Session) -> Announcement:
        find_announcement(session, sight(session, write.caller), announcement_id)
        approved = announcements.approve(
            session, write.caller, announcement_id, content_sha256=given.content_sha256, now=write.context.now()
        )
        return _shown(session, approved)

    return write.answer(given, work)


@router.post("/{announcement_id}/reject", response_model=Announcement)
def reject_announcement(write: Writes, announcement_id: str, given: Reason) -> Response:
    """Send it back with a reason."""

    def work(session: Session) -> Announcement:
        find_announcement(session, sight(session, write.caller), announcement_id)
        rejected = announcements.reject(
            session, write.caller, announcement_id, reason=given.reason, now=write.context.now()
        )
        return _shown(session, rejected)

    return write.answer(given, work)


@router.post("/{announcement_id}/withdraw", response_model=Announcement)
def withdraw_announcement(write: Writes, announcement_id: str, given: Reason) -> Response:
    """Take it back: loudspeakers that have not played it will not, copies in chat groups are withdrawn."""

    def work(session: Session) -> Announcement:
        find_announcement(session, sight(session, write.caller), announcement_id)
        withdrawn = announcements.withdraw(
            session, write.caller, announcement_id, reason=given.reason, now=write.context.now()
        )
        return _shown(session, withdrawn)

    return write.answer(given, work)


def _draft(given: NewAnnouncement) -> Draft:
    return Draft(
        title=given.title,
        klass=given.klass,
        category=given.category,
        kind=given.kind,
        unit_id=given.unit,
        versions=[DraftVersion(it.language, it.text, it.recording) for it in given.versions],
        audience=[AudienceChoice(it.kind, it.ref, it.include) for it in given.audience],
        expires=given.expires,
        repeat=given.repeat,
    )


def _shown(session: Session, row: Row) -> Announcement:
    session.flush()
    session.refresh(row)
    return Announcement.model_validate(row)
