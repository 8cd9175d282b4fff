"""People who are asked to say what a loudspeaker did not, and their answers."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.services.alarms import stand_in_answers
from broadcaster.services.alarms.stand_in_answers import LONGEST_REASON, Answer
from broadcaster.store.tables import StandIn as Row
from broadcaster.web.api.models import Given, Listing, Shown, Text
from broadcaster.web.api.paging import Paged
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.standing_in import find

router = APIRouter(prefix=f"{PREFIX}/stand-ins", tags=["stand-ins"], responses=PROBLEMS)


class Words(Shown):
    """What is to be said in one language; empty where it was recorded."""

    language: str
    text: str


class StandIn(Shown):
    """One village that is asked to say one airing with a human voice."""

    id: str
    airing_id: str
    announcement_id: str
    unit_id: str
    klass: str = Field(serialization_alias="class")
    kind: str
    cause: str
    """"silent", or "spoken": it takes back what a person said there."""
    state: str
    title: str
    texts: list[Words]
    """In the order of the village's languages."""
    speakers: list[str]
    since: datetime
    opened_at: datetime
    escalate_at: datetime
    escalated_at: datetime | None
    expires_at: datetime
    answered_at: datetime | None
    answered_by_name: str
    on_behalf: bool
    """Written down by the commune, after it had called."""
    reason: str


class Answered(Given):
    """What was done; the reason is kept for what could not be done."""

    did: Literal["done", "could_not"]
    reason: Annotated[Text, Field(max_length=LONGEST_REASON)] = ""


@router.get("")
def list_stand_ins(context: Web, caller: Caller, pager: Paged, state: str = "") -> Listing[StandIn]:
    """Newest first, within sight; `state` narrows it."""
    with context.database.read() as session:
        query = select(Row).where(Row.unit_id.in_(sight(session, caller).units))
        query = query.where(Row.state == state) if state else query
        found = pager.rows(session, query, Row.id, newest_first=True)
        return Listing(items=[_shown(row) for row in found.items], next=found.next)


@router.get("/{stand_in_id}")
def read_stand_in(context: Web, caller: Caller, stand_in_id: str) -> StandIn:
    """One of them."""
    with context.database.read() as session:
        return _shown(find(session, sight(session, caller), stand_in_id))


@router.post("/{stand_in_id}/answer", response_model=StandIn)
def answer(write: Writes, stand_in_id: str, given: Answered) -> Response:
    """Write down what the village head did, or said on the phone; it never counts as heard."""

    def work(session: Session) -> StandIn:
        find(session, sight(session, write.caller), stand_in_id)
        said = Answer(given.did == "done", given.reason)
        row = stand_in_answers.answer_for(session, write.caller, stand_in_id, said, now=write.context.now())
        session.flush()
        return _shown(row)

    return write.answer(given, work)


def _shown(row: Row) -> StandIn:
    texts = [Words(language=language, text=text) for language, text in row.words["texts"]]
    known = {name: getattr(row, name) for name in StandIn.model_fields if name not in {"title", "texts"}}
    return StandIn(**known, title=row.words["title"], texts=texts)
