"""Stopping everything in a unit."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import NotFound
from broadcaster.domain.permissions import Action
from broadcaster.services.airtime import stopping
from broadcaster.store.tables import Silence as Row
from broadcaster.web.api.models import Given, Shown, Text
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import sight

router = APIRouter(prefix=PREFIX, tags=["airings"], responses=PROBLEMS)


class ToStop(Given):
    """Why, and until when also what is planned is taken; at most 24 hours ahead."""

    reason: Annotated[Text, Field(min_length=1, max_length=200)]
    until: AwareDatetime | None = None


class Hushed(Shown):
    """One loudspeaker: silent, ended, quiet, waiting or unreachable; `at` by its own clock, signed."""

    speaker: str
    unit: str
    hush: str
    at: datetime | None


class Silence(Shown):
    """One order to be silent and what became of it so far."""

    id: str
    unit_id: str
    reason: str
    until: datetime | None
    asked_by: str
    asked_at: datetime
    due: list[str]
    later: list[str]
    counts: dict[str, int] = Field(default_factory=dict)
    speakers: list[Hushed] = Field(default_factory=list)


@router.post("/units/{unit_id}/stop", status_code=201, response_model=Silence)
def stop_everything(write: Writes, unit_id: str, given: ToStop) -> Response:
    """Silence on every loudspeaker of the unit: what sounds, what is due, and what is planned before `until`."""

    def work(session: Session) -> Silence:
        if unit_id not in sight(session, write.caller, Action.WITHDRAW).units:
            raise NotFound(what="unit", id=unit_id)
        order = stopping.stop_everything(
            session, write.caller, unit_id, reason=given.reason, until=given.until, now=write.context.now()
        )
        session.flush()
        return _shown(session, order)

    return write.answer(given, work, 201)


@router.get("/silences/{silence_id}")
def read_silence(context: Web, caller: Caller, silence_id: str) -> Silence:
    """The order, and what each loudspeaker signed since."""
    with context.database.read() as session:
        order = stopping.find(session, silence_id)
        if order.unit_id not in sight(session, caller).units:
            raise NotFound(what="silence", id=silence_id)
        return _shown(session, order)


def _shown(session: Session, order: Row) -> Silence:
    found = stopping.outcome(session, order)
    speakers = [Hushed.model_validate(one) for one in found]
    counts = {hush.value: number for hush, number in stopping.counts(found).items()}
    return Silence.model_validate(order).model_copy(update={"speakers": speakers, "counts": counts})
