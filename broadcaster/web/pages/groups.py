"""Groups of loudspeakers: the list, and the form of one, whose members are ticked as villages or one by one."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.services.places import groups
from broadcaster.web.asking import Posted, Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import page
from broadcaster.web.shown.groups import all_groups, find_group, keepers, members_of, speakers_of
from broadcaster.web.shown.places import forest
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.units import find_unit
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@router.get("/groups")
def every_group(visit: Visit) -> HTMLResponse:
    """The groups within sight."""
    with visit.context.database.read() as session:
        return page(visit.request, "groups.html", items=all_groups(session, sight(session, visit.me)))


@router.get("/groups/new")
def new(visit: Visit) -> HTMLResponse:
    """An empty form."""
    return form(visit)


def form(visit: Visiting, posted: Posted | None = None, **values: object) -> HTMLResponse:
    """The form of a new group, with what was typed."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_UNITS)
        ticked = frozenset(posted.lines("member")) if posted else frozenset[str]()
        typed = {"name": posted.line("name"), "unit": posted.line("unit")} if posted else {"name": "", "unit": ""}
        common = {
            "group": None,
            "typed": typed,
            "keepers": keepers(session, seen),
            "ticked": ticked,
            "may_change": True,
        }
        return page(visit.request, "group.html", **(common | {"tree": forest(session, seen, ticked)} | values))


@router.post("/groups")
def create(visit: Sent) -> Response:
    """Form the group."""
    unit, name, now = visit.form.line("unit"), visit.form.line("name"), visit.context.now()
    with visit.context.database.read() as session:
        find_unit(session, sight(session, visit.me), unit)

    def act(session: Session) -> str:
        members = speakers_of(session, sight(session, visit.me), visit.form.lines("member"))
        return groups.create(session, visit.me, name=name, unit_id=unit, speakers=members, now=now).id

    try:
        with visit.context.database.transaction() as session:
            group_id = once(session, visit, f"group {unit} {name}", partial(act, session))
    except LoaError as error:
        return again(visit.request, error, partial(form, visit, visit.form))
    return go(f"/groups/{group_id}", "kept")


@router.get("/groups/{group_id}")
def one(visit: Visit, group_id: str) -> HTMLResponse:
    """One group with its members."""
    return show(visit, group_id)


def show(visit: Visiting, group_id: str, posted: Posted | None = None, **values: object) -> HTMLResponse:
    """The page of one group, with what was typed."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        group = find_group(session, seen, group_id)
        ticked = frozenset(posted.lines("member")) if posted else members_of(session, seen, group_id)
        common = {
            "group": group,
            "typed": {"name": posted.line("name") if posted else group.name, "unit": group.unit_id},
            "keepers": [],
            "ticked": ticked,
            "tree": forest(session, seen, ticked),
            "keeper": seen.names_of(group.unit_id),
            "may_change": seen.allows(Action.TEND_UNITS, group.unit_id),
        }
        return page(visit.request, "group.html", **(common | values))


@router.post("/groups/{group_id}")
def change(visit: Sent, group_id: str) -> Response:
    """Its name and its members."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        find_group(session, sight(session, visit.me), group_id)
    try:
        with visit.context.database.transaction() as session:
            members = speakers_of(session, sight(session, visit.me), visit.form.lines("member"))
            groups.rename(session, visit.me, group_id, visit.form.line("name"), now=now)
            groups.set_members(session, visit.me, group_id, members, now=now)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, group_id, visit.form))
    return go(f"/groups/{group_id}", "kept")
