"""The control page of one alert: what it still lacks, sending it, following it, and the one tap that calls it back."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.corrections import Part
from broadcaster.domain.errors import LoaError, Malformed
from broadcaster.services.alarms import emergencies
from broadcaster.services.alarms.emergencies import Repeat
from broadcaster.services.outlets import parity
from broadcaster.services.writing import announcements
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.labels import N_
from broadcaster.web.pages.again import again
from broadcaster.web.pages.emergency import COLOURS
from broadcaster.web.pages.once import once
from broadcaster.web.render import page
from broadcaster.web.seconds import asked_of, second_of
from broadcaster.web.shown.alerts import control, stage_of
from broadcaster.web.shown.approvals import is_writer
from broadcaster.web.shown.copies import copies
from broadcaster.web.shown.sight import find_announcement, sight
from broadcaster.web.sign_in import go

router = APIRouter(prefix="/emergency/at/{announcement_id}", include_in_schema=False)
REPEATS = {
    "0": N_("Once only"),
    "5x3": N_("Every 5 minutes, 3 times more at most"),
    "5x6": N_("Every 5 minutes, 6 times more at most"),
    "10x6": N_("Every 10 minutes, 6 times more at most"),
    "30x12": N_("Every 30 minutes, 12 times more at most"),
}
USUAL = "5x6"


@router.get("", response_model=None)
def look(visit: Visit, announcement_id: str) -> Response:
    """The alert at its stage; its correction and its all-clear are looked at here too."""
    with visit.context.database.read() as session:
        alert = find_announcement(session, sight(session, visit.me), announcement_id).part_of_id
    return go(_path(alert)) if alert else show(visit, announcement_id)


@router.get("/now")
def look_again(visit: Visit, announcement_id: str, stage: Annotated[str, Query(max_length=20)] = "") -> HTMLResponse:
    """What changes by itself, as the page asks for it again; at another stage the whole page is another."""
    answer = show(visit, announcement_id, template="_emergency_now.html")
    with visit.context.database.read() as session:
        if stage and stage != stage_of(session, announcement_id):
            answer.headers["hx-refresh"] = "true"
    return answer


def show(visit: Visiting, announcement_id: str, template: str = "emergency_at.html", **values: object) -> HTMLResponse:
    """The page, or its living part alone."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        row = find_announcement(session, seen, announcement_id)
        emergencies.require(session, row.id)
        common = {
            "it": control(session, seen, row, now=now),
            "asked": asked_of(session, visit.me.person_id, row.id),
            "own": is_writer(session, visit.me, row.id),
            "copies": copies(session, seen, row, parity.of(session, row), now=now),
            "colours": COLOURS,
            "choices": REPEATS,
            "typed": {"place": "", "repeat": USUAL},
        }
        return page(visit.request, template, **(common | values))


@router.post("/submit")
def submit(visit: Sent, announcement_id: str) -> Response:
    """Put it before a second person; the first one proves that it is really them."""
    second, now = second_of(visit.form), visit.context.now()
    try:
        with visit.context.database.transaction() as session:
            _find(session, visit, announcement_id)
            vault = visit.context.vault
            announcements.submit(session, visit.me, announcement_id, now=now, second=second, vault=vault)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id))
    return go(_path(announcement_id), "submitted")


@router.post("/confirm")
def confirm(visit: Sent, announcement_id: str) -> Response:
    """Answer for it once more, when the five minutes have passed."""
    second, now = second_of(visit.form), visit.context.now()
    try:
        with visit.context.database.transaction() as session:
            _find(session, visit, announcement_id)
            announcements.renew(session, visit.me, announcement_id, second, visit.context.vault, now=now)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id))
    return go(_path(announcement_id))


@router.post("/send")
def send(visit: Sent, announcement_id: str) -> Response:
    """The alert goes out; pressing twice sends it once."""
    typed = {"place": visit.form.line("place"), "repeat": visit.form.line("repeat")}
    try:
        repeat = _repeat(typed["repeat"])
        with visit.context.database.transaction() as session:
            _find(session, visit, announcement_id)
            once(session, visit, f"send {announcement_id}", lambda: _send(session, visit, announcement_id, repeat))
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id, typed=typed))
    return go(_path(announcement_id))


@router.post("/correction")
def correct(visit: Sent, announcement_id: str) -> Response:
    """It was wrong: said at once, everywhere it was heard."""
    return _call_up(visit, announcement_id, Part.CORRECTION)


@router.post("/all-clear")
def all_clear(visit: Sent, announcement_id: str) -> Response:
    """It is over: said at once, everywhere it was heard."""
    return _call_up(visit, announcement_id, Part.ALL_CLEAR)


@router.post("/acknowledge")
def acknowledge(visit: Sent, announcement_id: str) -> Response:
    """It was heard in this village and is acted on: no more repeats there."""
    unit, now = visit.form.line("unit"), visit.context.now()
    try:
        with visit.context.database.transaction() as session:
            _find(session, visit, announcement_id)
            emergencies.acknowledge(session, visit.me, announcement_id, unit, now=now)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id))
    return go(_path(announcement_id))


def _call_up(visit: Sending, announcement_id: str, part: Part) -> Response:
    try:
        with visit.context.database.transaction() as session:
            _find(session, visit, announcement_id)
            emergencies.call_up(session, visit.me, announcement_id, part, now=visit.context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id))
    return go(_path(announcement_id))


def _send(session: Session, visit: Sending, announcement_id: str, repeat: Repeat | None) -> str:
    place, now = visit.form.line("place"), visit.context.now()
    return emergencies.send(session, visit.me, announcement_id, place=place, repeat=repeat, now=now).id


def _repeat(chosen: str) -> Repeat | None:
    if chosen not in REPEATS:
        raise Malformed(field="repeat", problem=", ".join(REPEATS))
    minutes, _, times = chosen.partition("x")
    return Repeat(int(minutes), int(times)) if times else None


def _find(session: Session, visit: Visiting, announcement_id: str) -> None:
    # Out of sight is answered before out of rights.
    find_announcement(session, sight(session, visit.me), announcement_id)
    emergencies.require(session, announcement_id)


def _path(announcement_id: str) -> str:
    return f"/emergency/at/{announcement_id}"
