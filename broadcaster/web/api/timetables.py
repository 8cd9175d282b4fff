"""Taking over a timetable (iCalendar), first as a dry run."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import UnknownUnit
from broadcaster.domain.timetable import Entry
from broadcaster.domain.timetable.fitting import MOST_BYTES
from broadcaster.services.writing import timetables
from broadcaster.web.api.models import Given, Ref, Shown, Text
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.shown.sight import sight

router = APIRouter(prefix=f"{PREFIX}/timetables", tags=["schedules"], responses=PROBLEMS)


class NewTimetable(Given):
    """The file's text, and the unit whose announcements its events become; a dry run changes nothing."""

    unit: Ref
    ics: Annotated[Text, Field(max_length=MOST_BYTES)]
    dry_run: bool = True


class TimetableEntry(Shown):
    """One event: its rule (empty = once at `starts`), or the code of what stands in its way."""

    title: str
    text: str
    rule: dict[str, Any]
    starts: datetime | None
    until: datetime | None
    problem: str | None = None


class TakenTimetable(Shown):
    """The drafts that were written (none in a dry run), what can be taken over, and what was left out."""

    drafts: list[str]
    entries: list[TimetableEntry]
    left: list[TimetableEntry]


@router.post("", response_model=TakenTimetable)
def take_timetable(write: Writes, given: NewTimetable) -> Response:
    """Events of the same text become one draft with several schedules; nothing airs before it is approved."""

    def work(session: Session) -> TakenTimetable:
        if given.unit not in sight(session, write.caller).units:
            raise UnknownUnit(id=given.unit)
        now, content = write.context.now(), given.ics.encode()
        entries = timetables.rehearse(session, write.caller, given.unit, content, now=now)
        good = [_shown(each) for each in entries if not each.problem]
        if given.dry_run:
            return TakenTimetable(drafts=[], entries=good, left=[_shown(each) for each in entries if each.problem])
        taken = timetables.take(session, write.caller, given.unit, content, now=now)
        return TakenTimetable(drafts=list(taken.drafts), entries=good, left=[_shown(each) for each in taken.left])

    return write.answer(given, work)


def _shown(entry: Entry) -> TimetableEntry:
    return TimetableEntry(
        title=entry.title,
        text=entry.text,
        rule=entry.rule,
        starts=entry.starts,
        until=entry.until,
        problem=entry.problem.code if entry.problem else None,
    )
