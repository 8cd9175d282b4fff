"""Calling back what was put on the air a moment ago."""

from fastapi import APIRouter
from starlette.responses import Response

from broadcaster.services.airtime import airings
from broadcaster.web.asking import Sent
from broadcaster.web.labels import N_
from broadcaster.web.render import translate
from broadcaster.web.shown.sight import find_airing, sight
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
REASON = N_("called back before it was heard")


@router.post("/airings/{airing_id}/undo")
def undo(visit: Sent, airing_id: str) -> Response:
    """Nothing is heard of it; where it has begun already it falls silent."""
    reason = translate(visit.request, REASON)
    with visit.context.database.transaction() as session:
        _, announcement = find_airing(session, sight(session, visit.me), airing_id)
        airings.stop(session, visit.me, airing_id, reason=reason, now=visit.context.now())
        back = announcement.id
    return go(f"/announcements/{back}", "undone")
