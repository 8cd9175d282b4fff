"""The calendar: a week or a month of what airs, for all, for one unit or for one loudspeaker."""

from datetime import date
from typing import Annotated

from babel.dates import format_interval, format_skeleton
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from broadcaster.domain.errors import NotFound
from broadcaster.domain.schedule.almanac import Span, after, before, days
from broadcaster.store.tables import Speaker
from broadcaster.web.asking import Visit
from broadcaster.web.i18n import ZONE
from broadcaster.web.render import language_of, page
from broadcaster.web.shown.calendar import Wanted, calendar, choosing
from broadcaster.web.shown.sight import Sight, sight, within

router = APIRouter(include_in_schema=False)
YEARS = range(1970, 2200)
"""The years of which the lunar calendar is known."""
Short = Annotated[str, Query(max_length=64)]


@router.get("/calendar")
def show(visit: Visit, span: Short = "", day: Short = "", unit: Short = "", speaker: Short = "") -> HTMLResponse:
    """What is shown stands in the address; a day that is none is today."""
    now, language = visit.context.now(), language_of(visit.request)
    at = _day(day) or now.astimezone(ZONE).date()
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        wanted = Wanted(Span(span) if span in set(Span) else Span.WEEK, at, unit, speaker)
        name = _named(session, seen, wanted)
        return page(
            visit.request,
            "calendar.html",
            wanted=wanted,
            name=name,
            days=calendar(session, seen, wanted, language, now),
            choose=choosing(session, seen, unit),
            at=at,
            today=now.astimezone(ZONE).date(),
            period=_period(wanted, language),
            back=before(wanted.span, at),
            on=after(wanted.span, at),
        )


def _period(wanted: Wanted, language: str) -> str:
    if wanted.span is Span.MONTH:
        return str(format_skeleton("yMMMM", wanted.at, locale=language))
    first, *_, last = days(wanted.span, wanted.at)
    return str(format_interval(first, last, "yMd", locale=language))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _named(session: Session, seen: Sight, wanted: Wanted) -> str:
    """What is looked at; empty for all. Raises NotFound for what is out of sight."""
    if wanted.unit:
        within(seen, wanted.unit)
    if not wanted.speaker:
        return seen.names_of(wanted.unit) if wanted.unit else ""
    row = session.get(Speaker, wanted.speaker)
    if row is None or row.unit_id not in seen.units:
        raise NotFound(what="speaker", id=wanted.speaker)
    return row.name
