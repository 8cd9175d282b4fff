"""Lists as files: filtered by unit and days, and sent row by row however long they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import StreamingResponse

from broadcaster.domain.errors import Malformed, NotFound
from broadcaster.domain.months import FIRST_YEAR, LAST_YEAR, month_of
from broadcaster.domain.permissions import units_of
from broadcaster.web.asking import Visit, Visiting
from broadcaster.web.i18n import say
from broadcaster.web.render import language_of, page
from broadcaster.web.sheets import XLSX, Cell, csv_pieces, xlsx_pieces
from broadcaster.web.shown.exported import Scope, days
from broadcaster.web.shown.lists import LISTS, List
from broadcaster.web.shown.province import counted_in, zone_of
from broadcaster.web.shown.sight import Sight, sight, within

router = APIRouter(include_in_schema=False)
Ending = Literal["csv", "xlsx"]
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which unit and days; what is left out: all that is seen, this month."""

    unit: str = ""
    first: date | None = None
    last: date | None = None


def asked(
    unit: Annotated[str, Query(max_length=64)] = "",
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
) -> Asked:
    """A field that was left empty is the same as one that was not sent. Raises Malformed."""
    return Asked(unit, _day("from", first), _day("to", last))


def _day(field: str, typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed) if typed else None
    except ValueError:
        found = date.min
    if found and not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Malformed(field=field, problem="2026-11-25")
    return found


Wanted = Annotated[Asked, Depends(asked)]


@router.get("/exports")
def choose(visit: Visit, wanted: Wanted) -> HTMLResponse:
    """What can be taken away, of which unit and days."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        scope = _scope(visit, session, seen, wanted)
        offered = _units(seen, wanted.unit)
    may = {one.name for one in LISTS.values() if units_of(visit.me.grants, one.action)}
    first, last = (at.astimezone(scope.zone).date() for at in (scope.since, scope.until - timedelta(seconds=1)))
    lists = [one for one in LISTS.values() if one.name in may]
    common = {"lists": lists, "units": offered, "unit": wanted.unit, "first": first, "last": last}
    return page(visit.request, "exports.html", **common)


@router.get("/exports/people.{ending}")
def people(visit: Visit, ending: Ending, wanted: Wanted) -> StreamingResponse:
    """Accounts, for those who look after them."""
    return _sent(visit, LISTS["people"], ending, wanted)


@router.get("/exports/audit.{ending}")
def audit(visit: Visit, ending: Ending, wanted: Wanted) -> StreamingResponse:
    """The log book, for those who may read it."""
    return _sent(visit, LISTS["audit"], ending, wanted)


@router.get("/exports/{name}.{ending}")
def export(visit: Visit, name: str, ending: Ending, wanted: Wanted) -> StreamingResponse:
    """One list."""
    if name not in LISTS:
        raise NotFound(what="list", id=name)
    return _sent(visit, LISTS[name], ending, wanted)


def _sent(visit: Visiting, one: List, ending: str, wanted: Asked) -> StreamingResponse:
    language = language_of(visit.request)
    head = [say(language, word) for word in one.head]
    rows = _rows(visit, one, wanted)
    # What may be refused is refused before the first byte is on its way.
    next(rows)
    pieces = csv_pieces(head, rows) if ending == "csv" else xlsx_pieces(say(language, one.title), head, rows)
    parts = ("loa", one.name, wanted.unit, str(wanted.first or ""), str(wanted.last or ""))
    name = "-".join(part for part in parts if part)
    headers = {"content-disposition": f'attachment; filename="{name}.{ending}"', "cache-control": "no-store"}
    return StreamingResponse(pieces, media_type=TYPES[ending], headers=headers)


def _rows(visit: Visiting, one: List, wanted: Asked) -> Iterator[Sequence[Cell]]:
    """An empty row once everything was judged, then the rows; the session lives as long as they are read."""
    with visit.context.database.read() as session:
        scope = _scope(visit, session, sight(session, visit.me, one.action), wanted)
        yield ()
        yield from one.lines(scope)


def _scope(visit: Visiting, session: Session, seen: Sight, wanted: Asked) -> Scope:
    now, unit = visit.context.now(), wanted.unit
    units = counted_in(session, within(seen, unit), unit) if unit else _everything(session, seen)
    zone = zone_of(session, seen, unit or min(seen.tops))
    first = wanted.first or month_of(now, zone).first
    since, until = days(first, max(first, wanted.last or now.astimezone(zone).date()), zone)
    return Scope(session, seen, units, since, until, zone, language_of(visit.request), now)


def _everything(session: Session, seen: Sight) -> frozenset[str]:
    return frozenset(unit for top in seen.tops for unit in counted_in(session, seen, top))


def _units(seen: Sight, chosen: str) -> list[tuple[str, str]]:
    """Those with others in them: a province has thousands of villages; and the one that was chosen."""
    parents = set(seen.tree.parents.values())
    offered = (unit for unit in seen.units if unit in parents or unit in seen.tops or unit == chosen)
    ordered = sorted(offered, key=lambda unit: (len(seen.tree.path(unit)), seen.names[unit]))
    return [(unit, seen.names[unit]) for unit in ordered]
