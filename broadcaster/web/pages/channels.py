"""Chat groups: the list, the form, switching off and on, and the two tests."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.languages import LANGUAGES
from broadcaster.domain.mirror import BY_HAND
from broadcaster.domain.mirror_terms import TypedTerms
from broadcaster.domain.permissions import Action
from broadcaster.services.outlets import channels
from broadcaster.services.outlets.channels import Typed
from broadcaster.web.asking import Posted, Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.pages.start import post_test
from broadcaster.web.render import page
from broadcaster.web.shown.channels import Answer, group, groups, recent
from broadcaster.web.shown.sight import sight, within
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
# What a commune can have without asking anybody for anything.
FIRST = "zalo_bot"


@router.get("/channels")
def every(visit: Visit) -> HTMLResponse:
    """The chat groups of the units this person tends."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_CHANNELS)
        items = groups(session, seen, _kinds(visit), now=visit.context.now())
        return page(visit.request, "channels.html", items=items)


@router.get("/channels/new")
def new(visit: Visit, kind: str = "") -> HTMLResponse:
    """An empty form for one kind."""
    return show_new(visit, Typed("", kind or FIRST, {}, terms=TypedTerms()), unit="")


def show_new(visit: Visiting, typed: Typed, *, unit: str, **values: object) -> HTMLResponse:
    """The form for a group that is not there yet."""
    outlets = visit.context.outlets
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_CHANNELS)
        units = sorted(
            ((each, seen.names[each]) for each in seen.units - seen.closed), key=lambda it: (it[0] not in seen.tops, it)
        )
    kind = channels.kind_of(outlets, typed.kind)
    common = {"typed": typed, "kind": kind, "kinds": outlets.kinds, "units": units, "unit": unit, "it": None}
    common |= {"by_hand": kind.name in BY_HAND, "offered": LANGUAGES}
    return page(visit.request, "channel.html", **(common | values))


@router.post("/channels/new")
def add(visit: Sent) -> Response:
    """Keep a new one."""
    typed, unit = _typed(visit.form), visit.form.line("unit")
    with visit.context.database.read() as session:
        within(sight(session, visit.me, Action.TEND_CHANNELS), unit)
    try:
        with visit.context.database.transaction() as session:
            act = partial(channels.add, session, visit.me, unit, typed, visit.context.outlets)
            made = once(session, visit, f"channel {unit} {typed}", lambda: act(now=visit.context.now()).id)
    except LoaError as error:
        return again(visit.request, error, partial(show_new, visit, typed, unit=unit))
    return go(f"/channels/{made}", "kept")


@router.get("/channels/{channel_id}")
def one(visit: Visit, channel_id: str) -> HTMLResponse:
    """How one is, what it was sent, and its form."""
    return show(visit, channel_id)


def show(visit: Visiting, channel_id: str, typed: Typed | None = None, **values: object) -> HTMLResponse:
    """The page of one; its secret is not on it."""
    outlets = visit.context.outlets
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_CHANNELS)
        row = channels.find(session, seen.units, channel_id)
        common = {
            "it": group(row, seen, _kinds(visit), now=visit.context.now()),
            "on": row.enabled,
            "sent": recent(session, channel_id),
            "kind": channels.kind_of(outlets, row.kind),
            "typed": typed or Typed(row.name, row.kind, row.settings, terms=channels.terms_of(row)),
            "answer": None,
            "by_hand": row.kind in BY_HAND,
            "offered": LANGUAGES,
        }
    return page(visit.request, "channel.html", **(common | values))


@router.post("/channels/{channel_id}")
def change(visit: Sent, channel_id: str) -> Response:
    """Keep it otherwise, switch it off or on, or try it."""
    context, do, typed = visit.context, visit.form.line("do"), _typed(visit.form)
    with context.database.read() as session:
        channels.find(session, sight(session, visit.me, Action.TEND_CHANNELS).units, channel_id)
    try:
        if do in {"test", "post"}:
            return show(visit, channel_id, answer=_try(visit, channel_id, do))
        with context.database.transaction() as session:
            if do in {"on", "off"}:
                channels.switch(session, visit.me, channel_id, on=do == "on", now=context.now())
            else:
                channels.change(session, visit.me, channel_id, typed, context.outlets, now=context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, channel_id, typed))
    return go(f"/channels/{channel_id}", "kept")


def _try(visit: Sent, channel_id: str, do: str) -> Answer:
    if do == "post":
        return Answer(outcome=post_test(visit, channel_id))
    with visit.context.database.read() as session:
        opened = channels.access(session, visit.me, channel_id)
    return Answer(tried=visit.context.outlets.test(opened))


def _kinds(visit: Visiting) -> dict[str, str]:
    return {kind.name: kind.label for kind in visit.context.outlets.kinds}


def _typed(form: Posted) -> Typed:
    terms = TypedTerms(
        posts_when=form.line("posts_when"),
        quiet_from=form.line("quiet_from"),
        quiet_until=form.line("quiet_until"),
        per_minute=form.line("per_minute"),
        languages=tuple(form.lines("languages")),
    )
    return Typed(form.line("name"), form.line("outlet"), form.starting("setting-"), form.line("secret"), terms)
