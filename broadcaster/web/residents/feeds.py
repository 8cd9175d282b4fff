"""A village's announcements for programs: feed readers, podcast players, calendars, wall displays, telephone lines."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from fastapi import APIRouter
from icalendar import Calendar, Event
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.domain.errors import UnknownUnit
from broadcaster.services.outlets import village_page
from broadcaster.services.outlets.village_page import Coming
from broadcaster.web.context import Context
from broadcaster.web.residents import syndicated
from broadcaster.web.residents.answers import language_of
from broadcaster.web.residents.entries import Teller, wished
from broadcaster.web.residents.kept import Shelf
from broadcaster.web.residents.syndicated import Channel
from broadcaster.web.residents.village import UnitRoute, elsewhere
from broadcaster.web.residents.words import WORDS

MOST = 20
SHORTEST = timedelta(minutes=1)
"""How long a moment lasts in a calendar at least."""
# What is public may be read by a page of somebody else, as a wall display's.
OPEN = {"access-control-allow-origin": "*"}


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing them."""

    type: str
    write: Callable[[Channel], bytes]
    mp3: bool = False


FORMS = {
    "feed.atom": Form("application/atom+xml", syndicated.atom),
    "feed.rss": Form("application/rss+xml", syndicated.rss),
    "podcast.rss": Form("application/rss+xml", partial(syndicated.rss, podcast=True), mp3=True),
    "feed.json": Form("application/feed+json", syndicated.as_json),
}


def feed_routes(context: Context, shelf: Shelf) -> APIRouter:
    """`/{unit}/feed.atom`, `feed.rss`, `podcast.rss`, `feed.json`, `calendar.ics`; `?lang=` chooses the language."""
    router = APIRouter(route_class=UnitRoute, include_in_schema=False)

    def kept(request: Request, unit_id: str, name: str, make: Callable[[], tuple[bytes, dict[str, str]]]) -> Response:
        wish = wished(request.query_params.get("lang", ""))
        try:
            return shelf.get((name, unit_id, wish), make).answer(request)
        except UnknownUnit:
            return elsewhere(context, unit_id, f"/{name}" + (f"?lang={wish}" if wish else ""))

    @router.api_route("/{unit_id}/calendar.ics", methods=["GET", "HEAD"])
    def calendar(request: Request, unit_id: str) -> Response:
        return kept(request, unit_id, "calendar.ics", lambda: planned(context, unit_id))

    def serve(name: str) -> None:
        @router.api_route(f"/{{unit_id}}/{name}", methods=["GET", "HEAD"])
        def feed(request: Request, unit_id: str, lang: str = "") -> Response:
            return kept(request, unit_id, name, lambda: written(context, unit_id, name, wished(lang)))

    for name in FORMS:
        serve(name)
    return router


def written(context: Context, unit_id: str, name: str, wish: str) -> tuple[bytes, dict[str, str]]:
    """One feed. Raises UnknownUnit."""
    form, reader, address = FORMS[name], language_of(context, wish), context.settings.public_url
    with context.database.read() as session:
        shown = village_page.village(session, unit_id, now=context.now(), most=MOST)
    teller = Teller(WORDS[reader], reader, wish, address, context.clips, form.mp3)
    channel = Channel(
        shown=shown,
        title=f"{WORDS[reader]['lately']}: {shown.name}",
        page=f"{address}/{unit_id}",
        own=f"{address}/{unit_id}/{name}" + (f"?lang={wish}" if wish else ""),
        language=wish or next(iter(shown.languages), reader),
        icon=f"{address}/static/icon-512.png",
        entries=teller.entries(shown),
    )
    return form.write(channel), {"content-type": f"{form.type}; charset=utf-8"} | OPEN


def planned(context: Context, unit_id: str) -> tuple[bytes, dict[str, str]]:
    """What comes, as a calendar. Raises UnknownUnit."""
    now, address = context.now(), context.settings.public_url
    with context.database.read() as session:
        found = village_page.planned(session, unit_id, now=now)
    calendar = Calendar()
    calendar.add("prodid", "-//Loa//loa//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", found.name)
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})
    for one in found.coming:
        calendar.add_component(_event(one, f"{address}/{unit_id}"))
    return bytes(calendar.to_ical()), {"content-type": "text/calendar; charset=utf-8"} | OPEN


def _event(one: Coming, url: str) -> Event:
    event = Event()
    event.add("uid", f"{one.airing}@loa")
    event.add("dtstamp", one.made)
    event.add("dtstart", one.at)
    event.add("dtend", one.at + max(timedelta(milliseconds=one.ms), SHORTEST))
    words = WORDS["vi"]
    marks = [words[mark] for mark in (one.kind, one.klass) if mark in words]
    event.add("summary", f"{' – '.join(marks)}: {one.title}" if marks else one.title)
    event.add("url", url)
    return event
