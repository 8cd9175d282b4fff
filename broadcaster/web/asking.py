"""Who is asking, and what they sent: the dependencies both faces share."""

import hmac
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from broadcaster.domain import words
from broadcaster.domain.errors import BadForm, BadToken, LoaError, NotSignedIn
from broadcaster.services.actor import Actor
from broadcaster.services.people import people, sessions
from broadcaster.web.context import Context
from broadcaster.web.shown.approvals import how_many
from broadcaster.web.wire import unmask

MOST_FIELDS = 6_000


def context_of(request: Request) -> Context:
    """What the composition root put together."""
    context: Context = request.app.state.context
    return context


Web = Annotated[Context, Depends(context_of)]


def session_cookie(context: Context) -> str:
    """The cookie's name; the prefix makes browsers refuse it from anywhere but this very host by https."""
    return "__Host-loa" if context.settings.secure_cookies else "loa"


def origin(request: Request) -> str:
    """Where a request came from, for the audit."""
    return request.client.host if request.client else ""


def signed_in(request: Request, context: Web) -> Actor:
    """The person of this browser. Raises NotSignedIn."""
    secret = cookie_of(request, context)
    with context.database.read() as session:
        found = people.session_of(session, secret, now=context.now(), origin=origin(request)) if secret else None
        if found is None:
            raise NotSignedIn
        request.state.me, request.state.csrf, request.state.since = found.actor, found.csrf, found.since
        request.state.waiting = how_many(session, found.actor)
    if found.used is None or found.used <= context.now() - sessions.NOTED_EVERY:
        # Where nothing can be written any more, one may still look.
        with suppress(LoaError), context.database.transaction() as session:
            sessions.used(session, secret, now=context.now())
    return found.actor


def recognised(request: Request, context: Context) -> Actor | None:
    """The person of this browser where there is one: on pages that are open to all."""
    with suppress(NotSignedIn):
        return signed_in(request, context)
    return None


def same_site(request: Request) -> bool:
    """Whether a form without a session came from our own page; old browsers that do not say are believed."""
    return request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


def cookie_of(request: Request, context: Context) -> str:
    """The secret of this browser's session."""
    return request.cookies.get(session_cookie(context), "")


def agent(request: Request) -> str:
    """What the browser calls itself."""
    return request.headers.get("user-agent", "")


Me = Annotated[Actor, Depends(signed_in)]


def bearer(request: Request, context: Web) -> Actor:
    """The person in whose name a program asks. Raises BadToken."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise BadToken
    with context.database.read() as session:
        return people.actor_for_token(session, secret.strip(), now=context.now(), origin=origin(request))


Caller = Annotated[Actor, Depends(bearer)]


class Posted:
    """What a form sent: text is NFC and trimmed, what is missing is empty."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def line(self, name: str) -> str:
        """One line of text."""
        return words.line(self._text(name))

    def prose(self, name: str) -> str:
        """Text of several lines."""
        return words.prose(self._text(name))

    def lines(self, name: str) -> list[str]:
        """Every value of one name."""
        return [words.line(value) for value in self._data.getlist(name) if isinstance(value, str)]

    def starting(self, prefix: str) -> dict[str, str]:
        """One line of each field whose name starts so, by the rest of its name."""
        return {name.removeprefix(prefix): self.line(name) for name in self._data if name.startswith(prefix)}

    def number(self, name: str) -> int:
        """A whole number; 0 for anything else."""
        text = self.line(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def file(self, name: str) -> UploadFile | None:
        """A file, if one was chosen."""
        value = self._data.get(name)
        return value if isinstance(value, UploadFile) and value.size else None

    def _text(self, name: str) -> str:
        value = self._data.get(name)
        return value if isinstance(value, str) else ""


async def form_of(request: Request) -> AsyncIterator[Posted]:
    """A form that needs no session: signing in, choosing a language."""
    async with request.form(max_fields=MOST_FIELDS, max_files=20) as data:
        yield Posted(data)


OpenForm = Annotated[Posted, Depends(form_of)]


@dataclass(frozen=True, slots=True)
class Visiting:
    """One request of someone signed in."""

    request: Request
    context: Context
    me: Actor


@dataclass(frozen=True, slots=True)
class Sending(Visiting):
    """One form of someone signed in, which came from a page of this very session."""

    form: Posted


def visiting(request: Request, context: Web, me: Me) -> Visiting:
    """The dependency of every page that needs a session. Raises NotSignedIn."""
    return Visiting(request, context, me)


def require_own(sent: str, kept: str) -> None:
    """Raise BadForm unless what a page brings is the secret of its session."""
    if not hmac.compare_digest(unmask(sent).encode(), kept.encode()):
        raise BadForm


def sending(visit: Annotated[Visiting, Depends(visiting)], form: OpenForm) -> Sending:
    """The dependency of every form. Raises NotSignedIn, BadForm."""
    require_own(form.line("csrf"), visit.request.state.csrf)
    return Sending(visit.request, visit.context, visit.me, form)


Visit = Annotated[Visiting, Depends(visiting)]
Sent = Annotated[Sending, Depends(sending)]
