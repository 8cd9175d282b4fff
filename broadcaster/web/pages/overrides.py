"""Exceptions to the rules of a unit: asking, granting by somebody else, taking back."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, Malformed
from broadcaster.domain.permissions import Action
from broadcaster.services.hours import overrides
from broadcaster.services.hours.overrides import Asked
from broadcaster.services.places import units
from broadcaster.store.tables import Override
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.pages import units as unit_page
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import page
from broadcaster.web.shown.rules import may_be_excepted
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.units import find_unit
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@router.get("/units/{unit_id}/overrides/new")
def new(visit: Visit, unit_id: str) -> HTMLResponse:
    """The form."""
    return show(visit, unit_id, {"announcement": visit.request.query_params.get("announcement", "")})


def show(visit: Visiting, unit_id: str, typed: dict[str, str], **values: object) -> HTMLResponse:
    """The page with the form: which announcement, from when to when, and why."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.AIR)
        unit = find_unit(session, seen, unit_id)
        here = visit.context.now().astimezone(ZoneInfo(units.zone_of(session, unit_id)))
        usual = {"announcement": "", "starts": "", "ends": "", "reason": ""}
        offered = may_be_excepted(session, seen)
        common = {"unit": unit, "offered": offered, "typed": usual | typed, "earliest": f"{here:%Y-%m-%dT%H:%M}"}
        return page(visit.request, "override.html", **(common | values))


@router.post("/units/{unit_id}/overrides")
def ask(visit: Sent, unit_id: str) -> Response:
    """Ask; nothing changes before somebody else has granted it."""
    form, now = visit.form, visit.context.now()
    typed = {name: form.line(name) for name in ("announcement", "starts", "ends")} | {"reason": form.prose("reason")}
    with visit.context.database.read() as session:
        find_unit(session, sight(session, visit.me), unit_id)
    try:
        with visit.context.database.transaction() as session:
            zone = ZoneInfo(units.zone_of(session, unit_id))
            starts, ends = (_instant(name, typed[name], zone) for name in ("starts", "ends"))
            asked = Asked(unit_id, typed["announcement"], starts, ends, typed["reason"])
            once(session, visit, f"override {unit_id}", lambda: overrides.ask(session, visit.me, asked, now=now).id)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, unit_id, typed))
    return go(f"/units/{unit_id}#overrides", "override-asked")


@router.post("/overrides/{override_id}/grant")
def grant(visit: Sent, override_id: str) -> Response:
    """Let it be so."""
    return _decided(visit, override_id, overrides.grant, "override-granted")


@router.post("/overrides/{override_id}/refuse")
def refuse(visit: Sent, override_id: str) -> Response:
    """It shall not be so."""
    return _decided(visit, override_id, overrides.refuse, "override-refused")


@router.post("/overrides/{override_id}/end")
def end(visit: Sent, override_id: str) -> Response:
    """End it before its time."""
    return _decided(visit, override_id, overrides.take_back, "override-ended")


def _decided(visit: Sending, override_id: str, step: Callable[..., Override], said: str) -> Response:
    with visit.context.database.read() as session:
        unit_id = overrides.seen(session, sight(session, visit.me).units, override_id).unit_id
    try:
        with visit.context.database.transaction() as session:
            step(session, visit.me, override_id, now=visit.context.now())
    except LoaError as error:
        return again(visit.request, error, partial(unit_page.show, visit, unit_id))
    return go(f"/units/{unit_id}#overrides", said)


def _instant(field: str, text: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        raise Malformed(field=field, problem=text[:40]) from None
