"""Who works in a unit and who stands in for whom; taking a lost second factor away."""

from datetime import date, datetime, time, timedelta
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.deputy import Term
from broadcaster.domain.errors import DeputyDates, LoaError, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.services.people import deputies, factors, native_speakers, proving
from broadcaster.store import places
from broadcaster.web.asking import Posted, Sent, Visit, Visiting
from broadcaster.web.i18n import ZONE
from broadcaster.web.labels import LANGUAGE, ROLE
from broadcaster.web.pages.again import again
from broadcaster.web.pages.people import proof
from broadcaster.web.render import page
from broadcaster.web.seconds import here, second_of
from broadcaster.web.shown.sight import sight, within
from broadcaster.web.shown.staff import members, standing
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
DAY = timedelta(days=1)


@router.get("/units/{unit_id}/deputies")
def read(visit: Visit, unit_id: str) -> HTMLResponse:
    """The people, and who stands in."""
    return show(visit, unit_id)


def show(visit: Visiting, unit_id: str, **typed: object) -> HTMLResponse:
    """The page."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        seen = within(sight(session, visit.me), unit_id)
        tends = seen.allows(Action.TEND_PEOPLE, unit_id)
        people = members(session, places.path(session, unit_id))
        return page(
            visit.request,
            "deputies.html",
            unit=unit_id,
            unit_name=seen.names_of(unit_id),
            members=people,
            away=[it for it in people if tends or it.id == visit.me.person_id],
            standing=standing(session, visit.me, unit_id, now=now),
            tends=tends,
            roles=ROLE,
            languages_known=LANGUAGE,
            one_day=DAY,
            today=now.astimezone(ZONE).date().isoformat(),
            proof=proof(session, visit),
            **typed,
        )


@router.post("/units/{unit_id}/deputies")
def appoint(visit: Sent, unit_id: str) -> Response:
    """From the first day's midnight to the last day's, on the village's clock."""
    form = visit.form
    try:
        with visit.context.database.transaction() as session:
            within(sight(session, visit.me), unit_id)
            proving.require(session, here(visit), second_of(form), now=visit.context.now())
            deputies.appoint(
                session,
                visit.me,
                unit_id,
                person_id=form.line("person"),
                deputy_for=form.line("away"),
                role=form.line("role"),
                term=_term(form),
                reason=form.line("reason"),
                now=visit.context.now(),
            )
    except LoaError as error:
        if isinstance(error, NotFound) and error.params.get("what") == "unit":
            raise
        return again(visit.request, error, partial(show, visit, unit_id))
    return go(f"/units/{unit_id}/deputies", "deputy")


@router.post("/units/{unit_id}/deputies/{deputy_id}/end")
def end(visit: Sent, unit_id: str, deputy_id: str) -> Response:
    """Before its time."""
    with visit.context.database.transaction() as session:
        within(sight(session, visit.me), unit_id)
        deputies.end(session, visit.me, deputy_id, now=visit.context.now())
    return go(f"/units/{unit_id}/deputies", "kept")


@router.post("/units/{unit_id}/people/{person_id}/factor-reset")
def reset(visit: Sent, unit_id: str, person_id: str) -> Response:
    """A phone was lost: its owner signs in anew and adds another factor themselves."""
    try:
        with visit.context.database.transaction() as session:
            within(sight(session, visit.me), unit_id)
            proving.require(session, here(visit), second_of(visit.form), now=visit.context.now())
            factors.reset(session, visit.me, person_id, now=visit.context.now())
    except LoaError as error:
        if isinstance(error, NotFound):
            raise
        return again(visit.request, error, partial(show, visit, unit_id))
    return go(f"/units/{unit_id}/deputies", "factor-removed")


@router.post("/units/{unit_id}/people/{person_id}/languages")
def note_languages(visit: Sent, unit_id: str, person_id: str) -> Response:
    """Which languages somebody speaks natively, and so may record and review."""
    chosen, now = set(visit.form.lines("speak")), visit.context.now()
    with visit.context.database.transaction() as session:
        within(sight(session, visit.me), unit_id)
        for tag in LANGUAGE:
            native_speakers.declare(session, visit.me, person_id, tag, able=tag in chosen, now=now)
    return go(f"/units/{unit_id}/deputies", "kept")


def _term(form: Posted) -> Term:
    try:
        first, last = (date.fromisoformat(form.line(name)) for name in ("first", "last"))
        starts, ends = (datetime.combine(day, time(), ZONE) for day in (first, last + DAY))
    except (ValueError, OverflowError):
        raise DeputyDates from None
    return Term(starts, ends)
