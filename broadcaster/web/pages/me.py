"""“My account”: the password, the second factors, the browsers one is signed in with, one's access tokens."""

from collections.abc import Callable
from functools import partial

import segno
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.services.people import factors, open_id, passkeys, people, proving
from broadcaster.services.people.factors import Account
from broadcaster.store.tables import Person
from broadcaster.web.asking import Sent, Visit, Visiting, cookie_of
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.seconds import asked_of, here, second_of
from broadcaster.web.shown.browsers import HERE, windows
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
GROUP = 4


@router.get("/me")
def mine(visit: Visit) -> HTMLResponse:
    """What there is, and what can be added."""
    return show(visit)


def show(visit: Visiting, **values: object) -> HTMLResponse:
    """The page."""
    now, me = visit.context.now(), visit.me.person_id
    account = account_of(visit)
    fresh = account.signed_in_at >= now - factors.FRESH_SIGN_IN
    with visit.context.database.read() as session:
        begun = factors.begun(session, account) if fresh else None
        return page(
            visit.request,
            "me.html",
            factors=factors.mine(session, me),
            asked=asked_of(session, me, passkeys.ACCOUNT),
            fresh=fresh,
            begun=begun,
            qr=segno.make(begun.uri, error="m").svg_inline(scale=5, border=3, light="#fff") if begun else "",
            groups=_grouped(begun.secret) if begun else (),
            tokens=people.tokens_of(session, me, now=now),
            account=session.get_one(Person, me),
            proved=proving.is_fresh(session, here(visit), now=now),
            windows=windows(session, me, cookie_of(visit.request, visit.context), now=now),
            here_mark=HERE,
            identities=open_id.of(session, me),
            provider=visit.context.provider,
            **values,
        )


def account_of(visit: Visiting) -> Account:
    """Who looks after their own factors here, and since when they are signed in."""
    return Account(visit.me, visit.request.state.since, visit.context.vault)


def _grouped(secret: str) -> tuple[str, ...]:
    return tuple(secret[at : at + GROUP] for at in range(0, len(secret), GROUP))


def _do(visit: Sent, work: Callable[[Session], object], said: str) -> Response:
    try:
        with visit.context.database.transaction() as session:
            work(session)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit))
    return go("/me", said)


@router.post("/me/codes")
def begin_codes(visit: Sent) -> Response:
    """A secret for the phone, shown once on the page."""
    now, second = visit.context.now(), second_of(visit.form)
    return _do(visit, lambda session: factors.begin_codes(session, account_of(visit), second=second, now=now), "")


@router.post("/me/codes/{factor_id}")
def confirm_codes(visit: Sent, factor_id: str) -> Response:
    """The first code proves that the phone has it right."""
    code, now = visit.form.line("first_code"), visit.context.now()
    account = account_of(visit)
    return _do(visit, lambda session: factors.confirm_codes(session, account, factor_id, code, now=now), "factor-added")


@router.post("/me/passkeys")
def add_passkey(visit: Sent) -> Response:
    """What the browser made, kept."""
    form, now, account = visit.form, visit.context.now(), account_of(visit)

    def work(session: Session) -> object:
        second, name = second_of(form), form.line("name")
        return factors.add_passkey(session, account, form.line("made"), name=name, second=second, now=now)

    return _do(visit, work, "factor-added")


@router.post("/me/passkeys/new")
def ask_for_new(visit: Sent) -> JSONResponse:
    """What the browser needs to make a passkey."""
    with visit.context.database.transaction() as session:
        asked = passkeys.ask_for_new(session, visit.me, visit.context.vault, now=visit.context.now())
    return JSONResponse(asked)


@router.post("/me/passkeys/get")
def ask(visit: Sent) -> JSONResponse:
    """What the browser needs to use one, about one announcement or about this account."""
    about = visit.form.line("about")[:64]
    with visit.context.database.transaction() as session:
        asked = passkeys.ask(session, visit.me, visit.context.vault, about=about, now=visit.context.now())
    return JSONResponse(asked)


@router.post("/me/factors/{factor_id}")
def rename(visit: Sent, factor_id: str) -> Response:
    """Another name, so that one knows which phone it is."""
    name, now = visit.form.line("name"), visit.context.now()
    return _do(visit, lambda session: factors.rename(session, visit.me, factor_id, name, now=now), "kept")


@router.post("/me/factors/{factor_id}/remove")
def remove(visit: Sent, factor_id: str) -> Response:
    """One less; proved by any of them."""
    second, now, account = second_of(visit.form), visit.context.now(), account_of(visit)
    return _do(visit, lambda session: factors.remove(session, account, factor_id, second, now=now), "factor-removed")
