"""The page of a village: what was said lately, what comes next, and any alert on top."""

from fastapi import APIRouter
from fastapi.routing import APIRoute
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import Scope

from broadcaster.domain.errors import TooMany, UnknownUnit
from broadcaster.domain.feedback import household
from broadcaster.domain.land import ADDRESSES
from broadcaster.domain.mirror_wording import cut, size
from broadcaster.domain.residents import fair
from broadcaster.domain.words import line
from broadcaster.services.outlets import village_page
from broadcaster.services.outlets.village_page import Village
from broadcaster.web.asking import origin
from broadcaster.web.context import Context
from broadcaster.web.problems import NoSuchAddress
from broadcaster.web.residents.answers import drawn, language_of
from broadcaster.web.residents.kept import Shelf, keep
from firmware_config.protocol import valid_id

ASKED_A_MINUTE = RateLimitItemPerMinute(120)
"""Searches and older pages, which are not kept, from one address; behind a provider's stand many villages."""
LONGEST_SEARCH = 80
ROOM = 12_000
"""Characters of all texts together, so that the page stays within what a 2G link carries in a few seconds."""
LONGEST = 1_500
"""Characters of one text; the whole stands behind its link."""


class UnitRoute(APIRoute):
    """An address under the name of a unit: what begins with another word of ours is none of it, whatever the method."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for it."""
        first = scope["path"].removeprefix("/").partition("/")[0] if scope["type"] == "http" else ""
        return super().matches(scope) if valid_id(first) and first not in ADDRESSES else (Match.NONE, {})


def village_routes(context: Context, shelf: Shelf) -> APIRouter:
    """`/{unit}`; `?lang=` chooses the language of the page's own words, `?q=` searches, `?after=` goes back in time."""
    router = APIRouter(route_class=UnitRoute, include_in_schema=False)
    limiter = FixedWindowRateLimiter(MemoryStorage())

    def page(unit_id: str, language: str, after: str, words: str) -> tuple[bytes, dict[str, str]]:
        now, url = context.now(), f"{context.settings.public_url}/{unit_id}"
        with context.database.read() as session:
            shown = village_page.village(session, unit_id, now=now, after=after, words=words)
        asked = {"q": words, "after": after, "texts": texts_of(shown)}
        return drawn("residents/village.html", language, now=now, village=shown, url=url, **asked)

    @router.api_route("/{unit_id}", methods=["GET", "HEAD"])
    def village(request: Request, unit_id: str, lang: str = "", q: str = "", after: str = "") -> Response:
        language, words = language_of(context, lang), line(q)[:LONGEST_SEARCH]
        if (words or after) and not limiter.hit(ASKED_A_MINUTE, household(origin(request))):
            raise TooMany
        try:
            if words or after:
                return keep(*page(unit_id, language, after, words), made=context.now()).answer(request)
            return shelf.get(("village", unit_id, language), lambda: page(unit_id, language, "", "")).answer(request)
        except UnknownUnit:
            return elsewhere(context, unit_id)

    return router


def elsewhere(context: Context, unit_id: str, rest: str = "") -> Response:
    """The way to where the people of a closed unit look now. Raises NoSuchAddress where there never was such a unit."""
    with context.database.read() as session:
        try:
            found = village_page.moved_to(session, unit_id)
        except UnknownUnit:
            raise NoSuchAddress from None
    return RedirectResponse(f"/{found}{rest}", 307)


def texts_of(shown: Village) -> dict[tuple[str, str], str]:
    """Each announcement's text by its public id and language, as much of it as there is room for."""
    found = {
        (one.page.public_id, passage.language): passage.text
        for one in (*shown.alerts, *shown.said)
        for passage in one.page.passages
    }
    rooms = fair([min(size(text), LONGEST) for text in found.values()], ROOM)
    return {key: cut(text, room) for (key, text), room in zip(found.items(), rooms, strict=True)}
