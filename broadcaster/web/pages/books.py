"""The log book, and what the system's refusals mean."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.domain.errors import ERRORS, LoaError
from broadcaster.domain.permissions import Action
from broadcaster.services import verifying
from broadcaster.web.asking import Sent, Visit
from broadcaster.web.i18n import say
from broadcaster.web.labels import N_
from broadcaster.web.problems import Problem
from broadcaster.web.render import language_of, page
from broadcaster.web.shown.log_book import THINGS, Wish, instant, lines_of, standing
from broadcaster.web.shown.province import zone_of
from broadcaster.web.shown.sight import sight
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
PAGE = 50
PLACES = re.compile(r"\{\w+\}")
# What the chain's check says, in words of people.
BROKEN = {
    "a row is missing": N_("A line is missing."),
    "the row before it was exchanged": N_("The line before it was exchanged."),
    "the row was altered": N_("The line was altered after it was written."),
    "the chain was written anew": N_("Everything up to here was written anew since it was last checked."),
    "rows are missing at the end": N_("Lines are missing at the end."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says is looked for."""

    who: Annotated[str, Query(max_length=100)] = ""
    kind: Annotated[str, Query(max_length=40)] = ""
    what: Annotated[str, Query(max_length=200)] = ""
    since: Annotated[str, Query(alias="from", max_length=40)] = ""
    until: Annotated[str, Query(alias="to", max_length=40)] = ""

    def wish(self, zone: ZoneInfo) -> Wish:
        """The same, on the clock of the place."""
        begin, end = instant(self.since, zone), instant(self.until, zone)
        return Wish(self.who.strip(), self.kind if self.kind in THINGS else "", self.what.strip(), begin, end)

    def address(self, after: int) -> str:
        """Of what is older."""
        named = {"who": self.who, "kind": self.kind, "what": self.what, "from": self.since, "to": self.until}
        return "/audit?" + urlencode({name: value for name, value in named.items() if value} | {"after": after})


@router.get("/audit")
def audit(
    visit: Visit, asked: Annotated[Asked, Depends()], after: Annotated[int, Query(ge=0, le=2**53)] = 0
) -> HTMLResponse:
    """Who did what, newest first, in sentences; narrowed down by who, what and when."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.SEE_AUDIT)
        wish = asked.wish(zone_of(session, seen, min(seen.tops)))
        lines = lines_of(session, seen, language_of(visit.request), wish, before=after or None, limit=PAGE + 1)
        chain = standing(session)
    more = asked.address(lines[PAGE - 1].seq) if len(lines) > PAGE else ""
    common = {"items": lines[:PAGE], "next": more, "asked": asked, "narrowed": wish != Wish()}
    return page(visit.request, "audit.html", chain=chain, things=THINGS, broken=BROKEN, **common)


@router.post("/audit/verify")
def verify(visit: Sent) -> Response:
    """Follow the whole chain now, and keep what was found."""
    with visit.context.database.read() as session:
        sight(session, visit.me, Action.SEE_AUDIT)
        verdict = verifying.follow(session)
    with visit.context.database.transaction() as session:
        verifying.keep(session, visit.me, verdict, now=visit.context.now())
    return go("/audit", "chain-followed" if verdict.sound else "")


@router.get("/problems")
def problems(request: Request) -> HTMLResponse:
    """Where the `type` of each API problem points."""
    language = language_of(request)
    known = [_explained(kind, language) for _, kind in sorted(ERRORS.items())]
    return page(request, "problems.html", problems=known)


def _explained(kind: type[LoaError], language: str) -> Problem:
    message, kept, todo = (PLACES.sub("…", say(language, sentence)).replace("….", "…") for sentence in kind.sentences())
    return Problem(kind.code, kind.status, message, kept=kept, todo=todo)
