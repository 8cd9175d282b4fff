"""Units, groups and loudspeakers."""

from fastapi import APIRouter
from sqlalchemy import select

from broadcaster.store.tables import Group as GroupRow
from broadcaster.store.tables import GroupMember
from broadcaster.store.tables import Speaker as SpeakerRow
from broadcaster.store.tables import Unit as UnitRow
from broadcaster.web.api.models import Group, Listing, Speaker, Unit
from broadcaster.web.api.paging import Paged
from broadcaster.web.api.writes import PROBLEMS
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import sight

router = APIRouter(tags=["places"], responses=PROBLEMS)


@router.get("/units")
def list_units(context: Web, caller: Caller, pager: Paged) -> Listing[Unit]:
    """The units within your sight."""
    with context.database.read() as session:
        query = select(UnitRow).where(UnitRow.id.in_(sight(session, caller).units))
        return pager.listing(session, query, UnitRow.id, Unit)


@router.get("/groups")
def list_groups(context: Web, caller: Caller, pager: Paged) -> Listing[Group]:
    """The groups of these units, with their loudspeakers."""
    with context.database.read() as session:
        query = select(GroupRow).where(GroupRow.unit_id.in_(sight(session, caller).units))
        page = pager.listing(session, query, GroupRow.id, Group)
        members: dict[str, list[str]] = {group.id: [] for group in page.items}
        found = select(GroupMember).where(GroupMember.group_id.in_(members)).order_by(GroupMember.speaker_id)
        for member in session.scalars(found):
            members[member.group_id].append(member.speaker_id)
    items = [group.model_copy(update={"speakers": members[group.id]}) for group in page.items]
    return Listing(items=items, next=page.next)


@router.get("/speakers")
def list_speakers(context: Web, caller: Caller, pager: Paged) -> Listing[Speaker]:
    """The loudspeakers of these units, those taken out of service too."""
    with context.database.read() as session:
        query = select(SpeakerRow).where(SpeakerRow.unit_id.in_(sight(session, caller).units))
        return pager.listing(session, query, SpeakerRow.id, Speaker)
