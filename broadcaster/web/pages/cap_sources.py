"""Alerts of others: whose are taken in, what came, and which of them two people let be heard without a person."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.services.alarms import cap_by_hand
from broadcaster.services.outlets import cap_sources, standing_orders
from broadcaster.services.outlets.cap_sources import PINNED, SIGNATURE, Typed
from broadcaster.store.tables import CapSource
from broadcaster.web.asking import Posted, Sending, Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import page
from broadcaster.web.seconds import asked_of, second_of
from broadcaster.web.shown import cap
from broadcaster.web.shown.sight import sight, within
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@router.get("/cap-sources")
def every(visit: Visit, after: str = "") -> HTMLResponse:
    """The sources of the units this person sees, and what came in last."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        rows = cap_sources.of_units(session, seen.units)
        found = cap.messages(session, seen, after=after or None)
        return page(
            visit.request,
            "cap_sources.html",
            items=[cap.source_view(session, row, seen, now=visit.context.now()) for row in rows],
            came=[cap.message_view(session, row) for row in found.items],
            next=f"/cap-sources?after={found.next}" if found.next else "",
            may_add=any(seen.allows(Action.TEND_CHANNELS, unit) for unit in seen.tops),
        )


@router.get("/cap-sources/new")
def new(visit: Visit) -> HTMLResponse:
    """An empty form."""
    return show_new(visit, Typed(), unit="")


def show_new(visit: Visiting, typed: Typed, *, unit: str, **values: object) -> HTMLResponse:
    """The form for a source that is not there yet."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_CHANNELS)
        units = sorted(((each, seen.names[each]) for each in seen.units - seen.closed), key=lambda it: it[1])
    common = {"typed": typed, "units": units, "unit": unit, "it": None, "may_tend": True, "kinds": (SIGNATURE, PINNED)}
    return page(visit.request, "cap_source.html", **(common | values))


@router.post("/cap-sources/new")
def add(visit: Sent) -> Response:
    """Keep a new one."""
    typed, unit = _typed(visit.form), visit.form.line("unit")
    with visit.context.database.read() as session:
        within(sight(session, visit.me, Action.TEND_CHANNELS), unit)
    try:
        with visit.context.database.transaction() as session:
            act = partial(cap_sources.add, session, visit.me, unit, typed)
            made = once(session, visit, f"cap {unit} {typed}", lambda: act(now=visit.context.now()).id)
    except LoaError as error:
        return again(visit.request, error, partial(show_new, visit, typed, unit=unit))
    return go(f"/cap-sources/{made}", "kept")


@router.get("/cap-sources/{source_id}")
def one(visit: Visit, source_id: str, after: str = "") -> HTMLResponse:
    """How one is, what came of it, who ordered what, and its form."""
    return show(visit, source_id, after=after)


def show(
    visit: Visiting, source_id: str, typed: Typed | None = None, after: str = "", **values: object
) -> HTMLResponse:
    """The page of one."""
    context = visit.context
    with context.database.read() as session:
        seen = sight(session, visit.me)
        row = cap_sources.find(session, seen.units, source_id)
        found = cap.messages(session, seen, source_id=source_id, after=after or None)
        granted, waiting = cap.about(row)
        writes = seen.allows(Action.WRITE, row.unit_id)
        common = {
            "it": cap.source_view(session, row, seen, now=context.now()),
            "on": row.enabled,
            "typed": typed or _of(row),
            "fingerprint": cap_sources.fingerprint(row.certificate),
            "posts_to": "" if row.url else f"{context.settings.public_url}/cap/in/{row.id}",
            "came": [cap.message_view(session, each, now=context.now(), writes=writes) for each in found.items],
            "next": f"/cap-sources/{source_id}?after={found.next}" if found.next else "",
            "granted": granted,
            "waiting": waiting,
            "in_force": standing_orders.in_force(session, row, now=context.now()) is not None,
            "may_tend": seen.allows(Action.TEND_CHANNELS, row.unit_id),
            "may_order": seen.allows(Action.APPROVE, row.unit_id),
            "may_end": seen.allows(Action.WITHDRAW, row.unit_id),
            "asked": asked_of(session, visit.me.person_id, row.id),
            "senders": list(row.senders),
            "severities": cap.SEVERITIES,
            "certainties": cap.CERTAINTIES,
            "kinds": (SIGNATURE, PINNED),
        }
    return page(visit.request, "cap_source.html", **(common | values))


@router.post("/cap-sources/{source_id}")
def change(visit: Sent, source_id: str) -> Response:
    """Keep it otherwise, or switch it off or on."""
    do, typed, now = visit.form.line("do"), _typed(visit.form), visit.context.now()
    _find(visit, source_id)
    try:
        with visit.context.database.transaction() as session:
            if do in {"on", "off"}:
                cap_sources.switch(session, visit.me, source_id, on=do == "on", now=now)
            else:
                cap_sources.change(session, visit.me, source_id, typed, now=now)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, source_id, None if do in {"on", "off"} else typed))
    return go(f"/cap-sources/{source_id}", "kept")


@router.post("/cap-sources/{source_id}/order")
def order(visit: Sent, source_id: str) -> Response:
    """Ask that alerts be heard without a person, agree with whoever asked, or end it."""
    form, context = visit.form, visit.context
    units = _find(visit, source_id)
    do = form.line("do")
    try:
        with context.database.transaction() as session:
            row = cap_sources.find(session, units, source_id)
            second, vault, now = second_of(form), context.vault, context.now()
            if do == "end":
                standing_orders.end(session, visit.me, row, now=now)
            elif do == "grant":
                standing_orders.grant(session, visit.me, row, form.line("about"), second=second, vault=vault, now=now)
            else:
                wanted = {name: form.lines(name) for name in ("senders", "severities", "certainties")}
                standing_orders.ask(session, visit.me, row, wanted, second=second, vault=vault, now=now)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, source_id))
    return go(f"/cap-sources/{source_id}", "kept")


@router.post("/cap-sources/{source_id}/messages/{message_id}")
def take_up(visit: Sent, source_id: str, message_id: str) -> Response:
    """Make a draft of an alert that was not believed."""
    units = _find(visit, source_id)
    try:
        with visit.context.database.transaction() as session:
            source = cap_sources.find(session, units, source_id)
            made = cap_by_hand.take_up(session, visit.me, source, message_id, now=visit.context.now()).id
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, source_id))
    return go(f"/announcements/{made}", "saved")


def _find(visit: Sending, source_id: str) -> frozenset[str]:
    """The units in which it may be; raises NotFound."""
    with visit.context.database.read() as session:
        units = sight(session, visit.me).units
        cap_sources.find(session, units, source_id)
        return units


def _typed(form: Posted) -> Typed:
    return Typed(
        form.line("name"),
        form.line("url"),
        form.prose("senders"),
        form.prose("certificate"),
        form.line("trust"),
        form.number("every_s") or Typed().every_s,
    )


def _of(row: CapSource) -> Typed:
    return Typed(row.name, row.url, "\n".join(row.senders), row.certificate, row.trust, row.every_s)
