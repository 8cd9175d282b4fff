"""A month of a unit: as a page that is also printed, and as a workbook."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from broadcaster.domain.months import Month, month_of, parse
from broadcaster.web.asking import Visit, Visiting
from broadcaster.web.labels import CATEGORY, VOICE
from broadcaster.web.render import language_of, page
from broadcaster.web.report_book import report_book
from broadcaster.web.sheets import XLSX
from broadcaster.web.shown.province import zone_of
from broadcaster.web.shown.report import Report, month_of_unit
from broadcaster.web.shown.sight import sight, within

router = APIRouter(include_in_schema=False)
OFFERED, LISTED = 14, 40
Word = Annotated[str, Query(max_length=64)]


@router.get("/reports")
def find(visit: Visit, unit: Word = "", month: Word = "") -> Response:
    """The month asked for, or else the one it is, of the unit asked for, or else the topmost one seen."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        here = unit or min(seen.tops, key=seen.names_of)
        zone = zone_of(session, within(seen, here), here)
    wanted = parse(month) if month else month_of(visit.context.now(), zone)
    return RedirectResponse(f"/reports/{here}/{wanted}", 303)


@router.get("/reports/{unit_id}/{month}.xlsx")
def workbook(visit: Visit, unit_id: str, month: str) -> Response:
    """The same figures in Excel, with charts that can be changed there."""
    it = _report(visit, unit_id, month)
    body = report_book(it, language_of(visit.request))
    name = f"loa-{unit_id}-{it.month}.xlsx"
    return Response(body, media_type=XLSX, headers={"content-disposition": f'attachment; filename="{name}"'})


@router.get("/reports/{unit_id}/{month}")
def report(visit: Visit, unit_id: str, month: str) -> HTMLResponse:
    """The month of a unit."""
    it = _report(visit, unit_id, month, listed=LISTED)
    return page(
        visit.request,
        "report.html",
        it=it,
        listed=it.spoken[:LISTED],
        left=max(0, len(it.spoken) - LISTED),
        months=_offered(it),
        categories=CATEGORY,
        voices=VOICE,
    )


def _report(visit: Visiting, unit_id: str, month: str, *, listed: int | None = None) -> Report:
    now = visit.context.now()
    with visit.context.database.read() as session:
        return month_of_unit(session, sight(session, visit.me), unit_id, parse(month), now=now, listed=listed)


def _offered(it: Report) -> list[Month]:
    """The latest months, and the one that is shown."""
    latest = month_of(it.now, ZoneInfo(it.zone)).back(OFFERED)
    return sorted({*latest, it.month}, reverse=True)
