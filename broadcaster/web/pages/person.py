"""One person: roles given and taken back, how they are reached, a lost second factor, and the end of access."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.services.outlets import reaching
from broadcaster.services.people import access, factors, invitations, native_speakers, people, proving
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.labels import LANGUAGE, ROLE
from broadcaster.web.pages.again import again
from broadcaster.web.pages.people import proof, show_link
from broadcaster.web.render import page
from broadcaster.web.seconds import here, second_of
from broadcaster.web.shown import people as shown
from broadcaster.web.shown.people import MAY
from broadcaster.web.shown.sight import sight, within
from broadcaster.web.sign_in import go

router = APIRouter(prefix="/people/{person_id}", include_in_schema=False)
Work = Callable[[Session, datetime], object]


@router.get("")
def read(visit: Visit, person_id: str) -> HTMLResponse:
    """All about one person."""
    return show(visit, person_id)


def show(visit: Visiting, person_id: str, **values: object) -> HTMLResponse:
    """The page."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, MAY)
        return page(
            visit.request,
            "person.html",
            it=shown.one(session, seen, person_id, now=visit.context.now()),
            units=shown.choices(seen),
            roles=ROLE,
            languages_known=LANGUAGE,
            myself=person_id == visit.me.person_id,
            proof=proof(session, visit),
            **values,
        )


def _do(visit: Sent, person_id: str, work: Work, said: str) -> Response:
    """One change of somebody within sight, by who proved themselves lately."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        shown.one(session, sight(session, visit.me, MAY), person_id, now=now)
    try:
        with visit.context.database.transaction() as session:
            proving.require(session, here(visit), second_of(visit.form), now=now)
            work(session, now)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, person_id))
    return go(f"/people/{person_id}", said)


def _tend(visit: Sent, person_id: str, change: Callable[..., object], said: str) -> Response:
    """The same, by a service that needs to know no more than who does it, to whom, and when."""
    return _do(visit, person_id, lambda session, now: change(session, visit.me, person_id, now=now), said)


@router.post("")
def change(visit: Sent, person_id: str) -> Response:
    """What they are called, where they can be called, and what they speak."""
    form = visit.form
    spoken = set(form.lines("speak"))

    def work(session: Session, now: datetime) -> None:
        access.rename(session, visit.me, person_id, form.line("name"), now=now)
        if form.line("phone") != people.standing(session, person_id).phone:
            reaching.set_phone(session, visit.me, person_id, form.line("phone"), now=now)
        for tag in LANGUAGE:
            native_speakers.declare(session, visit.me, person_id, tag, able=tag in spoken, now=now)

    return _do(visit, person_id, work, "kept")


@router.post("/roles")
def give(visit: Sent, person_id: str) -> Response:
    """One role more."""
    role, unit = visit.form.line("role"), visit.form.line("unit")

    def work(session: Session, now: datetime) -> None:
        within(sight(session, visit.me, MAY), unit)
        people.grant(session, visit.me, person_id, role, unit, now=now)

    return _do(visit, person_id, work, "role-given")


@router.post("/roles/take")
def take(visit: Sent, person_id: str) -> Response:
    """One role less; who had only this one is found here no more."""
    role, unit = visit.form.line("role"), visit.form.line("unit")

    def work(session: Session, now: datetime) -> None:
        within(sight(session, visit.me, MAY), unit)
        people.take_back(session, visit.me, person_id, role, unit, now=now)

    answer = _do(visit, person_id, work, "role-taken")
    if answer.status_code != 303:
        return answer
    with visit.context.database.read() as session:
        held = people.actor_of(session, person_id, origin="").grants
        left = sight(session, visit.me, MAY).units.intersection(grant.unit for grant in held)
    return answer if left else go("/people", "role-taken")


@router.post("/factor-reset")
def reset(visit: Sent, person_id: str) -> Response:
    """A phone was lost: its owner signs in anew and adds another factor themselves."""
    return _tend(visit, person_id, factors.reset, "factor-removed")


@router.post("/sessions/end")
def end_sessions(visit: Sent, person_id: str) -> Response:
    """A telephone or computer was lost."""
    return _tend(visit, person_id, access.sign_out_everywhere, "sessions-ended")


@router.post("/close")
def close(visit: Sent, person_id: str) -> Response:
    """They work here no longer."""
    return _tend(visit, person_id, people.disable, "account-closed")


@router.post("/open")
def open_again(visit: Sent, person_id: str) -> Response:
    """They are back."""
    return _tend(visit, person_id, access.enable, "account-open")


@router.post("/invite")
def invite_again(visit: Sent, person_id: str) -> Response:
    """Another link in place of the one before, shown once."""
    made: list[invitations.Invited] = []

    def work(session: Session, now: datetime) -> None:
        made.append(invitations.again(session, visit.me, person_id, now=now))

    answer = _do(visit, person_id, work, "kept")
    return show_link(visit, made[0]) if made else answer
