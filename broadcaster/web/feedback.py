"""Residents say whether they heard it: forms without an account, a script or a cookie, and a page that thanks."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.domain import feedback as rules
from broadcaster.domain.errors import BadForm, TooMany
from broadcaster.domain.feedback import What
from broadcaster.services.ids import hashed
from broadcaster.services.outlets import feedback
from broadcaster.services.outlets.feedback import About, Said
from broadcaster.web.asking import OpenForm, Posted, origin, same_site
from broadcaster.web.context import Context
from broadcaster.web.i18n import ZONE
from broadcaster.web.residents.answers import drawn, language_of

NOT_KEPT = {"cache-control": "no-store", "x-robots-tag": "noindex, nofollow"}


class Salt:
    """What makes addresses unreadable: thrown away with its day, and never written down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day, self._salt = date.min, b""

    def hash(self, address: str, now: datetime) -> str:
        """The address of the day."""
        today = now.astimezone(ZONE).date()
        with self._lock:
            if today != self._day:
                self._day, self._salt = today, secrets.token_bytes(32)
            return hashed(f"{self._salt.hex()} {rules.household(address)}")


@dataclass(frozen=True, slots=True)
class Box:
    """Takes what residents say and thanks them."""

    context: Context
    salt: Salt

    def take(self, request: Request, form: Posted, about: Callable[[Session], About], back: str, lang: str) -> Response:
        """One form, and the way to the page that thanks. Raises BadForm, Malformed, NotFound."""
        if not same_site(request):
            raise BadForm
        now = self.context.now()
        said = Said(rules.what(form.line("what")), form.prose("note"), self.salt.hash(origin(request), now))
        try:
            with self.context.database.transaction() as session:
                airing = feedback.give(session, about(session), said, now=now).airing_id
        except TooMany as error:
            return self.thanks(lang, back, too_many=True, status=error.status)
        if airing:
            self.context.live.nudge(f"airing-{airing}")
        return RedirectResponse(f"{back}/thanks?lang={language_of(self.context, lang)}", 303)

    def thanks(self, lang: str, back: str, *, too_many: bool = False, status: int = 200) -> Response:
        """The page behind the form; it says so where too many came."""
        language = language_of(self.context, lang)
        body, headers = drawn("residents/thanks.html", language, back=back, too_many=too_many)
        return Response(body, status, headers | NOT_KEPT)


def feedback_routes(context: Context) -> APIRouter:
    """`/n/{public id}/feedback` and `/s/{code}`; `?lang=` chooses the language."""
    router, box = APIRouter(include_in_schema=False), Box(context, Salt())
    _of_announcements(router, box)
    _at_poles(router, box)
    return router


def _of_announcements(router: APIRouter, box: Box) -> None:
    def about(session: Session, public_id: str) -> About:
        return feedback.of_announcement(session, public_id, now=box.context.now())

    @router.post("/n/{public_id}/feedback")
    def say(request: Request, public_id: str, form: OpenForm, lang: str = "") -> Response:
        return box.take(request, form, partial(about, public_id=public_id), f"/n/{public_id}", lang)

    @router.get("/n/{public_id}/thanks")
    def thanks(public_id: str, lang: str = "") -> Response:
        with box.context.database.read() as session:
            about(session, public_id)
        return box.thanks(lang, f"/n/{public_id}")


def _at_poles(router: APIRouter, box: Box) -> None:
    def about(session: Session, code: str, at: datetime) -> About:
        return feedback.at_pole(session, code, at=at)

    @router.api_route("/s/{code}", methods=["GET", "HEAD"])
    def look(code: str, lang: str = "") -> Response:
        now = box.context.now()
        with box.context.database.read() as session:
            it = about(session, code, now)
        minute = int(now.replace(second=0, microsecond=0).timestamp())
        shown = {"it": it, "path": f"/s/{code}", "minute": minute, "choices": list(What)}
        body, headers = drawn("residents/pole.html", language_of(box.context, lang), now=now, **shown)
        return Response(body, 200, headers | NOT_KEPT)

    @router.post("/s/{code}")
    def say(request: Request, code: str, form: OpenForm, lang: str = "") -> Response:
        at = rules.minute(form.line("minute"), box.context.now())
        return box.take(request, form, partial(about, code=code, at=at), f"/s/{code}", lang)

    @router.get("/s/{code}/thanks")
    def thanks(code: str, lang: str = "") -> Response:
        with box.context.database.read() as session:
            about(session, code, box.context.now())
        return box.thanks(lang, f"/s/{code}")
