"""The units, and the page of one: where it hangs, what holds there, and its next 24 hours."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, Malformed
from broadcaster.domain.languages import LANGUAGES
from broadcaster.domain.words import line
from broadcaster.services.places import units
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.render import language_of, page
from broadcaster.web.shown import stagger
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.tree import find, forest, gone
from broadcaster.web.shown.units import find_unit, unit_view
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@router.get("/units")
def every_unit(visit: Visit, q: str = "", inside: str = "", *, closed: bool = False) -> HTMLResponse:
    """The tree of units within sight, or what is searched for by a name of now or of long ago."""
    text = line(q)[:100]
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        if inside:
            find_unit(session, seen, inside)
        return page(
            visit.request,
            "units.html",
            tree=forest(session, seen, inside),
            q=text,
            found=find(session, seen, text) if text else None,
            inside=(inside, seen.names_of(inside)) if inside else None,
            gone=gone(session, seen) if closed else None,
        )


@router.get("/units/{unit_id}")
def one_unit(visit: Visit, unit_id: str) -> HTMLResponse:
    """All about one unit."""
    return show(visit, unit_id)


def show(visit: Visiting, unit_id: str, **values: object) -> HTMLResponse:
    """The page of one unit."""
    language = language_of(visit.request)
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        it = unit_view(session, seen, unit_id, language, visit.context.now())
        drawing = stagger.drawing(session, unit_id)
        common = {"it": it, "stagger": drawing, "offered": LANGUAGES, "typed": {}}
        return page(visit.request, "unit.html", **(common | values))


@router.post("/units/{unit_id}")
def change(visit: Sent, unit_id: str) -> Response:
    """Its name, how many people live there, and the languages in the order in which they are heard."""
    form, now = visit.form, visit.context.now()
    with visit.context.database.read() as session:
        find_unit(session, sight(session, visit.me), unit_id)
    try:
        with visit.context.database.transaction() as session:
            units.change(
                session,
                visit.me,
                unit_id,
                name=form.line("name") or None,
                languages=[tag for tag in form.lines("languages") if tag],
                people=_count(form.line("people")),
                now=now,
            )
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, unit_id))
    return go(f"/units/{unit_id}", "unit-saved")


def _count(typed: str) -> int | None:
    """A number as people write it, 33.000 too; nothing = not known."""
    digits = typed.replace(".", "").replace(" ", "").replace("\u202f", "")
    if digits and not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise Malformed(field="people", problem=typed[:40])
    return int(digits) if digits else None
