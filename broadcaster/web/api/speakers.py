"""One loudspeaker: where it hangs, and what it will play."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.permissions import Action
from broadcaster.domain.where import where
from broadcaster.services.places import ahead_days, logs, speakers, tending
from broadcaster.services.speaking import playing_list
from broadcaster.store.places import path
from broadcaster.web.api.models import Given, Listing, Shown, Speaker, Text
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.speaker import find_speaker

router = APIRouter(prefix=f"{PREFIX}/speakers", tags=["places"], responses=PROBLEMS)


class Place(Given):
    """Degrees north and east, or neither; loudspeakers on a post of one name in one unit begin together."""

    latitude: float | None = None
    longitude: float | None = None
    post: Annotated[Text, Field(max_length=200)] = ""


class Settings(Given):
    """What is not given stays as it is; no languages = as its unit says, `month_bytes` 0 = any amount."""

    volume_max: int | None = None
    volumes: dict[str, int] | None = None
    languages: Annotated[list[Text], Field(max_length=20)] | None = None
    sink: Annotated[Text, Field(max_length=200)] | None = None
    lead_ms: int | None = None
    tail_ms: int | None = None
    month_bytes: int | None = None
    test_day: int | None = None
    test_minute: int | None = None
    test_silent: bool | None = None
    ahead_days: int | None = None


class Expected(Shown):
    """What will become of one airing here; `fate` is plays, barred or late, `reason` why it will not be heard."""

    airing: str
    announcement: str
    title: str
    klass: str = Field(serialization_alias="class")
    kind: str
    planned_at: datetime
    fate: str
    start: datetime | None
    end: datetime | None
    reason: str
    waits: bool


@router.put("/{speaker_id}/place", response_model=Speaker)
def hang(write: Writes, speaker_id: str, given: Place) -> Response:
    """Say where it hangs; it and its neighbours are given the start offsets that follow."""

    def work(session: Session) -> Speaker:
        row = find_speaker(session, sight(session, write.caller), speaker_id)
        place = where(given.latitude, given.longitude, given.post)
        speakers.hang(session, write.caller, speaker_id, place, now=write.context.now())
        session.refresh(row)
        return Speaker.model_validate(row)

    return write.answer(given, work)


class Log(Shown):
    """A request for a loudspeaker's log; `text` once it has answered."""

    id: str
    asked_by_name: str
    asked_at: datetime
    expires_at: datetime
    told_at: datetime | None
    answered_at: datetime | None
    text: str | None


@router.post("/{speaker_id}/logs", status_code=201, response_model=Log)
def ask_log(write: Writes, speaker_id: str) -> Response:
    """Ask it for the last lines of its log; it is asked again whenever it comes back, for three days."""

    def work(session: Session) -> Log:
        find_speaker(session, sight(session, write.caller), speaker_id)
        return Log.model_validate(logs.ask(session, write.caller, speaker_id, now=write.context.now()))

    return write.answer("", work, status=201)


@router.get("/{speaker_id}/logs")
def read_logs(context: Web, caller: Caller, speaker_id: str) -> Listing[Log]:
    """The newest requests for its log, and what came."""
    with context.database.read() as session:
        row = find_speaker(session, sight(session, caller), speaker_id)
        caller.require(Action.TEND_SPEAKERS, path(session, row.unit_id))
        return Listing(items=[Log.model_validate(one) for one in logs.latest(session, row.id)], next=None)


@router.patch("/{speaker_id}", response_model=Speaker)
def change_settings(write: Writes, speaker_id: str, given: Settings) -> Response:
    """Decide its volume, languages, sound output, data for a month, self-test; its next manifest tells it."""

    def work(session: Session) -> Speaker:
        row = find_speaker(session, sight(session, write.caller), speaker_id)
        now, wanted = write.context.now(), given.model_dump(exclude_none=True)
        days = wanted.pop("ahead_days", row.ahead_days)
        tending.tend(session, write.caller, speaker_id, wanted, now=now)
        ahead_days.set_ahead(session, write.caller, speaker_id, days, now=now)
        session.flush()
        session.refresh(row)
        return Speaker.model_validate(row)

    return write.answer(given, work)


@router.get("/{speaker_id}/playing-list")
def read_playing_list(
    context: Web, caller: Caller, speaker_id: str, hours: Annotated[int, Query(ge=1, le=72)] = 24
) -> Listing[Expected]:
    """What it will play in the next hours and what it will not, in order, worked out as it decides itself."""
    with context.database.read() as session:
        row = find_speaker(session, sight(session, caller), speaker_id)
        found = playing_list.expected(session, row, now=context.now(), length=timedelta(hours=hours))
    return Listing(items=[Expected.model_validate(one) for one in found], next=None)
