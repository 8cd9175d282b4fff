"""Alerts: their templates, readiness, sending, and the one call that takes them back. Drills are in drills.py."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain import hazards
from broadcaster.domain.corrections import Part
from broadcaster.domain.hazards import HAZARDS, LEVELS, WORDINGS
from broadcaster.services.alarms import emergencies
from broadcaster.services.alarms.emergencies import Alert, Repeat
from broadcaster.services.alarms.readiness import reach, readiness
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.web.api.models import Airing, Announcement, Choice, Given, Language, Ref, Shown, Text
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.airings import counts_of
from broadcaster.web.shown.alerts import stage_of
from broadcaster.web.shown.sight import find_announcement, sight

router = APIRouter(prefix=f"{PREFIX}/emergencies", tags=["emergencies"], responses=PROBLEMS)
Slots = Annotated[dict[Ref, Annotated[Text, Field(max_length=1000)]], Field(max_length=10)]


class Level(Shown):
    """A level of risk with the colour of Decision 18/2021, and what people are usually told at it, by language."""

    number: int
    colour: str
    advice: dict[str, str]


class Hazard(Shown):
    """One template: its slots are to be filled in each language."""

    key: str
    names: dict[str, str]
    levels: list[Level]
    slots: list[str]


class Hazards(Shown):
    """All templates."""

    items: list[Hazard]


class NewAlert(Given):
    """A template filled in: for each language every slot of its hazard."""

    hazard: Ref
    level: Annotated[int, Field(ge=1, le=5)] | None = None
    unit: Ref
    audience: Annotated[list[Choice], Field(max_length=5000)]
    slots: Annotated[dict[Language, Slots], Field(max_length=20)]
    repeat: Annotated[int, Field(ge=1, le=10)] = 3


class ChangedAlert(NewAlert):
    """The same again; `revision` is the one that was read."""

    revision: Annotated[int, Field(ge=1, le=2**31 - 1)]


class NewRepeat(Given):
    """Again every few minutes until it is acknowledged, so many times at most."""

    every_minutes: Annotated[int, Field(ge=5, le=60)]
    times: Annotated[int, Field(ge=1, le=12)]


class ToSend(Given):
    """`place` is the name of the place where it is heard, as a person typed it."""

    place: Annotated[Text, Field(max_length=200)]
    repeat: NewRepeat | None = None


class Acknowledged(Given):
    """The unit where it was heard and is acted on."""

    unit: Ref


class Emergency(Shown):
    """How far an alert is, whom it reaches, and whether its correction lies ready there."""

    id: str
    stage: str
    hazard: str | None
    level: int | None
    place: str
    speakers: int
    people: int | None
    reachable: int
    stored: int
    waiting: list[str]
    ready: bool
    sent_at: datetime | None


@router.get("/hazards")
def list_hazards(caller: Caller) -> Hazards:
    """Every template with its levels, slots and usual advice."""
    _ = caller
    return Hazards(items=[_hazard(key) for key in HAZARDS])


@router.post("", status_code=201, response_model=Announcement)
def write_alert(write: Writes, given: NewAlert) -> Response:
    """The alert, its correction and its all-clear as drafts; submit and approve it under /announcements."""
    alert = _alert(given)

    def work(session: Session) -> Announcement:
        made = emergencies.draft(session, write.caller, alert, now=write.context.now())
        session.flush()
        session.refresh(made)
        return Announcement.model_validate(made)

    return write.answer(given, work, 201)


@router.put("/{announcement_id}", response_model=Announcement)
def change_alert(write: Writes, announcement_id: str, given: ChangedAlert) -> Response:
    """The whole of it again, all three texts; what was approved must be approved anew, what was sent stays."""
    alert, now = _alert(given), write.context.now()

    def work(session: Session) -> Announcement:
        find_announcement(session, sight(session, write.caller), announcement_id)
        made = emergencies.change(session, write.caller, announcement_id, alert, revision=given.revision, now=now)
        session.flush()
        session.refresh(made)
        return Announcement.model_validate(made)

    return write.answer(given, work)


@router.get("/{announcement_id}")
def read_alert(context: Web, caller: Caller, announcement_id: str) -> Emergency:
    """One alert as it stands."""
    now = context.now()
    with context.database.read() as session:
        row = find_announcement(session, sight(session, caller), announcement_id)
        emergencies.require(session, row.id)
        found, ready, sent = reach(session, row), readiness(session, row, now=now), None
        if (airing := emergencies.first_airing(session, row.id)) is not None:
            sent = airing.planned_at
        return Emergency(
            id=row.id,
            stage=stage_of(session, row.id),
            hazard=row.hazard,
            level=row.level,
            place=found.place,
            speakers=found.speakers,
            people=found.people,
            reachable=ready.reachable,
            stored=ready.stored,
            waiting=list(ready.waiting),
            ready=ready.ready,
            sent_at=sent,
        )


@router.post("/{announcement_id}/send", response_model=Airing)
def send_alert(write: Writes, announcement_id: str, given: ToSend) -> Response:
    """Sound it now; two people must have answered for it within the last five minutes."""
    repeat = Repeat(given.repeat.every_minutes, given.repeat.times) if given.repeat else None

    def work(session: Session) -> Airing:
        find_announcement(session, sight(session, write.caller), announcement_id)
        now = write.context.now()
        airing = emergencies.send(session, write.caller, announcement_id, place=given.place, repeat=repeat, now=now)
        return shown(session, airing)

    return write.answer(given, work)


@router.post("/{announcement_id}/correction", response_model=Airing)
def correct_alert(write: Writes, announcement_id: str) -> Response:
    """It was wrong: the correction approved with it is heard at once, everywhere."""
    return _call_up(write, announcement_id, Part.CORRECTION)


@router.post("/{announcement_id}/all-clear", response_model=Airing)
def end_alert(write: Writes, announcement_id: str) -> Response:
    """It is over: the all-clear approved with it is heard at once, everywhere."""
    return _call_up(write, announcement_id, Part.ALL_CLEAR)


@router.post("/{announcement_id}/acknowledge", response_model=Announcement)
def acknowledge_alert(write: Writes, announcement_id: str, given: Acknowledged) -> Response:
    """It was heard in this unit and is acted on: no more repeats there."""

    def work(session: Session) -> Announcement:
        row = find_announcement(session, sight(session, write.caller), announcement_id)
        emergencies.require(session, row.id)
        emergencies.acknowledge(session, write.caller, row.id, given.unit, now=write.context.now())
        return Announcement.model_validate(row)

    return write.answer(given, work)


def shown(session: Session, airing: object) -> Airing:
    """An airing with how many loudspeakers are at each step."""
    session.flush()
    found = Airing.model_validate(airing)
    return found.model_copy(update={"counts": counts_of(session, [found.id]).get(found.id, {})})


def _alert(given: NewAlert) -> Alert:
    where = [AudienceChoice(it.kind, it.ref, it.include) for it in given.audience]
    return Alert(given.hazard, given.level, given.unit, where, given.slots, given.repeat)


def _call_up(write: Writes, announcement_id: str, part: Part) -> Response:
    def work(session: Session) -> Airing:
        find_announcement(session, sight(session, write.caller), announcement_id)
        return shown(
            session, emergencies.call_up(session, write.caller, announcement_id, part, now=write.context.now())
        )

    return write.answer("", work)


def _hazard(key: str) -> Hazard:
    hazard = HAZARDS[key]
    levels = [
        Level(
            number=number,
            colour=LEVELS[number].colour,
            advice={language: hazards.default_action(key, number, language) for language in WORDINGS},
        )
        for number in hazard.levels
    ]
    names = {language: hazards.name(key, language) for language in WORDINGS}
    return Hazard(key=key, names=names, levels=levels, slots=list(hazard.slots))
