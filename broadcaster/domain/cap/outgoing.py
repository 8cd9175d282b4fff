"""What an emergency's own history comes to as CAP messages: an Alert, its Updates, and how it ended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from broadcaster.domain.cap.message import (
    Area,
    Category,
    Certainty,
    Info,
    Message,
    MsgType,
    Reference,
    Resource,
    ResponseType,
    Severity,
    Status,
    Urgency,
)
from broadcaster.domain.hazards import HAZARDS

LIFE = timedelta(hours=24)
"""How long a message without an end of its own is valid for those who read it."""
LONGEST_HEADLINE = 160


class Stage(StrEnum):
    """How far it got."""

    UNHEARD = "unheard"
    OUT = "out"
    OVER = "over"
    TAKEN_BACK = "taken_back"


class Happened(StrEnum):
    """What can happen to it."""

    SENT = "sent"
    CHANGED = "changed"
    ENDED = "ended"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


TABLE: dict[tuple[Stage, Happened], Stage] = {
    (Stage.UNHEARD, Happened.SENT): Stage.OUT,
    (Stage.OUT, Happened.CHANGED): Stage.OUT,
    (Stage.OUT, Happened.ENDED): Stage.OVER,
    (Stage.OUT, Happened.CORRECTED): Stage.TAKEN_BACK,
    (Stage.OUT, Happened.WITHDRAWN): Stage.TAKEN_BACK,
    (Stage.OVER, Happened.CORRECTED): Stage.TAKEN_BACK,
}
"""What is not in it tells those who read along nothing new."""

TYPES: Mapping[Happened, MsgType] = MappingProxyType(
    {
        Happened.SENT: MsgType.ALERT,
        Happened.CHANGED: MsgType.UPDATE,
        Happened.ENDED: MsgType.UPDATE,
        Happened.CORRECTED: MsgType.CANCEL,
        Happened.WITHDRAWN: MsgType.CANCEL,
    }
)
CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {
        "storm": Category.MET,
        "flood": Category.MET,
        "flash_flood": Category.GEO,
        "fire": Category.FIRE,
        "heat": Category.MET,
        "forest_fire": Category.FIRE,
        "dam_release": Category.INFRA,
        "epidemic": Category.HEALTH,
        "missing_person": Category.RESCUE,
    }
)
SEVERITIES = (Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME, Severity.EXTREME)
"""Of the levels 1–5 of Decision 18/2021."""


@dataclass(frozen=True, slots=True)
class Said:
    """One language of one thing that was said."""

    language: str
    event: str
    headline: str
    text: str
    sound: Resource | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One line of its history."""

    at: datetime
    what: Happened
    said: tuple[Said, ...]
    areas: tuple[Area, ...] = ()
    expires: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Emergency:
    """What stays the same from its first message to its last."""

    public_id: str
    sender: str
    sender_name: str
    web: str
    exercise: bool
    hazard: str = ""
    level: int | None = None


def messages(it: Emergency, history: Iterable[Told]) -> tuple[Message, ...]:
    """One for each thing that happened and that the table knows, each naming all before it."""
    stage, made = Stage.UNHEARD, list[Message]()
    for told in sorted(history, key=lambda each: each.at):
        after = TABLE.get((stage, told.what))
        if after is not None:
            made.append(_message(it, told, len(made) + 1, tuple(each.reference for each in made)))
            stage = after
    return tuple(made)


def _message(it: Emergency, told: Told, place: int, earlier: tuple[Reference, ...]) -> Message:
    return Message(
        identifier=f"{it.public_id}-{place}",
        sender=it.sender,
        sent=told.at.replace(microsecond=0),
        status=Status.EXERCISE if it.exercise else Status.ACTUAL,
        msg_type=TYPES[told.what],
        note=told.note,
        references=earlier,
        infos=tuple(_info(it, told, said) for said in told.said),
    )


def _info(it: Emergency, told: Told, said: Said) -> Info:
    hazard = HAZARDS.get(it.hazard)
    going_on = told.what in {Happened.SENT, Happened.CHANGED}
    return Info(
        language=said.language,
        categories=(CATEGORIES.get(it.hazard, Category.SAFETY),),
        event=said.event,
        responses=() if going_on else (ResponseType.ALL_CLEAR,),
        urgency=Urgency.IMMEDIATE if going_on else Urgency.PAST,
        severity=severity(it.level),
        certainty=Certainty.LIKELY if hazard and hazard.natural else Certainty.OBSERVED,
        expires=(told.expires or told.at + LIFE).replace(microsecond=0),
        sender_name=it.sender_name,
        headline=said.headline[:LONGEST_HEADLINE],
        description=said.text,
        web=it.web,
        resources=(said.sound,) if said.sound else (),
        areas=told.areas,
    )


def severity(level: int | None) -> Severity:
    """How bad a level of disaster risk is; without one an emergency is severe."""
    return SEVERITIES[level - 1] if level else Severity.SEVERE
