"""Merging, splitting, renaming and moving units: choose, look at what it changes for whom, set a day."""

from contextlib import suppress
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.domain.wishes import Kind, Wish
from broadcaster.services.places import reorganising
from broadcaster.store import places
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.labels import CHANGE_KIND, LEVEL
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import language_of, page
from broadcaster.web.reorganising_form import MOST_PARTS, ChangeForm, kind_of, posted
from broadcaster.web.shown.choosing import offered
from broadcaster.web.shown.foresight import Foresight, Forgotten, foresee
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.unit_changes import brief, changes, find_change
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@router.get("/units/changes")
def every_change(visit: Visit) -> HTMLResponse:
    """What is planned, in order, and what was done."""
    with visit.context.database.read() as session:
        coming, over = changes(session, sight(session, visit.me))
    return page(visit.request, "unit_changes.html", coming=coming, over=over)


@router.get("/units/changes/new")
def new(visit: Visit, change: str = "merge", unit: str = "", inside: str = "") -> HTMLResponse:
    """The form of one kind of change; it asks for the unit where none is named."""
    return choose(visit, ChangeForm(kind_of(change), units=(unit,) if unit else ()), inside)


def choose(visit: Visiting, form: ChangeForm, inside: str = "", **values: object) -> HTMLResponse:
    """The form with what was chosen so far."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_UNITS)
        choice = offered(session, seen, form.kind, form.units[0] if form.units else "", inside)
    common = {"form": form, "choice": choice, "levels": LEVEL, "numbers": range(1, MOST_PARTS + 1)}
    return page(visit.request, "unit_change_new.html", **(common | values))


@router.post("/units/changes/preview")
def preview(visit: Sent) -> HTMLResponse:
    """What it would change for whom, before anybody decides."""
    form = posted(visit.form)
    with visit.context.database.read() as session:
        _in_sight(session, visit, form)
    try:
        return show(visit, form)
    except LoaError as error:
        return again(visit.request, error, partial(choose, visit, form, visit.form.line("inside")))


def show(visit: Visiting, form: ChangeForm, **values: object) -> HTMLResponse:
    """The preview, with what is still to be answered."""
    with visit.context.database.read() as session:
        wish = _wish(session, form)
    common = {
        "form": form,
        "kind": CHANGE_KIND[form.kind],
        "it": _foreseen(visit, wish),
        "change": None,
        "stuck": False,
    }
    return page(visit.request, "unit_change.html", **(common | values))


@router.post("/units/changes")
def decide(visit: Sent) -> Response:
    """Do it, or keep it for its day."""
    form, now = posted(visit.form), visit.context.now()
    with visit.context.database.read() as session:
        _in_sight(session, visit, form)

    def act(session: Session) -> str:
        wish, day = _wish(session, form), form.chosen_day()
        return reorganising.decide(session, visit.me, wish, day=day, decision=form.decision, now=now).id

    try:
        with visit.context.database.transaction() as session:
            change_id = once(session, visit, repr(form), partial(act, session))
    except LoaError as error:
        return again(visit.request, error, partial(_show_again, visit, form))
    return go(f"/units/changes/{change_id}", "unit-change")


def _show_again(visit: Sending, form: ChangeForm, **values: object) -> HTMLResponse:
    try:
        return show(visit, form, **values)
    except LoaError:
        return choose(visit, form, "", **values)


@router.get("/units/changes/{change_id}")
def one_change(visit: Visit, change_id: str) -> HTMLResponse:
    """One change: what it does, as long as it waits, and how it stands."""
    return one(visit, change_id)


def one(visit: Visiting, change_id: str, **values: object) -> HTMLResponse:
    """The page of one change."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        row = find_change(session, seen, change_id)
        change, wish = brief(places.land(session), row, seen), Wish.from_json(row.plan)
    it = None
    if change.may_call_off:
        with suppress(LoaError):
            it = _foreseen(visit, wish)
    common = {
        "change": change,
        "it": it,
        "form": None,
        "kind": change.kind,
        "stuck": change.may_call_off and it is None,
    }
    return page(visit.request, "unit_change.html", **(common | values))


@router.post("/units/changes/{change_id}/cancel")
def call_off(visit: Sent, change_id: str) -> Response:
    """Drop it before its day."""
    with visit.context.database.read() as session:
        find_change(session, sight(session, visit.me), change_id)
    try:
        with visit.context.database.transaction() as session:
            reorganising.call_off(session, visit.me, change_id, now=visit.context.now())
    except LoaError as error:
        return again(visit.request, error, partial(one, visit, change_id))
    return go("/units/changes", "unit-change-off")


def _foreseen(visit: Visiting, wish: Wish) -> Foresight:
    found: list[Foresight] = []
    with suppress(Forgotten), visit.context.database.transaction() as session:
        seen = sight(session, visit.me)
        found.append(foresee(session, seen, wish, language_of(visit.request), visit.context.now()))
        raise Forgotten
    return found[0]


def _wish(session: Session, form: ChangeForm) -> Wish:
    land = places.land(session)
    taken = {*land, *(each for row in reorganising.waiting(session) for each in Wish.from_json(row.plan).concerned)}
    level = land[form.units[0]].level if form.units and form.units[0] in land else ""
    return form.wish(taken, level)


def _in_sight(session: Session, visit: Sending, form: ChangeForm) -> None:
    seen = sight(session, visit.me)
    for unit in (*form.units, *([form.under] if form.under and form.kind is Kind.MOVE else [])):
        if unit not in seen.units:
            raise NotFound(what="unit", id=unit)
    if not form.units:
        sight(session, visit.me, Action.TEND_UNITS)
