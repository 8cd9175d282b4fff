"""The first ten minutes: the owner is made at an address that works once, then the steps, each with its test."""

from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.domain.errors import BadForm, LoaError, NotFound
from broadcaster.domain.mirror import Outcome
from broadcaster.services.outlets import channels
from broadcaster.services.people import passwords
from broadcaster.services.places import beginning
from broadcaster.web.asking import OpenForm, Sending, Sent, Visit, Visiting, Web, agent, origin, same_site
from broadcaster.web.labels import N_
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown.start import Progress, progress
from broadcaster.web.sign_in import let_in

router = APIRouter(include_in_schema=False)
INVITATION = N_("Nobody has an account here yet. Open this address to begin; it works once:")
NOTHING_TYPED = {"name": "", "login": ""}


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of one step's test."""

    step: str
    outcomes: tuple[tuple[str, Outcome], ...] = ()
    """Of each chat group: its name and what the provider answered."""


@router.get("/start")
def steps(visit: Visit) -> HTMLResponse:
    """Every step, and how far it is."""
    return show(visit)


def show(visit: Visiting, **values: object) -> HTMLResponse:
    """The list of steps."""
    with visit.context.database.read() as session:
        it = progress(session, visit.me)
        common = {"it": it, "tested": None, "clock": it.clock(visit.context.now())}
        return page(visit.request, "start.html", **(common | values))


@router.post("/start/test/{step}")
def test(visit: Sent, step: str) -> HTMLResponse:
    """Try out what one step has made; nothing of it changes. Raises NotFound."""
    with visit.context.database.read() as session:
        it = progress(session, visit.me)
    if step not in it.steps:
        raise NotFound(what="page", id=step[:40])
    try:
        outcomes = _post_to_groups(visit, it) if step == "group" else ()
    except LoaError as error:
        return again(visit.request, error, partial(show, visit))
    return show(visit, tested=Tested(step, outcomes))


def _post_to_groups(visit: Sending, it: Progress) -> tuple[tuple[str, Outcome], ...]:
    return tuple((group.name, post_test(visit, group.id)) for group in it.groups[:3] if group.enabled)


def post_test(visit: Sending, channel_id: str) -> Outcome:
    """Post the test message to one group and note what came of it; slow, and outside any transaction."""
    context, now = visit.context, visit.context.now()
    with context.database.read() as session:
        opened = channels.access(session, visit.me, channel_id)
        copy = channels.test_copy(session, visit.me, channel_id, link=context.settings.public_url, now=now)
    outcome = context.outlets.send(opened, copy)
    with context.database.transaction() as session:
        channels.note_test(session, visit.me, channel_id, outcome, now=now)
    return outcome


@router.get("/start/{secret}")
def door(request: Request, context: Web, secret: str) -> HTMLResponse:
    """Who looks after all of it? Only while nobody has an account."""
    with context.database.read() as session:
        beginning.check_door(session, secret)
    return page(request, "start_owner.html", typed=NOTHING_TYPED)


@router.post("/start/{secret}")
def make_owner(request: Request, context: Web, form: OpenForm, secret: str) -> Response:
    """Make the owner, spend the address, and sign them in here."""
    if not same_site(request):
        raise BadForm
    typed = {name: form.line(name) for name in NOTHING_TYPED}
    now, password, login = context.now(), form.line("password"), typed["login"].lower()
    with context.database.read() as session:
        beginning.check_door(session, secret)
    try:
        with context.database.transaction() as session:
            beginning.make_owner(session, secret, login=login, name=typed["name"], password=password, now=now)
            attempt = passwords.look(session, login, password, now=now, origin=origin(request))
            begun = passwords.enter(session, attempt, now=now, agent=agent(request))
    except LoaError as error:
        return again(request, error, partial(page, request, "start_owner.html", typed=typed))
    answer = let_in(context, begun)
    answer.headers["location"] = "/start"
    return answer
