"""Signing in by a password and perhaps a second factor, or by a link that works once; signing out; the language."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.domain.errors import BadForm, LoaError, NotSignedIn, PasswordsDiffer
from broadcaster.services.people import invitations, passkeys, passwords, people, sessions
from broadcaster.services.people.people import Browsing, SignedIn
from broadcaster.web.asking import (
    OpenForm,
    Posted,
    Sent,
    Web,
    agent,
    cookie_of,
    origin,
    require_own,
    same_site,
    session_cookie,
)
from broadcaster.web.context import Context
from broadcaster.web.i18n import LANGUAGES
from broadcaster.web.pages.again import again
from broadcaster.web.render import LANGUAGE_COOKIE, page
from broadcaster.web.seconds import asked_of, second_of
from broadcaster.web.wire import mask

router = APIRouter(include_in_schema=False)
YEAR = 365 * 24 * 3600


def go(path: str, said: str = "") -> RedirectResponse:
    """Look at another page now, which greets with one of the sentences of render.SAID."""
    return RedirectResponse(f"{path}?said={said}" if said else path, 303)


def let_in(context: Context, begun: SignedIn) -> Response:
    """Keep this browser signed in, or ask it for the second factor."""
    answer = go("/sign-in/second" if begun.half else "/")
    seconds = int((begun.expires - context.now()).total_seconds())
    name, secure = session_cookie(context), context.settings.secure_cookies
    answer.set_cookie(name, begun.secret, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
    return answer


@router.get("/sign-in")
def ask_for_password(request: Request) -> HTMLResponse:
    """What to do without a session."""
    return show(request)


def show(request: Request, **values: object) -> HTMLResponse:
    """The page: a name and a password, other ways, or what the link at hand is for."""
    usual = {"name": "", "invited": False, "login": "", "secret": "", "provider": request.app.state.context.provider}
    return page(request, "sign_in.html", **(usual | values))


@router.post("/sign-in")
def use_password(request: Request, context: Web, form: OpenForm) -> Response:
    """The same answer for whoever is asked for; the slow look at the password holds nobody else up."""
    _own_page(request)
    login, now = form.line("login"), context.now()
    try:
        with context.database.read() as session:
            attempt = passwords.look(session, login, form.line("password"), now=now, origin=origin(request))
        with context.database.transaction() as session:
            begun = passwords.enter(session, attempt, agent=agent(request), now=now)
            leave_before(context, request, session)
    except LoaError as error:
        return again(request, error, partial(show, request, login=login))
    return let_in(context, begun)


@router.get("/sign-in/second")
def ask_for_second(request: Request, context: Web) -> Response:
    """The second factor of who gave their password just now."""
    try:
        return show_second(request, context)
    except NotSignedIn:
        return go("/sign-in")


def show_second(request: Request, context: Context, **values: object) -> HTMLResponse:
    """The page. Raises NotSignedIn."""
    half = _half(request, context)
    with context.database.read() as session:
        asked = asked_of(session, half.actor.person_id, passkeys.ACCOUNT)
    return page(request, "sign_in_second.html", asked=asked, half_csrf=mask(half.csrf), **values)


@router.post("/sign-in/second")
def use_second(request: Request, context: Web, form: OpenForm) -> Response:
    """Prove it, and be signed in with a session of its own."""
    _own_half(request, context, form)
    try:
        with context.database.transaction() as session:
            secret, second = cookie_of(request, context), second_of(form)
            begun = sessions.complete(session, secret, second, context.vault, now=context.now(), origin=origin(request))
    except LoaError as error:
        return again(request, error, partial(show_second, request, context))
    return let_in(context, begun)


@router.post("/sign-in/second/passkeys/get")
def ask_passkey(request: Request, context: Web, form: OpenForm) -> JSONResponse:
    """What the browser needs to answer with a passkey."""
    half = _own_half(request, context, form)
    with context.database.transaction() as session:
        asked = passkeys.ask(session, half.actor, context.vault, about=passkeys.ACCOUNT, now=context.now())
    return JSONResponse(asked)


@router.get("/sign-in/{secret}")
def show_link(request: Request, context: Web, secret: str) -> HTMLResponse:
    """Only shows a button: mail and chat programs open links by themselves, and must not use this one up."""
    return _show_link(request, context, secret)


def _show_link(request: Request, context: Context, secret: str, **values: object) -> HTMLResponse:
    with context.database.read() as session:
        person = people.owner_of_link(session, secret, now=context.now())
        invited = invitations.invited(session, secret, now=context.now()) is not None
    return show(request, name=person.name, login=person.login, invited=invited, secret=secret, **values)


@router.post("/sign-in/{secret}")
def use_link(request: Request, context: Web, secret: str, form: OpenForm) -> Response:
    """Use the link up, with the password just chosen where it is an invitation, and keep this browser signed in."""
    _own_page(request)
    now, where, browser = context.now(), origin(request), agent(request)
    try:
        with context.database.transaction() as session:
            if invitations.invited(session, secret, now=now) is None:
                begun = people.redeem_link(session, secret, now=now, origin=where, agent=browser)
            else:
                begun = invitations.accept(session, secret, chosen(form), now=now, origin=where, agent=browser)
            leave_before(context, request, session)
    except LoaError as error:
        if error.status == 401:
            raise
        return again(request, error, partial(_show_link, request, context, secret))
    return let_in(context, begun)


@router.post("/sign-out")
def sign_out(visit: Sent) -> Response:
    """End the session here and in the database."""
    name = session_cookie(visit.context)
    with visit.context.database.transaction() as session:
        people.sign_out(session, visit.request.cookies.get(name, ""), now=visit.context.now())
    answer = go("/sign-in", "signed-out")
    answer.delete_cookie(name, path="/", secure=visit.context.settings.secure_cookies, httponly=True, samesite="lax")
    return answer


@router.post("/language")
def choose_language(context: Web, form: OpenForm) -> Response:
    """Remember the language in this browser."""
    language, back = form.line("language"), form.line("back")
    answer = go(back if local(back) else "/")
    if language in LANGUAGES:
        secure = context.settings.secure_cookies
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR, secure=secure, httponly=True, samesite="lax")
    return answer


def local(path: str) -> bool:
    """Whether a path stays on this host."""
    return path.startswith("/") and not path.startswith(("//", "/\\"))


def chosen(form: Posted) -> str:
    """A new password, typed twice. Raises PasswordsDiffer."""
    if form.line("password") != form.line("password_again"):
        raise PasswordsDiffer
    return form.line("password")


def leave_before(context: Context, request: Request, session: Session) -> None:
    """Whoever was signed in here before must not stay so behind the new person's back."""
    people.sign_out(session, cookie_of(request, context), now=context.now())


def _half(request: Request, context: Context) -> Browsing:
    with context.database.read() as session:
        return sessions.half_of(session, cookie_of(request, context), now=context.now(), origin=origin(request))


def _own_half(request: Request, context: Context, form: Posted) -> Browsing:
    half = _half(request, context)
    require_own(form.line("csrf"), half.csrf)
    return half


def _own_page(request: Request) -> None:
    if not same_site(request):
        raise BadForm
