"""The first steps: what the commune is called and where its clock goes, and its villages from a list."""

from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.schedule import zone_named
from broadcaster.domain.village_list import as_text
from broadcaster.services.places import beginning, importing, sheets
from broadcaster.services.places.importing import Fate, Line
from broadcaster.services.places.sheets import Rows
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import page
from broadcaster.web.shown.start import FATE, WRONG, progress, villages
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
ZONES = ("Asia/Ho_Chi_Minh", "Asia/Bangkok", "Asia/Vientiane", "Asia/Phnom_Penh", "Asia/Manila", "Asia/Jakarta")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list would do, and the list itself to be sent once more."""

    lines: list[Line]
    text: str

    @property
    def counts(self) -> dict[str, int]:
        """How many lines of each fate."""
        return {fate: sum(1 for line in self.lines if line.fate is fate) for fate in Fate}

    @property
    def news(self) -> int:
        """How many would be written."""
        return self.counts[Fate.NEW] + self.counts[Fate.COMPLETED]


@router.get("/start/commune")
def commune(visit: Visit) -> HTMLResponse:
    """Its name and the zone of its clock."""
    return show_commune(visit)


def show_commune(visit: Visiting, **values: object) -> HTMLResponse:
    """The form, with what was typed where something was refused."""
    with visit.context.database.read() as session:
        it = progress(session, visit.me)
    common = {"it": it, "typed": {"name": it.name, "zone": it.zone}, "zones": ZONES, "clock": ""}
    return page(visit.request, "start_commune.html", **(common | values))


@router.post("/start/commune")
def name_commune(visit: Sent) -> Response:
    """Name it, or correct what it was named; with the test, only say what time it is there."""
    typed = {"name": visit.form.line("name"), "zone": visit.form.line("zone")}
    shown, now = partial(show_commune, visit, typed=typed), visit.context.now()
    with visit.context.database.read() as session:
        it = progress(session, visit.me)
    try:
        if visit.form.line("do") == "test":
            return shown(clock=now.astimezone(zone_named(typed["zone"])).strftime("%H:%M"))
        with visit.context.database.transaction() as session:
            if it.unit:
                beginning.correct(session, visit.me, it.unit, now=now, **typed)
            else:
                beginning.name_commune(session, visit.me, now=now, **typed)
    except LoaError as error:
        return again(visit.request, error, shown)
    return go("/start", "kept")


@router.get("/start/villages")
def village_list(visit: Visit) -> Response:
    """Where names are typed, pasted or uploaded; the commune comes first."""
    with visit.context.database.read() as session:
        named = progress(session, visit.me).unit
    return show_villages(visit) if named else go("/start/commune")


def show_villages(visit: Visiting, **values: object) -> HTMLResponse:
    """The form, or what its list would do."""
    with visit.context.database.read() as session:
        it = progress(session, visit.me)
        there = villages(session, it.unit)
    common = {"it": it, "there": there, "text": "", "preview": None, "fates": FATE, "wrong": WRONG}
    return page(visit.request, "start_villages.html", **(common | values))


@router.post("/start/villages")
def take_villages(visit: Sent) -> Response:
    """Show what the list would do, or once that was seen, do it."""
    form = visit.form
    text = form.prose("list")
    with visit.context.database.read() as session:
        it = progress(session, visit.me)
    if form.line("do") == "back":
        return show_villages(visit, text=text)
    try:
        rows = _rows(visit, text)
        if form.line("do") != "write":
            return show_villages(visit, text=text, preview=_preview(visit, it.unit, rows))
        with visit.context.database.transaction() as session:
            write = partial(importing.write, session, visit.me, it.unit, rows, now=visit.context.now())
            once(session, visit, f"villages {text}", lambda: str(write()))
    except LoaError as error:
        return again(visit.request, error, partial(show_villages, visit, text=text))
    return go("/start", "kept")


def _rows(visit: Sending, text: str) -> Rows:
    chosen = visit.form.file("file")
    return sheets.rows_of(chosen.file.read()) if chosen else sheets.pasted(text)


def _preview(visit: Visiting, unit: str, rows: Rows) -> Preview:
    with visit.context.database.read() as session:
        lines = importing.preview(session, visit.me, unit, rows)
    return Preview(lines, sheets.text_of(as_text(line.village for line in lines)))
