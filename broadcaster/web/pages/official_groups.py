"""The groups of an Official Account: matched to villages by name, and made into channels by one press."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.services.outlets import official_accounts
from broadcaster.services.outlets.official_accounts import ZaloGroup
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.pages.official_accounts import HOME, show
from broadcaster.web.render import page
from broadcaster.web.shown.official_accounts import AT_ONCE, GroupRow, matched, units_for
from broadcaster.web.shown.sight import sight, within
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@router.get(f"{HOME}/{{account_id}}/groups")
def groups(visit: Visit, account_id: str, start: int = 0) -> HTMLResponse:
    """All of them, as Zalo lists them now."""
    try:
        return show_groups(visit, account_id, start=start)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, account_id))


def show_groups(visit: Visiting, account_id: str, *, start: int = 0, **values: object) -> HTMLResponse:
    """The page with some of them. Raises NotFound, ZaloRefused, ZaloSilent."""
    rows, units = _rows(visit, account_id)
    first = min(max(start, 0), len(rows) // AT_ONCE * AT_ONCE)
    more = first + AT_ONCE if first + AT_ONCE < len(rows) else 0
    fitting = sum(bool(row.unit and not row.channel) for row in rows)
    common = {"account": account_id, "rows": rows[first : first + AT_ONCE], "units": units, "fitting": fitting}
    common |= {"more": more, "open": any(not row.channel for row in rows)}
    return page(visit.request, "official_groups.html", **(common | values))


@router.post(f"{HOME}/{{account_id}}/groups")
def make(visit: Sent, account_id: str) -> Response:
    """Make channels of those that fit, or of those that somebody placed."""
    try:
        rows, _ = _rows(visit, account_id)
        chosen = _fitting(rows) if visit.form.line("do") == "all" else _placed(visit, rows)
        with visit.context.database.transaction() as session:
            official_accounts.make_channels(session, visit.me, account_id, chosen, now=visit.context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, account_id))
    return go("/channels", "channels-made")


def _rows(visit: Visiting, account_id: str) -> tuple[list[GroupRow], list[tuple[str, str]]]:
    """Its groups, and the units they may belong to with their names."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_CHANNELS)
        row = official_accounts.find(session, seen.units, account_id)
        known = official_accounts.channels_of(session, account_id)
    units = units_for(row, seen)
    rows = matched(visit.context.zalo.groups(account_id), known, units, seen)
    return rows, [(unit, seen.names_of(unit)) for unit in units]


def _fitting(rows: list[GroupRow]) -> list[tuple[ZaloGroup, str]]:
    return [(row.group, row.unit) for row in rows if row.unit and not row.channel]


def _placed(visit: Sent, rows: list[GroupRow]) -> list[tuple[ZaloGroup, str]]:
    placed = {group: unit for group, unit in visit.form.starting("unit-").items() if unit}
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_CHANNELS)
    for unit in placed.values():
        within(seen, unit)
    return [(row.group, placed[row.group.id]) for row in rows if row.group.id in placed and not row.channel]
