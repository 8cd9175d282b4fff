"""The last lines a loudspeaker logged: asked for, waited for, read."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.permissions import Action
from broadcaster.services.places import logs
from broadcaster.store.places import path
from broadcaster.store.tables import LogRequest
from broadcaster.web.asking import Sent, Visit
from broadcaster.web.render import page
from broadcaster.web.shown.places import speaker_state
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.speaker import find_speaker
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and what came of it."""

    by: str
    at: datetime
    expires_at: datetime
    told_at: datetime | None
    answered_at: datetime | None
    text: str


@router.get("/speakers/{speaker_id}/log")
def read_log(visit: Visit, speaker_id: str) -> HTMLResponse:
    """The newest log that came, and whether another is waited for."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        row = find_speaker(session, sight(session, visit.me), speaker_id)
        visit.me.require(Action.TEND_SPEAKERS, path(session, row.unit_id))
        asked = [_asked(one) for one in logs.latest(session, row.id)]
        name, online = row.name, speaker_state(row) == "online"
        in_service = row.revoked_at is None
    waiting = next((one for one in asked if one.answered_at is None and one.expires_at > now), None)
    answered = [one for one in asked if one.answered_at is not None]
    it = {"id": speaker_id, "name": name, "online": online, "in_service": in_service}
    return page(visit.request, "speaker_log.html", it=it, waiting=waiting, answered=answered)


@router.post("/speakers/{speaker_id}/log")
def ask_log(visit: Sent, speaker_id: str) -> Response:
    """Ask for it; the page then waits."""
    with visit.context.database.transaction() as session:
        find_speaker(session, sight(session, visit.me), speaker_id)
        logs.ask(session, visit.me, speaker_id, now=visit.context.now())
    return go(f"/speakers/{speaker_id}/log")


def _asked(row: LogRequest) -> Asked:
    return Asked(row.asked_by_name, row.asked_at, row.expires_at, row.told_at, row.answered_at, row.text or "")
