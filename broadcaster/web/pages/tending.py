"""A loudspeaker's settings: how loud, in which languages, how much data, when it examines itself."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, UnknownSpeaker
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import MOST_DAYS, NEAR_DAYS
from broadcaster.domain.schedule.words import weekday_words
from broadcaster.domain.tending import Care, cared, checked, tended
from broadcaster.services.places import ahead_days, tending
from broadcaster.store import places
from broadcaster.store.tables import Speaker
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.i18n import language_name
from broadcaster.web.labels import KLASS
from broadcaster.web.pages.again import again
from broadcaster.web.render import language_of, page
from broadcaster.web.shown import tending as shown
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.speaker import find_speaker
from broadcaster.web.sign_in import go
from broadcaster.web.tending_form import LANGUAGES_ASKED, TendingForm, filled, posted
from firmware_config.data_budget import SHARES

router = APIRouter(include_in_schema=False)


@router.get("/speakers/{speaker_id}/settings")
def ask(visit: Visit, speaker_id: str) -> HTMLResponse:
    """As it is set now."""
    return show(visit, speaker_id)


def show(visit: Visiting, speaker_id: str, form: TendingForm | None = None, **values: object) -> HTMLResponse:
    """The page, with what was typed; how loud it will be is worked out from it where it can be."""
    now, language = visit.context.now(), language_of(visit.request)
    with visit.context.database.read() as session:
        row = _tended(session, visit, speaker_id)
        common = {
            "it": row,
            "form": form or filled(cared(row), row.ahead_days),
            "loudness": shown.loudness(session, row, _care(row, form), now=now),
            "own_unit": [language_name(language, tag) for tag in shown.inherited_languages(session, row)],
            "tongues": shown.choices(language),
            "asked": LANGUAGES_ASKED,
            "classes": KLASS,
            "weekdays": {str(day): weekday_words(day, language) for day in range(7)},
            "last": shown.last_change(session, speaker_id, language),
            "ahead": (NEAR_DAYS, MOST_DAYS),
            "shares": {klass.value: f"{share} %" for klass, share in SHARES.items() if share},
        }
        return page(visit.request, "tending.html", **(common | values))


@router.post("/speakers/{speaker_id}/settings/preview")
def preview(visit: Sent, speaker_id: str) -> HTMLResponse:
    """How loud it would be: the piece alone to scripts, the whole page to browsers without."""
    form = posted(visit.form)
    if not visit.request.headers.get("hx-request"):
        return show(visit, speaker_id, form)
    with visit.context.database.read() as session:
        row = _tended(session, visit, speaker_id)
        found = shown.loudness(session, row, _care(row, form), now=visit.context.now())
    return page(visit.request, "_loudness.html", loudness=found)


@router.post("/speakers/{speaker_id}/settings")
def tend(visit: Sent, speaker_id: str) -> Response:
    """Decide all of it; the loudspeaker is told at once."""
    form, now = posted(visit.form), visit.context.now()
    with visit.context.database.read() as session:
        find_speaker(session, sight(session, visit.me), speaker_id)
    try:
        with visit.context.database.transaction() as session:
            tending.tend(session, visit.me, speaker_id, form.asked(), now=now)
            ahead_days.set_ahead(session, visit.me, speaker_id, form.days, now=now)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, speaker_id, form))
    return go(f"/speakers/{speaker_id}/settings", "speaker-told")


@router.post("/speakers/{speaker_id}/settings/back")
def set_back(visit: Sent, speaker_id: str) -> Response:
    """As it was before the last change, unless somebody has changed it since."""
    with visit.context.database.read() as session:
        find_speaker(session, sight(session, visit.me), speaker_id)
    with visit.context.database.transaction() as session:
        done = tending.set_back(session, visit.me, speaker_id, visit.form.number("seq"), now=visit.context.now())
    return go(f"/speakers/{speaker_id}/settings", "speaker-told" if done else "changed-since")


@router.post("/speakers/{speaker_id}/self-test")
def sound_test(visit: Sent, speaker_id: str) -> Response:
    """A tone of one second, measured."""
    with visit.context.database.read() as session:
        find_speaker(session, sight(session, visit.me), speaker_id)
    with visit.context.database.transaction() as session:
        tending.self_test(session, visit.me, speaker_id, now=visit.context.now())
    return go(f"/speakers/{speaker_id}", "test-asked")


def _tended(session: Session, visit: Visiting, speaker_id: str) -> Speaker:
    """One in service that this person may tend."""
    row = find_speaker(session, sight(session, visit.me), speaker_id)
    visit.me.require(Action.TEND_SPEAKERS, places.path(session, row.unit_id))
    if row.revoked_at is not None:
        raise UnknownSpeaker(id=speaker_id)
    return row


def _care(row: Speaker, form: TendingForm | None) -> Care:
    if form is None:
        return cared(row)
    try:
        return checked(tended(Care(), form.asked()))
    except LoaError:
        return cared(row)
