"""When somebody is asked to speak in a unit, and how its village heads are reached."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, Malformed
from broadcaster.domain.permissions import Action
from broadcaster.domain.stand_in import MOST_MINUTES, USUAL
from broadcaster.services.alarms import stand_in_limits
from broadcaster.services.outlets import reaching
from broadcaster.web.asking import Posted, Sending, Sent, Visit, Visiting
from broadcaster.web.labels import KLASS
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown.sight import Sight, sight, within
from broadcaster.web.shown.standing_in import reachable
from broadcaster.web.sign_in import go

router = APIRouter(prefix="/units/{unit_id}/standing-in", include_in_schema=False)


@router.get("")
def read(visit: Visit, unit_id: str) -> HTMLResponse:
    """The limits, and the village heads here and below."""
    return show(visit, unit_id)


def show(visit: Visiting, unit_id: str, **values: object) -> HTMLResponse:
    """The page."""
    with visit.context.database.read() as session:
        seen = _seen(session, visit, unit_id)
        return page(
            visit.request,
            "standing_in_settings.html",
            unit=unit_id,
            unit_name=seen.names_of(unit_id),
            limits=stand_in_limits.of_unit(session, unit_id),
            heads=reachable(session, seen, unit_id),
            bot=reaching.bot_of(session, unit_id) is not None,
            classes=KLASS,
            most=MOST_MINUTES,
            **values,
        )


@router.post("")
def change_limits(visit: Sent, unit_id: str) -> Response:
    """Minutes per class; both fields of a class empty = as in the unit above."""
    try:
        with visit.context.database.transaction() as session:
            _seen(session, visit, unit_id)
            stand_in_limits.change(session, visit.me, unit_id, _limits(visit.form), now=visit.context.now())
    except LoaError as error:
        return _again(visit, unit_id, error)
    return go(f"/units/{unit_id}/standing-in", "kept")


@router.post("/{person_id}")
def change_person(visit: Sent, unit_id: str, person_id: str) -> Response:
    """The phone number and the chat of one person."""
    form, now = visit.form, visit.context.now()
    try:
        with visit.context.database.transaction() as session:
            _seen(session, visit, unit_id)
            reaching.set_phone(session, visit.me, person_id, form.line("phone"), now=now)
            reaching.set_chat(session, visit.me, person_id, form.line("chat"), now=now)
    except LoaError as error:
        return _again(visit, unit_id, error)
    return go(f"/units/{unit_id}/standing-in", "kept")


def _again(visit: Sending, unit_id: str, error: LoaError) -> Response:
    if not isinstance(error, Malformed):
        raise error
    return again(visit.request, error, partial(show, visit, unit_id))


def _seen(session: Session, visit: Visiting, unit_id: str) -> Sight:
    """Phone numbers are for those who look after the people there. Raises NotAllowed, NotFound."""
    return within(sight(session, visit.me, Action.TEND_PEOPLE), unit_id)


def _limits(form: Posted) -> dict[str, list[int]]:
    typed = {klass: [form.line(f"ask-{klass}"), form.line(f"escalate-{klass}")] for klass in USUAL}
    return {klass: [_minutes(each) for each in pair] for klass, pair in typed.items() if any(pair)}


def _minutes(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
