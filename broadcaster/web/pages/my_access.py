"""What opens one's own account: the password, the browsers, the access tokens."""

from datetime import datetime
from functools import partial

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, NotFound
from broadcaster.services.people import passwords, people, sessions
from broadcaster.web.asking import Sent, cookie_of
from broadcaster.web.pages import me
from broadcaster.web.pages.again import again
from broadcaster.web.seconds import here, second_of
from broadcaster.web.sign_in import chosen, go

router = APIRouter(include_in_schema=False)


@router.post("/me/password")
def set_password(visit: Sent) -> Response:
    """The first one, or another; all other browsers are signed out by it."""
    try:
        _change(visit, visit.context.now())
    except LoaError as error:
        return again(visit.request, error, partial(me.show, visit))
    return go("/me", "password")


def _change(visit: Sent, now: datetime) -> None:
    form, since = visit.form, visit.request.state.since
    old, new = form.line("old"), chosen(form)
    # The slow look at the old one waits for nobody and keeps nobody waiting.
    with visit.context.database.read() as session:
        knows = passwords.knows_old(session, visit.me, old, now=now)
    with visit.context.database.transaction() as session:
        passwords.change(session, here(visit), new, knows=knows, second=second_of(form), since=since, now=now)


@router.post("/me/sessions/end-others")
def end_others(visit: Sent) -> Response:
    """Sign out everywhere but here."""
    with visit.context.database.transaction() as session:
        sessions.end_others(session, visit.me, cookie_of(visit.request, visit.context), now=visit.context.now())
    return go("/me", "sessions-ended")


@router.post("/me/sessions/{session_id}/end")
def end(visit: Sent, session_id: str) -> Response:
    """Sign one browser out."""
    with visit.context.database.transaction() as session:
        sessions.end(session, visit.me, session_id, now=visit.context.now())
    return go("/me", "sessions-ended")


@router.post("/me/tokens/{token_id}/revoke")
def revoke(visit: Sent, token_id: str) -> Response:
    """No program comes in with it any more."""
    with visit.context.database.transaction() as session:
        _own(session, visit, token_id)
        people.revoke_token(session, visit.me, token_id, now=visit.context.now())
    return go("/me", "kept")


def _own(session: Session, visit: Sent, token_id: str) -> None:
    """What is somebody else's is said not to exist."""
    mine = people.tokens_of(session, visit.me.person_id, now=visit.context.now())
    if token_id not in {each.id for each in mine}:
        raise NotFound(what="token", id=token_id)
