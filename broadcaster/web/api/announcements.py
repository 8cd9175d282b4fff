"""Announcements: write, change, submit, approve, reject, withdraw."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from starlette.responses import Response

from broadcaster.domain.announcement import State
from broadcaster.services.people.second_factor import Method, Second
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.store.tables import Announcement as Row
from broadcaster.store.tables import Version
from broadcaster.web.api.models import (
    Announcement,
    ChangedAnnouncement,
    Given,
    Listing,
    NewAnnouncement,
    NewVersion,
    Reason,
    ToApprove,
    ToSubmit,
)
from broadcaster.web.api.paging import Paged
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import find_announcement, sight
from broadcaster.web.sound import make_sounds

router = APIRouter(prefix=f"{PREFIX}/announcements", tags=["announcements"], responses=PROBLEMS)


@router.get("")
def list_announcements(
    context: Web,
    caller: Caller,
    pager: Paged,
    state: Annotated[State | None, Query(description="Only those that stand so.")] = None,
) -> Listing[Announcement]:
    """Newest first."""
    with context.database.read() as session:
        # Of its sounds a list names only the hashes.
        slim = selectinload(Row.versions).lazyload(Version.clip)
        query = select(Row).options(slim).where(sight(session, caller).announcements())
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
    draft, revision, now = _draft(given), given.revision, write.context.now()
    return _step(
        write,
        announcement_id,
        given,
        lambda session: announcements.edit(session, write.caller, announcement_id, draft, revision=revision, now=now),
    )


@router.post("/{announcement_id}/submit", response_model=Announcement)
def submit_announcement(write: Writes, announcement_id: str, given: ToSubmit | None = None) -> Response:
    """Make the sound of every version, then put it before the approvers; a live emergency takes a second factor."""
    body = given or ""
    if known := write.answered(body):
        return known
    make_sounds(write.context, write.caller, announcement_id)
    caller, second, vault, now = write.caller, _second(given), write.context.vault, write.context.now()
    return _step(
        write,
        announcement_id,
        body,
        lambda session: announcements.submit(session, caller, announcement_id, now=now, second=second, vault=vault),
    )


@router.post("/{announcement_id}/approve", response_model=Announcement)
def approve_announcement(write: Writes, announcement_id: str, given: ToApprove) -> Response:
    """Approve exactly what you read and heard, never your own words; a live emergency takes a second factor.

    It stays “submitted” while the unit's policy asks for more approvals.
    """

    def act(session: Session) -> Row:
        return announcements.approve(
            session,
            write.caller,
            announcement_id,
            content_sha256=given.content_sha256,
            now=write.context.now(),
            second=_second(given),
            vault=write.context.vault,
        )

    return _step(write, announcement_id, given, act)


@router.post("/{announcement_id}/renew", response_model=Announcement)
def renew_announcement(write: Writes, announcement_id: str, given: ToSubmit) -> Response:
    """Answer once more for a live emergency, whose two answers count for five minutes."""

    def act(session: Session) -> Row:
        vault, now = write.context.vault, write.context.now()
        announcements.renew(session, write.caller, announcement_id, _second(given), vault, now=now)
        return session.get_one(Row, announcement_id)

    return _step(write, announcement_id, given, act)


@router.post("/{announcement_id}/reject", response_model=Announcement)
def reject_announcement(write: Writes, announcement_id: str, given: Reason) -> Response:
    """Send it back with a reason."""
    now = write.context.now()
    return _step(
        write,
        announcement_id,
        given,
        lambda session: announcements.reject(session, write.caller, announcement_id, reason=given.reason, now=now),
    )


@router.post("/{announcement_id}/withdraw", response_model=Announcement)
def withdraw_announcement(write: Writes, announcement_id: str, given: Reason) -> Response:
    """Take it back: loudspeakers that have not played it will not, copies in chat groups are withdrawn."""
    now = write.context.now()
    return _step(
        write,
        announcement_id,
        given,
        lambda session: announcements.withdraw(session, write.caller, announcement_id, reason=given.reason, now=now),
    )


def _step(write: Writes, announcement_id: str, given: Given | str, act: Callable[[Session], Row]) -> Response:
    # Out of sight is answered before out of rights: who may not see it does not learn that it is there.
    def work(session: Session) -> Announcement:
        find_announcement(session, sight(session, write.caller), announcement_id)
        return _shown(session, act(session))

    return write.answer(given, work)


def _second(given: ToSubmit | ToApprove | None) -> Second | None:
    factor = given.second_factor if given else None
    return Second(Method.TOTP, factor.code) if factor else None


def _draft(given: NewAnnouncement) -> Draft:
    return Draft(
        title=given.title,
        klass=given.klass,
        category=given.category,
        kind=given.kind,
        unit_id=given.unit,
        versions=[_version(it) for it in given.versions],
        audience=[AudienceChoice(it.kind, it.ref, it.include) for it in given.audience],
        expires=given.expires,
        repeat=given.repeat,
    )


def _shown(session: Session, row: Row) -> Announcement:
    session.flush()
    session.refresh(row)
    return Announcement.model_validate(row)


def _version(given: NewVersion) -> DraftVersion:
    script = given.script.model_dump() if given.script else None
    return DraftVersion(given.language, given.text, given.recording, script, given.voice, given.speed)
