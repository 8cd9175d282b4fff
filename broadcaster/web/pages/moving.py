"""A loudspeaker hung in another unit, its box replaced, or taken out of service: each a page that says what changes."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, UnknownSpeaker
from broadcaster.domain.permissions import Action
from broadcaster.services.places import boxes, enrolling
from broadcaster.store import places
from broadcaster.store.tables import Speaker
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.i18n import language_name
from broadcaster.web.pages.again import again
from broadcaster.web.pages.enrolling import to_label
from broadcaster.web.render import language_of, page
from broadcaster.web.shown import speaker_list
from broadcaster.web.shown.moving import MoveView, move_view
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.speaker import find_speaker
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@router.get("/speakers/{speaker_id}/move")
def ask_where(visit: Visit, speaker_id: str, unit: str = "") -> HTMLResponse:
    """Choose a unit, then see what would change there."""
    try:
        return show_move(visit, speaker_id, unit=unit[:64])
    except LoaError as error:
        if not unit:
            raise
        return again(visit.request, error, partial(show_move, visit, speaker_id))


def show_move(visit: Visiting, speaker_id: str, *, unit: str = "", **values: object) -> HTMLResponse:
    """The page, with what a move to that unit would change."""
    now, language = visit.context.now(), language_of(visit.request)
    # It is tried and undone, so that what is shown is what will happen; that takes a transaction.
    with visit.context.database.transaction() as session:
        row = _tended(session, visit, speaker_id)
        tended = sight(session, visit.me, Action.TEND_SPEAKERS)
        name, hangs = row.name, row.unit_id
        change: MoveView | None = None
        if unit:
            tried = boxes.look_at_move(session, visit.me, speaker_id, unit, now=now)
            change = move_view(session, tended, tried, language, now=now)
    common = {
        "it": {"id": speaker_id, "name": name, "unit": tended.names_of(hangs)},
        "units": [(each, text) for each, text in speaker_list.units(tended) if each != hangs],
        "unit": unit,
        "change": change,
        "tongue": partial(language_name, language),
    }
    return page(visit.request, "speaker_move.html", **(common | values))


@router.post("/speakers/{speaker_id}/move")
def move(visit: Sent, speaker_id: str) -> Response:
    """Hang it there."""
    unit = visit.form.line("unit")
    with visit.context.database.read() as session:
        _tended(session, visit, speaker_id)
    try:
        with visit.context.database.transaction() as session:
            boxes.move(session, visit.me, speaker_id, unit, now=visit.context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show_move, visit, speaker_id))
    return go(f"/speakers/{speaker_id}", "speaker-moved")


@router.get("/speakers/{speaker_id}/replace")
def ask_replace(visit: Visit, speaker_id: str) -> HTMLResponse:
    """What the new box takes over."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        row = _tended(session, visit, speaker_id)
        planned, unit = boxes.planned(session, speaker_id, now=now), sight(session, visit.me).names_of(row.unit_id)
        return page(visit.request, "speaker_replace.html", it=row, unit=unit, planned=planned)


@router.post("/speakers/{speaker_id}/replace")
def replace(visit: Sent, speaker_id: str) -> Response:
    """Make the label of the new box; the old one stays in service until that one is."""
    context = visit.context
    with context.database.read() as session:
        _tended(session, visit, speaker_id)
    with context.database.transaction() as session:
        made = enrolling.begin(
            session,
            visit.me,
            name="",
            unit_id="",
            replaces=speaker_id,
            vault=context.vault,
            days=context.settings.label_days,
            now=context.now(),
        )
    return to_label(context, made)


@router.get("/speakers/{speaker_id}/retire")
def ask_retire(visit: Visit, speaker_id: str) -> HTMLResponse:
    """What is no longer heard there."""
    return show_retire(visit, speaker_id)


def show_retire(visit: Visiting, speaker_id: str, **values: object) -> HTMLResponse:
    """The page, with what was typed."""
    with visit.context.database.read() as session:
        row = _tended(session, visit, speaker_id)
        planned, unit = boxes.planned(session, speaker_id, now=visit.context.now()), sight(session, visit.me)
        common = {"it": row, "unit": unit.names_of(row.unit_id), "planned": planned, "typed": "", "reason": ""}
        return page(visit.request, "speaker_retire.html", **(common | values))


@router.post("/speakers/{speaker_id}/retire")
def retire(visit: Sent, speaker_id: str) -> Response:
    """Out of service, once its name was typed and a reason given."""
    typed, reason = visit.form.line("typed"), visit.form.line("reason")
    with visit.context.database.read() as session:
        _tended(session, visit, speaker_id)
    try:
        with visit.context.database.transaction() as session:
            boxes.retire(session, visit.me, speaker_id, typed=typed, reason=reason[:200], now=visit.context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show_retire, visit, speaker_id, typed=typed, reason=reason))
    return go(f"/speakers/{speaker_id}", "speaker-retired")


def _tended(session: Session, visit: Visiting, speaker_id: str) -> Speaker:
    """One in service that this person may tend."""
    row = find_speaker(session, sight(session, visit.me), speaker_id)
    visit.me.require(Action.TEND_SPEAKERS, places.path(session, row.unit_id))
    if row.revoked_at is not None:
        raise UnknownSpeaker(id=speaker_id)
    return row
