"""Taking over a timetable file, and the calendar feed of a unit."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, NotATimetable, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.domain.timetable import Entry
from broadcaster.domain.timetable.fitting import MOST_BYTES
from broadcaster.services.airtime import feeds
from broadcaster.services.writing import timetables
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.forms import WriteForm, with_choices
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.problems import problem_of
from broadcaster.web.render import language_of, page
from broadcaster.web.shown.schedules import entry_words
from broadcaster.web.shown.sight import sight
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@router.get("/timetables")
def ask(visit: Visit) -> HTMLResponse:
    """Choose a file and in whose name its announcements are written."""
    return show(visit)


@router.post("/timetables")
def look(visit: Sent) -> HTMLResponse:
    """What would become what, and what cannot and why; nothing is kept yet."""
    unit, content = visit.form.line("unit"), _content(visit)
    try:
        if not content:
            raise NotATimetable(problem="–")
        with visit.context.database.transaction() as session:
            entries = timetables.rehearse(session, visit.me, unit, content, now=visit.context.now())
        text = content.decode("utf-8-sig")
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, unit=unit))
    return show(visit, unit=unit, entries=entries, timetable=text)


@router.post("/timetables/take")
def take(visit: Sent) -> Response:
    """The drafts are written."""
    unit, content = visit.form.line("unit"), _content(visit)
    now = visit.context.now()
    try:
        with visit.context.database.transaction() as session:

            def act() -> str:
                return str(len(timetables.take(session, visit.me, unit, content, now=now).drafts))

            once(session, visit, f"timetable {unit}", act)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, unit=unit))
    return go("/announcements", "taken-over")


def show(
    visit: Visiting, *, unit: str = "", entries: list[Entry] | None = None, timetable: str = "", **values: object
) -> HTMLResponse:
    """The page, with what a file would become."""
    language, now = language_of(visit.request), visit.context.now()
    with visit.context.database.read() as session:
        form = with_choices(session, sight(session, visit.me, Action.WRITE), WriteForm(unit=unit))
    common = {
        "units": form.offered.units,
        "unit": form.unit,
        "timetable": timetable,
        "good": [entry_words(each, language, now) for each in entries or () if not each.problem],
        "bad": [(each.title, problem_of(each.problem, language)) for each in entries or () if each.problem],
        "kilobytes": MOST_BYTES // 1024,
    }
    return page(visit.request, "timetable.html", **(common | values))


def _content(visit: Sending) -> bytes:
    file = visit.form.file("file")
    return file.file.read(MOST_BYTES + 1) if file else visit.form.prose("timetable").encode()


@router.get("/units/{unit_id}/feed")
def feed(visit: Visit, unit_id: str) -> HTMLResponse:
    """The address of a unit's calendar, and what to do with it."""
    with visit.context.database.read() as session:
        _in_sight(visit, unit_id)
        unit, name = feeds.name_of(session, visit.me, unit_id)
        address = f"{visit.context.settings.public_url}/feeds/{name}.ics" if name else ""
        return page(visit.request, "feed.html", unit=unit, address=address)


@router.post("/units/{unit_id}/feed")
def renew_feed(visit: Sent, unit_id: str) -> Response:
    """A new address."""
    _in_sight(visit, unit_id)
    with visit.context.database.transaction() as session:
        feeds.renew(session, visit.me, unit_id, now=visit.context.now())
    return go(f"/units/{unit_id}/feed")


@router.post("/units/{unit_id}/feed/end")
def end_feed(visit: Sent, unit_id: str) -> Response:
    """No address any more."""
    _in_sight(visit, unit_id)
    with visit.context.database.transaction() as session:
        feeds.end(session, visit.me, unit_id, now=visit.context.now())
    return go(f"/units/{unit_id}/feed")


def _in_sight(visit: Visiting, unit_id: str) -> None:
    with visit.context.database.read() as session:
        if unit_id not in sight(session, visit.me).units:
            raise NotFound(what="unit", id=unit_id)
