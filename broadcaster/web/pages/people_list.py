"""Many accounts from one list: paste or choose a file, look what becomes of each line, then make them at once."""

from collections import Counter
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, Malformed
from broadcaster.domain.people_list import Fault, as_rows
from broadcaster.domain.permissions import Role
from broadcaster.domain.words import plain
from broadcaster.services.people import invitations, proving, roster
from broadcaster.services.people.roster import Fate, Frame, Line
from broadcaster.services.places import sheets
from broadcaster.web.asking import Posted, Sent, Visit, Visiting
from broadcaster.web.i18n import LANGUAGES, moment, say
from broadcaster.web.labels import N_, ROLE, Label
from broadcaster.web.pages.again import again
from broadcaster.web.pages.people import proof
from broadcaster.web.render import language_of, page
from broadcaster.web.seconds import here, second_of
from broadcaster.web.sheets import csv_pieces
from broadcaster.web.shown import people as shown
from broadcaster.web.shown.people import MAY
from broadcaster.web.shown.sight import sight, within

router = APIRouter(prefix="/people/list", include_in_schema=False)
MOST_SHOWN = 60
LABELS = {
    Fate.NEW: Label(N_("New account"), "check", "ok"),
    Fate.ROLE: Label(N_("Gets one role more"), "check", "busy"),
    Fate.THERE: Label(N_("Is there already"), "half", "off"),
    Fate.WRONG: Label(N_("Is left out"), "warning", "bad"),
}
FAULTS = {
    Fault.NAME: N_("the name is missing or too long"),
    Fault.LOGIN: N_("a sign-in name has a–z, 0–9 and - only"),
    Fault.UNIT: N_("no unit of yours is called so"),
    Fault.UNIT_TWICE: N_("several units are called so; write its id"),
    Fault.ROLE: N_("there is no such role"),
    Fault.PHONE: N_("this is no telephone number"),
    Fault.MAIL: N_("this is no e-mail address"),
    Fault.TWICE: N_("stands in the list already"),
}


@router.get("")
def ask(visit: Visit) -> HTMLResponse:
    """Where to paste the list or choose the file."""
    return show(visit)


def show(visit: Visiting, **values: object) -> HTMLResponse:
    """The form, and under it what becomes of each line once there is a list."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, MAY)
        usual: dict[str, object] = {"lines": (), "text": "", "made": None, "typed": {}, "counts": {}}
        usual |= {"left": 0, "ids": ""}
        return page(
            visit.request,
            "people_list.html",
            units=shown.choices(seen),
            roles=ROLE,
            labels=LABELS,
            faults=FAULTS,
            names=seen.names,
            proof=proof(session, visit),
            **(usual | values),
        )


@router.post("")
def preview(visit: Sent) -> Response:
    """What would become of each line; nothing is written."""
    typed = {name: visit.form.line(name) for name in ("unit", "role")}
    try:
        with visit.context.database.read() as session:
            lines = roster.preview(session, _rows(visit.form), _frame(session, visit))
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, typed=typed))
    return show(visit, typed=typed, text=_text(lines), **_looked_at(lines))


@router.post("/take")
def take(visit: Sent) -> Response:
    """Make them all in one transaction; what became wrong meanwhile is left out."""
    now, form = visit.context.now(), visit.form
    typed, rows = {name: form.line(name) for name in ("unit", "role")}, sheets.pasted(form.prose("rows"))
    try:
        with visit.context.database.transaction() as session:
            proving.require(session, here(visit), second_of(form), now=now)
            made = roster.take(session, visit.me, rows, _frame(session, visit), now=now)
    except LoaError as error:
        with visit.context.database.read() as session:
            lines = roster.preview(session, rows, _frame(session, visit))
        return again(
            visit.request, error, partial(show, visit, typed=typed, text=form.prose("rows"), **_looked_at(lines))
        )
    return show(visit, made=len(made), ids=" ".join(made))


@router.post("/links")
def links(visit: Sent) -> Response:
    """The invitations of those just made, as a list to be passed on; each link is shown this once."""
    now, ids = visit.context.now(), visit.form.line("ids").split()
    with visit.context.database.transaction() as session:
        sight(session, visit.me, MAY)
        proving.require(session, here(visit), second_of(visit.form), now=now)
        made = invitations.links_for(session, visit.me, ids, now=now)
    language, base = language_of(visit.request), visit.context.settings.public_url
    heads = [say(language, text) for text in (N_("Name"), N_("Sign-in name"), N_("Link"), N_("Valid until"))]
    body = [[it.name, it.login, f"{base}/sign-in/{it.secret}", moment(language, it.expires, now=now)] for it in made]
    headers = {"content-disposition": 'attachment; filename="loi-moi.csv"', "cache-control": "no-store"}
    return Response(b"".join(csv_pieces(heads, body)), media_type="text/csv; charset=utf-8", headers=headers)


def _rows(form: Posted) -> sheets.Rows:
    chosen = form.file("file")
    return sheets.rows_of(chosen.file.read()) if chosen is not None else sheets.pasted(form.prose("text"))


def _frame(session: Session, visit: Sent) -> Frame:
    seen, unit = sight(session, visit.me, MAY), visit.form.line("unit")
    within(seen, unit)
    try:
        role = Role(visit.form.line("role"))
    except ValueError as error:
        raise Malformed(field="role", problem=", ".join(Role)) from error
    called = {plain(say(language, text)): Role(each) for language in LANGUAGES for each, text in ROLE.items()}
    return Frame({each: seen.names_of(each) for each in seen.units}, called, unit, role)


def _looked_at(lines: list[Line]) -> dict[str, object]:
    """What is wrong first: the rest is as it was written."""
    sorted_out = sorted(lines, key=lambda it: (it.fate is not Fate.WRONG, it.entry.number))
    counts = Counter(it.fate for it in lines)
    return {"lines": sorted_out[:MOST_SHOWN], "counts": counts, "left": max(0, len(lines) - MOST_SHOWN)}


def _text(lines: list[Line]) -> str:
    return sheets.text_of(as_rows(it.entry for it in lines if it.fate is not Fate.WRONG))
