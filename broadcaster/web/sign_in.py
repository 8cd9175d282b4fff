"""Signing in by a link that works once, signing out, and the choice of language."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.domain.errors import BadForm
from broadcaster.services.people import people
from broadcaster.web.asking import OpenForm, Sent, Web, origin, session_cookie
from broadcaster.web.i18n import LANGUAGES
from broadcaster.web.render import LANGUAGE_COOKIE, page

router = APIRouter(include_in_schema=False)
YEAR = 365 * 24 * 3600


def go(path: str, said: str = "") -> RedirectResponse:
    """Look at another page now, which greets with one of the sentences of render.SAID."""
    return RedirectResponse(f"{path}?said={said}" if said else path, 303)


@router.get("/sign-in")
def ask_for_link(request: Request) -> HTMLResponse:
    """What to do without a session."""
    return page(request, "sign_in.html", name="")


@router.get("/sign-in/{secret}")
def show_link(request: Request, context: Web, secret: str) -> HTMLResponse:
    """Only shows a button: mail and chat programs open links by themselves, and must not use this one up."""
    with context.database.read() as session:
        person = people.owner_of_link(session, secret, now=context.now())
    return page(request, "sign_in.html", name=person.name)


@router.post("/sign-in/{secret}")
def use_link(request: Request, context: Web, secret: str) -> Response:
    """Use the link up and keep this browser signed in."""
    if not same_site(request):
        raise BadForm
    name = session_cookie(context)
    with context.database.transaction() as session:
        begun = people.redeem_link(session, secret, now=context.now(), origin=origin(request))
        # Whoever was signed in here before must not stay so behind the new person's back.
        people.sign_out(session, request.cookies.get(name, ""), now=context.now())
    answer = go("/")
    seconds = int((begun.expires - context.now()).total_seconds())
    secure = context.settings.secure_cookies
    answer.set_cookie(name, begun.secret, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
    return answer


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


def same_site(request: Request) -> bool:
    """Whether a form without a session came from our own page; old browsers that do not say are believed."""
    return request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}
