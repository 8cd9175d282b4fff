"""Units, groups and loudspeakers."""

from collections.abc import Callable

from fastapi import APIRouter
from sqlalchemy import select

from broadcaster.services.places.health import in_need
from broadcaster.store.tables import Group as GroupRow
from broadcaster.store.tables import GroupMember
from broadcaster.store.tables import Speaker as SpeakerRow
from broadcaster.store.tables import Unit as UnitRow
from broadcaster.web.api.models import Alarm, Group, Listing, Speaker, Unit
from broadcaster.web.api.paging import Paged
from broadcaster.web.api.writes import PREFIX, PROBLEM_DESCRIBED, PROBLEMS
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import sight
from firmware_config.alarms import LANGUAGES, alarms, worst_first

router = APIRouter(prefix=PREFIX, tags=["places"], responses=PROBLEMS)


@router.get("/units", responses=PROBLEM_DESCRIBED)
def list_units(context: Web, caller: Caller, pager: Paged) -> Listing[Unit]:
    """The units within your sight."""
    with context.database.read() as session:
        query = select(UnitRow).where(UnitRow.id.in_(sight(session, caller).units), UnitRow.closed_at.is_(None))
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
def list_speakers(context: Web, caller: Caller, pager: Paged, *, ill: bool = False) -> Listing[Speaker]:
    """The loudspeakers of these units, those taken out of service too; with `ill` only those that need a look."""
    with context.database.read() as session:
        units = sight(session, caller).units
        wrong = {one.id: one.codes for one in in_need(session, units, now=context.now())}
        query = select(SpeakerRow).where(SpeakerRow.unit_id.in_(units))
        found = pager.listing(session, query.where(SpeakerRow.id.in_(wrong)) if ill else query, SpeakerRow.id, Speaker)
    items = [one.model_copy(update={"alarms": wrong.get(one.id, [])}) for one in found.items]
    return Listing(items=items, next=found.next)


@router.get("/speakers/alarms")
def list_alarms(_caller: Caller) -> Listing[Alarm]:
    """What may be wrong with a loudspeaker: how grave it is, and in each language what it is and what to do."""
    items = [
        Alarm(code=one.code, weight=one.weight, says=_words(one.says), cure=_words(one.cure))
        for one in worst_first(alarms())
    ]
    return Listing(items=items, next=None)


def _words(say: Callable[[str], str]) -> dict[str, str]:
    return {language: say(language) for language in LANGUAGES}
