"""Drills: a place of their own; nothing here reaches the services of alerts."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain import drill
from broadcaster.services.alarms import drills
from broadcaster.services.alarms.drills import Practice
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.web.api.emergencies import Slots, shown
from broadcaster.web.api.models import Airing, Announcement, Choice, Given, Language, Ref, Shown
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import find_announcement, sight

router = APIRouter(prefix=f"{PREFIX}/drills", tags=["drills"], responses=PROBLEMS)


class Template(Shown):
    """What can be practised."""

    key: str
    names: dict[str, str]
    slots: list[str]


class NewDrill(Given):
    """A drill's template filled in."""

    key: Ref
    unit: Ref
    audience: Annotated[list[Choice], Field(max_length=5000)]
    slots: Annotated[dict[Language, Slots], Field(max_length=20)]
    repeat: Annotated[int, Field(ge=1, le=10)] = 1


class ChangedDrill(NewDrill):
    """The same again; `revision` is the one that was read."""

    revision: Annotated[int, Field(ge=1, le=2**31 - 1)]


class ToStart(Given):
    """At a time, or (null) now."""

    at: AwareDatetime | None = None


class Result(Shown):
    """How one drill went; seconds are from its hour to the first sound."""

    announcement_id: str
    airing_id: str
    title: str
    at: datetime
    speakers: int
    heard: int
    median_s: float | None
    slowest_s: float | None
    silent: list[str]
    over: bool


class Drills(Shown):
    """What can be practised, and how the latest drills went."""

    templates: list[Template]
    results: list[Result]


@router.get("")
def list_drills(context: Web, caller: Caller) -> Drills:
    """The templates, and the latest drills of these units, the newest first."""
    with context.database.read() as session:
        results = drills.results(session, sight(session, caller).units)
    return Drills(
        templates=[
            Template(
                key=key,
                names={language: drill.practised(key, language).name for language in drill.DRILLS},
                slots=list(drill.SLOTS),
            )
            for key in drill.KEYS
        ],
        results=[Result.model_validate(one) for one in results],
    )


@router.post("", status_code=201, response_model=Announcement)
def write_drill(write: Writes, given: NewDrill) -> Response:
    """A drill as a draft; submit and approve it under /announcements."""
    practice = _practice(given)

    def work(session: Session) -> Announcement:
        made = drills.draft(session, write.caller, practice, now=write.context.now())
        session.flush()
        session.refresh(made)
        return Announcement.model_validate(made)

    return write.answer(given, work, 201)


@router.put("/{announcement_id}", response_model=Announcement)
def change_drill(write: Writes, announcement_id: str, given: ChangedDrill) -> Response:
    """The whole of it again; what was approved must be approved anew."""
    practice, now = _practice(given), write.context.now()

    def work(session: Session) -> Announcement:
        find_announcement(session, sight(session, write.caller), announcement_id)
        made = drills.change(session, write.caller, announcement_id, practice, revision=given.revision, now=now)
        session.flush()
        session.refresh(made)
        return Announcement.model_validate(made)

    return write.answer(given, work)


@router.post("/{announcement_id}/start", response_model=Airing)
def start_drill(write: Writes, announcement_id: str, given: ToStart) -> Response:
    """Hold it, within the hours allowed."""

    def work(session: Session) -> Airing:
        find_announcement(session, sight(session, write.caller), announcement_id)
        now = write.context.now()
        return shown(session, drills.start(session, write.caller, announcement_id, at=given.at, now=now))

    return write.answer(given, work)


def _practice(given: NewDrill) -> Practice:
    where = [AudienceChoice(it.kind, it.ref, it.include) for it in given.audience]
    return Practice(given.key, given.unit, where, given.slots, given.repeat)
