"""The page that plays in a loudspeaker's place, and what it says of it."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse
from sqlalchemy.orm import Session

from audio.score import chime_score
from broadcaster.domain.errors import NotFound
from broadcaster.domain.permissions import Action
from broadcaster.services.sound import clips
from broadcaster.services.speaking import pretending
from broadcaster.services.speaking.pretending import Said
from broadcaster.store.tables import Speaker
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.render import page
from broadcaster.web.shown.announcements import clip_view
from broadcaster.web.shown.sight import sight
from firmware_config.protocol import Kind, Klass

router = APIRouter(include_in_schema=False)


@router.get("/pretend/{speaker_id}")
def one(visit: Visit, speaker_id: str) -> HTMLResponse:
    """The whole page; it plays once somebody has pressed its button."""
    return _show(visit, speaker_id, "pretend.html", test=None)


@router.get("/pretend/{speaker_id}/now")
def due(visit: Visit, speaker_id: str) -> HTMLResponse:
    """What is due on it and what comes next: asked for every few seconds while the page is open."""
    return _show(visit, speaker_id, "_pretend.html")


@router.post("/pretend/{speaker_id}/test")
def test(visit: Sent, speaker_id: str) -> HTMLResponse:
    """The page with a short sound to try this browser with."""
    context = visit.context
    with context.database.read() as session:
        _found(session, visit, speaker_id)
    chime = clips.sound(context.database, context.studio, chime_score(Klass.NORMAL, Kind.TEST), now=context.now())
    return _show(visit, speaker_id, "pretend.html", test=clip_view(chime))


@router.post("/pretend/{speaker_id}/said")
def said(visit: Sent, speaker_id: str) -> JSONResponse:
    """Sign what this page began, ended or broke off. Raises NotDueThere for what it cannot have done."""
    with visit.context.database.transaction() as session:
        _found(session, visit, speaker_id)
        told = Said(speaker_id, visit.form.line("airing"), visit.form.line("event"))
        changed = pretending.say(session, visit.me, told, visit.context.vault, now=visit.context.now())
    for airing in changed:
        visit.context.live.nudge(f"airing-{airing}")
    return JSONResponse({"airings": sorted(changed)})


def _show(visit: Visiting, speaker_id: str, template: str, **values: object) -> HTMLResponse:
    # A look is a sign of life, which is written down now and then.
    with visit.context.database.transaction() as session:
        row = _found(session, visit, speaker_id)
        it = pretending.look(session, row, now=visit.context.now())
        where = sight(session, visit.me).names_of(row.unit_id)
        return page(visit.request, template, it=it, speaker=row, where=where, **values)


def _found(session: Session, visit: Visiting, speaker_id: str) -> Speaker:
    """One within sight that this person tends. Raises NotFound, NotAllowed."""
    row = pretending.find(session, speaker_id)
    if row.unit_id not in sight(session, visit.me).units:
        raise NotFound(what="speaker", id=speaker_id)
    if row.unit_id not in sight(session, visit.me, Action.TEND_SPEAKERS).units:
        raise NotFound(what="speaker", id=speaker_id)
    return row
