"""Airings and their deliveries."""

from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import Malformed
from broadcaster.services.airtime import airings, unheard
from broadcaster.store.tables import Airing as Row
from broadcaster.store.tables import Announcement
from broadcaster.store.tables import Delivery as DeliveryRow
from broadcaster.web.api.models import Airing, Delivery, Listing, NewAiring, Reason
from broadcaster.web.api.paging import Paged
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.airings import counts_of, spoken_of
from broadcaster.web.shown.sight import find_airing, find_announcement, sight

router = APIRouter(prefix=f"{PREFIX}/airings", tags=["airings"], responses=PROBLEMS)


@router.get("")
def list_airings(context: Web, caller: Caller, pager: Paged) -> Listing[Airing]:
    """Newest first, each with how many loudspeakers are at each step."""
    with context.database.read() as session:
        query = select(Row).join(Announcement, Row.announcement_id == Announcement.id)
        found = pager.rows(session, query.where(sight(session, caller).announcements()), Row.id, newest_first=True)
        return Listing(items=_shown(session, found.items), next=found.next)


@router.get("/{airing_id}")
def read_airing(context: Web, caller: Caller, airing_id: str) -> Airing:
    """One airing with how many loudspeakers are at each step."""
    with context.database.read() as session:
        return _shown(session, [find_airing(session, sight(session, caller), airing_id)[0]])[0]


@router.get("/{airing_id}/deliveries")
def list_deliveries(context: Web, caller: Caller, airing_id: str, pager: Paged) -> Listing[Delivery]:
    """How far each loudspeaker got."""
    with context.database.read() as session:
        airing, _ = find_airing(session, sight(session, caller), airing_id)
        query = select(DeliveryRow).where(DeliveryRow.airing_id == airing_id)
        found = pager.rows(session, query, DeliveryRow.speaker_id)
        missing = unheard.languages(session, airing, found.items)
        shown = [_delivery(row, missing.get(row.speaker_id, ())) for row in found.items]
        return Listing(items=shown, next=found.next)


@router.post("", status_code=201, response_model=Airing)
def air(write: Writes, given: NewAiring) -> Response:
    """Put an approved announcement on air, now or at a time."""
    if given.now == (given.at is not None):
        raise Malformed(field="now, at", problem="now | at")

    def work(session: Session) -> Airing:
        find_announcement(session, sight(session, write.caller), given.announcement)
        made = airings.air(session, write.caller, given.announcement, at=given.at, now=write.context.now())
        session.flush()
        return _shown(session, [made])[0]

    return write.answer(given, work, 201)


@router.post("/{airing_id}/stop", response_model=Airing)
def stop(write: Writes, airing_id: str, given: Reason) -> Response:
    """Stop it where it plays and take it from where it does not."""

    def work(session: Session) -> Airing:
        row, _ = find_airing(session, sight(session, write.caller), airing_id)
        airings.stop(session, write.caller, airing_id, reason=given.reason, now=write.context.now())
        session.flush()
        return _shown(session, [row])[0]

    return write.answer(given, work)


def _delivery(row: DeliveryRow, missing: Sequence[str]) -> Delivery:
    return Delivery.model_validate(row).model_copy(update={"languages_missing": list(missing)})


def _shown(session: Session, rows: list[Row]) -> list[Airing]:
    ids = [row.id for row in rows]
    counts, spoken = counts_of(session, ids), spoken_of(session, ids)
    return [
        Airing.model_validate(row).model_copy(
            update={"counts": counts.get(row.id, {}), "by_person": spoken.get(row.id, 0)}
        )
        for row in rows
    ]
