"""Copies in chat groups, and the audit."""

from fastapi import APIRouter
from sqlalchemy import select

from broadcaster.domain.permissions import Action
from broadcaster.store.tables import Announcement, AuditEntry, MirrorCopy
from broadcaster.web.api.models import AuditEntry as Entry
from broadcaster.web.api.models import Listing, Mirror, Ref
from broadcaster.web.api.paging import Paged
from broadcaster.web.api.writes import PREFIX, PROBLEMS
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import sight

router = APIRouter(prefix=PREFIX, tags=["books"], responses=PROBLEMS)


@router.get("/mirrors")
def list_mirrors(context: Web, caller: Caller, pager: Paged, announcement: Ref | None = None) -> Listing[Mirror]:
    """The copies owed to chat groups and feeds, newest first."""
    with context.database.read() as session:
        query = select(MirrorCopy).join(Announcement, MirrorCopy.announcement_id == Announcement.id)
        query = query.where(sight(session, caller).announcements())
        query = query.where(MirrorCopy.announcement_id == announcement) if announcement else query
        return pager.listing(session, query, MirrorCopy.id, Mirror, newest_first=True)


@router.get("/audit")
def list_audit(context: Web, caller: Caller, pager: Paged) -> Listing[Entry]:
    """The log book of these units, newest first."""
    with context.database.read() as session:
        seen = sight(session, caller, Action.SEE_AUDIT)
        query = select(AuditEntry).where(AuditEntry.unit_id.in_(seen.units))
        return pager.listing(session, query, AuditEntry.seq, Entry, newest_first=True)
