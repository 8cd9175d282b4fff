"""Writing a unit's rules of the air: what they would refuse, from when they hold; and the annex to the decision."""

from dataclasses import replace
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.domain.rules.words import DAYS
from broadcaster.domain.rules_of_the_air import DEFAULT
from broadcaster.services.hours import rules, trial
from broadcaster.services.hours.book import Book
from broadcaster.services.places import units
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.labels import BARRED, CATEGORY, N_
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import language_of, page
from broadcaster.web.rules_form import RulesForm, filled_up, form_of, posted_rules
from broadcaster.web.shown.annex import annex
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.units import find_unit
from broadcaster.web.sign_in import go
from firmware_config.protocol import Rules

router = APIRouter(include_in_schema=False)
HOLIDAYS = {
    "usual": N_("As on any other day"),
    "sunday": N_("Sunday’s hours hold"),
    "silent": N_("Nothing is aired"),
}


@router.get("/units/{unit_id}/rules")
def edit(visit: Visit, unit_id: str) -> HTMLResponse:
    """The form, filled with what holds or comes last."""
    return show(visit, unit_id)


def show(visit: Visiting, unit_id: str, form: RulesForm | None = None, **values: object) -> HTMLResponse:
    """The page with the form."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_UNITS)
        unit = find_unit(session, seen, unit_id)
        form = form or form_of(_latest(session, unit_id, visit))
        common = {
            "unit": unit,
            "form": replace(form, windows=filled_up(form.windows)),
            "days": DAYS[language_of(visit.request)],
            "holidays": HOLIDAYS,
            "categories": CATEGORY,
            "earliest": f"{now:%Y-%m-%d}",
            "effect": None,
            "reasons": BARRED,
        }
        return page(visit.request, "rules.html", **(common | values))


def _latest(session: Session, unit_id: str, visit: Visiting) -> Rules:
    """The unit's own newest rules, else those of the unit above it, else the usual ones."""
    book = Book(session, visit.context.now())
    own = [set_ for unit in reversed(book.tree.path(unit_id)) for set_ in list(book.sets(unit))[-1:]]
    return own[0] if own else DEFAULT


@router.post("/units/{unit_id}/rules")
def save(visit: Sent, unit_id: str) -> Response:
    """Try them, or let them hold from their day on."""
    form = posted_rules(visit.form)
    wish = visit.form.line("do")
    with visit.context.database.read() as session:
        find_unit(session, sight(session, visit.me, Action.SEE), unit_id)
    if wish == "add":
        return show(visit, unit_id, form)
    try:
        if wish == "try":
            return show(visit, unit_id, form, effect=_tried(visit, unit_id, form))
        _save(visit, unit_id, form)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, unit_id, form))
    return go(f"/units/{unit_id}", "rules-saved")


def _tried(visit: Sending, unit_id: str, form: RulesForm) -> trial.Effect:
    with visit.context.database.read() as session:
        since = form.begins(units.zone_of(session, unit_id))
        return trial.effect(session, visit.me, unit_id, form.rules(), since=since, now=visit.context.now())


def _save(visit: Sending, unit_id: str, form: RulesForm) -> None:
    now = visit.context.now()
    with visit.context.database.transaction() as session:
        since = form.begins(units.zone_of(session, unit_id))
        write = partial(
            rules.set, session, visit.me, unit_id, form.rules(), since=since, decision=form.decision, now=now
        )
        once(session, visit, f"rules {unit_id}", lambda: write().id)


@router.get("/units/{unit_id}/rules/annex")
def printed(visit: Visit, unit_id: str) -> HTMLResponse:
    """One page in Vietnamese to be printed, signed and kept with the commune's decision."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        find_unit(session, seen, unit_id)
        return page(visit.request, "annex.html", it=annex(session, unit_id, visit.context.now()))
