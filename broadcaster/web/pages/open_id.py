"""There and back: signing in with an account of the provider, and making one's own account known by it."""

import hmac
from datetime import timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadcaster.domain.errors import NoProvider, ProviderRefused, SignInTooOld
from broadcaster.services.people import open_id
from broadcaster.services.people.factors import FRESH_SIGN_IN
from broadcaster.services.people.open_id import Provider
from broadcaster.web.asking import Sent, Visit, Web, agent, origin, require_own
from broadcaster.web.context import Context
from broadcaster.web.sign_in import go, leave_before, let_in

router = APIRouter(include_in_schema=False)
BACK = "/open-id/back"
LONGEST_CODE = 4_000


@router.get("/open-id/start")
def start(context: Web, invitation: str = "") -> Response:
    """Off to the provider; with an invitation, to be known by its account from then on.

    A form could not lead there: our own policy keeps forms on this host.
    """
    return _away(context, invitation=invitation)


@router.get("/open-id/link")
def link(visit: Visit, csrf: str = "") -> Response:
    """Off to the provider, for the account of who is signed in; as new as a change of second factors must be."""
    # From another site's page somebody else's account there could be made the way in here.
    require_own(csrf, visit.request.state.csrf)
    if visit.request.state.since < visit.context.now() - FRESH_SIGN_IN:
        raise SignInTooOld
    return _away(visit.context, account=visit.me.person_id)


@router.get(BACK)
def back(request: Request, context: Web, state: str = "", code: str = "", iss: str = "") -> Response:
    """Back again; only in the browser that was sent, and only once."""
    provider = _provider(context)
    sent = request.cookies.get(_cookie(context), "")
    if not state or not hmac.compare_digest(sent.encode(), state.encode()):
        raise ProviderRefused
    now = context.now()
    with context.database.transaction() as session:
        returned = open_id.returned(session, state, now=now)
    if not 0 < len(code) <= LONGEST_CODE:
        raise ProviderRefused
    known = provider.identify(code, returned, now=now)
    # RFC 9207: a provider that names itself must be the one that was asked.
    if iss and iss.rstrip("/") != known.issuer:
        raise ProviderRefused
    with context.database.transaction() as session:
        begun = open_id.enter(session, known, returned, now=now, origin=origin(request), agent=agent(request))
        leave_before(context, request, session)
    answer = let_in(context, begun)
    answer.delete_cookie(_cookie(context), path="/", secure=context.settings.secure_cookies, httponly=True)
    return answer


@router.post("/me/open-id/forget")
def forget(visit: Sent) -> Response:
    """Be known by that account no more."""
    with visit.context.database.transaction() as session:
        open_id.forget(session, visit.me, now=visit.context.now())
    return go("/me", "kept")


def _away(context: Context, *, invitation: str = "", account: str | None = None) -> Response:
    provider = _provider(context)
    with context.database.transaction() as session:
        sent = open_id.begin(session, now=context.now(), invitation=invitation, account=account)
    answer = RedirectResponse(provider.address(sent), 303)
    seconds, secure = open_id.LIFE // timedelta(seconds=1), context.settings.secure_cookies
    answer.set_cookie(
        _cookie(context), sent.state, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax"
    )
    return answer


def _cookie(context: Context) -> str:
    return "__Host-loa-open-id" if context.settings.secure_cookies else "loa_open_id"


def _provider(context: Context) -> Provider:
    if context.provider is None:
        raise NoProvider
    return context.provider
