"""A new loudspeaker: what it is to be called and where it hangs, and the label for its box."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

import segno
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.domain.where import read
from broadcaster.services.places import enrolling
from broadcaster.store.tables import Enrolment
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.context import Context
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown import speaker_list
from broadcaster.web.shown.places import groups
from broadcaster.web.shown.sight import sight, within
from broadcaster.web.sign_in import go
from firmware_config.protocol.enrolment import Label, fingerprint

router = APIRouter(include_in_schema=False)
COOKIE = "loa_code"
COOKIE_S = 3_600
"""So long a browser remembers the code, which is stored nowhere else, to print it once more."""
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class LabelView:
    """What the page of a label shows."""

    id: str
    name: str
    path: tuple[str, ...]
    label: str
    code: str
    """Empty where this browser does not know it."""
    command: str
    drawing: str
    """The same as a QR code, SVG."""
    expires_at: datetime
    used_at: datetime | None
    over: bool
    speaker_id: str | None
    replaces_id: str | None
    insecure: bool
    """The address is one that no box trusts."""


@router.get("/speakers/new")
def ask(visit: Visit, unit: str = "") -> HTMLResponse:
    """An empty form."""
    return show_new(visit, unit=unit[:64])


def show_new(visit: Visiting, **values: object) -> HTMLResponse:
    """The form, with what was typed."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.ENROL)
        choices, sets = speaker_list.units(seen), groups(session, seen)
    common = {"units": choices, "groups": sets, "name": "", "unit": "", "place": "", "post": "", "ticked": ()}
    return page(visit.request, "speaker_new.html", **(common | values))


@router.post("/speakers/new")
def make(visit: Sent) -> Response:
    """Make its label."""
    form, context = visit.form, visit.context
    name, unit, place, post = (form.line(field) for field in ("name", "unit", "place", "post"))
    ticked = form.lines("groups")
    with context.database.read() as session:
        within(sight(session, visit.me, Action.ENROL), unit)
    try:
        with context.database.transaction() as session:
            made = enrolling.begin(
                session,
                visit.me,
                name=name,
                unit_id=unit,
                groups=[ref.removeprefix("g:") for ref in ticked],
                where=read(place, post),
                vault=context.vault,
                days=context.settings.label_days,
                now=context.now(),
            )
    except LoaError as error:
        typed = {"name": name, "unit": unit, "place": place, "post": post, "ticked": ticked}
        return again(visit.request, error, partial(show_new, visit, **typed))
    return to_label(context, made)


def to_label(context: Context, made: enrolling.Label) -> Response:
    """To the page of a label that was just made; this browser alone remembers its code, and only there."""
    path = f"/enrolments/{made.id}/label"
    answer = go(path)
    secure = context.settings.secure_cookies
    answer.set_cookie(COOKIE, made.code, max_age=COOKIE_S, path=path, secure=secure, httponly=True, samesite="strict")
    return answer


@router.get("/enrolments/{enrolment_id}/label")
def show_label(visit: Visit, enrolment_id: str) -> HTMLResponse:
    """To be printed and put on the box; scripts ask here whether the box is in service by now."""
    with visit.context.database.read() as session:
        row, path = _found(session, visit, enrolment_id)
        it = _view(visit, row, path)
    if not visit.request.headers.get("hx-request"):
        return page(visit.request, "label.html", it=it)
    answer = page(visit.request, "_label_state.html", it=it)
    if it.used_at or it.over:
        # The code on the page is worth nothing now.
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.post("/enrolments/{enrolment_id}/again")
def make_again(visit: Sent, enrolment_id: str) -> Response:
    """Another code for the same label."""
    context = visit.context
    _look(visit, enrolment_id)
    with context.database.transaction() as session:
        days = context.settings.label_days
        made = enrolling.again(session, visit.me, enrolment_id, vault=context.vault, days=days, now=context.now())
    return to_label(context, made)


@router.post("/enrolments/{enrolment_id}/cancel")
def cancel(visit: Sent, enrolment_id: str) -> Response:
    """The label is worth nothing any more."""
    _look(visit, enrolment_id)
    with visit.context.database.transaction() as session:
        enrolling.cancel(session, visit.me, enrolment_id, now=visit.context.now())
    return go("/speakers", "label-cancelled")


def _look(visit: Sending, enrolment_id: str) -> None:
    with visit.context.database.read() as session:
        _found(session, visit, enrolment_id)


def _found(session: Session, visit: Visiting, enrolment_id: str) -> tuple[Enrolment, tuple[str, ...]]:
    """One within reach, and the names of its unit and those above."""
    seen = sight(session, visit.me, Action.ENROL)
    row = session.get(Enrolment, enrolment_id)
    if row is None or row.unit_id not in seen.units:
        raise NotFound(what="label", id=enrolment_id)
    return row, tuple(seen.names_of(unit) for unit in seen.tree.path(row.unit_id))


def _view(visit: Visiting, row: Enrolment, path: tuple[str, ...]) -> LabelView:
    context = visit.context
    known = visit.request.cookies.get(COOKIE, "")
    code = known if enrolling.is_code(row, known, vault=context.vault) else ""
    ours = fingerprint(context.authority.certificate.public_bytes(Encoding.DER))
    label, url = str(Label(row.id, ours)), context.settings.public_url
    command = f"sudo loa-agent enrol {url} {label} {code}".rstrip()
    address = urlsplit(url)
    return LabelView(
        id=row.id,
        name=row.name,
        path=path,
        label=label,
        code=code,
        command=command,
        drawing=segno.make(command, error="m").svg_inline(scale=5, border=2, omitsize=True),
        expires_at=row.expires_at,
        used_at=row.used_at,
        over=row.cancelled_at is not None or row.expires_at <= context.now() or row.attempts >= enrolling.TRIES,
        speaker_id=row.speaker_id,
        replaces_id=row.replaces_id,
        insecure=address.scheme != "https" and address.hostname not in HERE,
    )
