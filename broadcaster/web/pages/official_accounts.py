"""Official Accounts of Zalo: entered, agreed to by a person, asked, and changed."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from broadcaster.domain.errors import ConsentSpent, LoaError, Malformed
from broadcaster.domain.permissions import Action
from broadcaster.services.outlets import official_accounts, official_tokens
from broadcaster.services.outlets.official_accounts import Typed
from broadcaster.web.asking import Posted, Sent, Visit, Visiting, require_own
from broadcaster.web.context import Context
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import page
from broadcaster.web.shown.official_accounts import every, shown
from broadcaster.web.shown.sight import sight, within
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
HOME = "/official-accounts"
BACK = f"{HOME}/back"
EMPTY = Typed("", "", "")
LONGEST = 4_000


@router.get(HOME)
def listed(visit: Visit) -> HTMLResponse:
    """The accounts of the units this person tends."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_CHANNELS)
        items = every(session, seen, now=visit.context.now())
    return page(visit.request, "official_accounts.html", items=items)


@router.get(f"{HOME}/new")
def new(visit: Visit) -> HTMLResponse:
    """An empty form."""
    return show_new(visit, EMPTY, unit="")


def show_new(visit: Visiting, typed: Typed, *, unit: str, **values: object) -> HTMLResponse:
    """The form of one that is not there yet; secrets have to be typed again."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_CHANNELS)
    units = [(each, seen.names[each]) for each, _ in seen.walk()]
    common = {"it": None, "typed": typed, "units": units, "unit": unit, "answer": None}
    return page(visit.request, "official_account.html", **(common | _addresses(visit.context, "") | values))


@router.post(f"{HOME}/new")
def add(visit: Sent) -> Response:
    """Keep a new one."""
    typed, unit = _typed(visit.form), visit.form.line("unit")
    with visit.context.database.read() as session:
        within(sight(session, visit.me, Action.TEND_CHANNELS), unit)
    try:
        with visit.context.database.transaction() as session:
            act = partial(official_accounts.add, session, visit.me, unit, typed)
            wanted = f"official account {unit} {typed.app_id} {typed.oa_id}"
            made = once(session, visit, wanted, lambda: act(now=visit.context.now()).id)
    except LoaError as error:
        return again(visit.request, error, partial(show_new, visit, typed, unit=unit))
    return go(f"{HOME}/{made}", "kept")


@router.get(BACK)
def back(visit: Visit, state: str = "", code: str = "", oa_id: str = "") -> Response:
    """Back from Zalo, once, with what the account's manager agreed to."""
    now = visit.context.now()
    if not 0 < len(code) <= LONGEST:
        raise ConsentSpent
    with visit.context.database.transaction() as session:
        account, verifier, asked = official_accounts.consent(session, visit.me, state, now=now)
    # What Zalo names must be the account that was asked for: its groups would otherwise be somebody else's.
    if asked != oa_id:
        raise ConsentSpent
    try:
        visit.context.zalo.agree(visit.me, account, code, verifier)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, account))
    return go(f"{HOME}/{account}", "agreed")


@router.get(f"{HOME}/{{account_id}}")
def one(visit: Visit, account_id: str) -> HTMLResponse:
    """How one stands, and its form."""
    return show(visit, account_id)


def show(visit: Visiting, account_id: str, typed: Typed | None = None, **values: object) -> HTMLResponse:
    """The page of one; no secret is on it."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.TEND_CHANNELS)
        row = official_accounts.find(session, seen.units, account_id)
        usual = Typed(row.name, row.app_id, row.oa_id, oauth_url=row.oauth_url, api_url=row.api_url)
        it = shown(session, row, seen, now=visit.context.now())
    common = {"it": it, "typed": typed or usual, "answer": None} | _addresses(visit.context, account_id)
    return page(visit.request, "official_account.html", **(common | values))


@router.get(f"{HOME}/{{account_id}}/agree")
def agree(visit: Visit, account_id: str, csrf: str = "") -> Response:
    """Off to Zalo; a form could not lead there, for our own policy keeps forms on this host."""
    context = visit.context
    with context.database.read() as session:
        official_accounts.find(session, sight(session, visit.me, Action.TEND_CHANNELS).units, account_id)
    require_own(csrf, visit.request.state.csrf)
    with context.database.transaction() as session:
        where = f"{context.settings.public_url}{BACK}"
        away = official_accounts.ask_consent(session, visit.me, account_id, back=where, now=context.now())
    return RedirectResponse(away, 303)


@router.post(f"{HOME}/{{account_id}}")
def change(visit: Sent, account_id: str) -> Response:
    """Keep it otherwise, take over a refresh token, or ask Zalo."""
    context, do, typed = visit.context, visit.form.line("do"), _typed(visit.form)
    with context.database.read() as session:
        official_accounts.find(session, sight(session, visit.me, Action.TEND_CHANNELS).units, account_id)
    try:
        if do == "ask":
            return show(visit, account_id, answer=context.zalo.about(account_id))
        if do == "paste":
            _paste(visit, account_id)
            return go(f"{HOME}/{account_id}", "agreed")
        with context.database.transaction() as session:
            official_accounts.change(session, visit.me, account_id, typed, now=context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, account_id, typed if do == "save" else None))
    return go(f"{HOME}/{account_id}", "kept")


def _paste(visit: Sent, account_id: str) -> None:
    refresh = visit.form.line("refresh_token")
    if not (0 < len(refresh) <= LONGEST and refresh.isascii()):
        raise Malformed(field="refresh_token", problem=f"1–{LONGEST}")
    with visit.context.database.transaction() as session:
        official_tokens.bring(session, visit.me, account_id, refresh, now=visit.context.now())
    visit.context.zalo.renew(account_id)


def _addresses(context: Context, account_id: str) -> dict[str, str]:
    base = context.settings.public_url
    return {"back": f"{base}{BACK}", "hook": f"{base}/zalo/{account_id}"}


def _typed(form: Posted) -> Typed:
    return Typed(**{name: form.line(name) for name in Typed.__slots__})
