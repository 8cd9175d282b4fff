"""The voice banks as people see them: how far each language is, what to record next, what to listen to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.bank import PieceKind
from broadcaster.domain.languages import LANGUAGES, Language
from broadcaster.services.actor import Actor
from broadcaster.services.people import native_speakers
from broadcaster.services.sound import reviews, takes, voice_bank
from broadcaster.services.sound.takes import ACCEPTED, MISSING, REJECTED, WAITING, Progress, Task
from broadcaster.store.tables import Clip, Pattern, Person, Unit
from broadcaster.web.labels import N_, Label
from broadcaster.web.shown.announcements import ClipView, clip_view

TASK = {
    MISSING: Label(N_("To be recorded"), "ring", "off"),
    WAITING: Label(N_("To be listened to"), "clock", "wait"),
    REJECTED: Label(N_("To be recorded again"), "back", "bad"),
    ACCEPTED: Label(N_("Ready"), "check", "ok"),
}
KIND = {
    PieceKind.PHRASE: N_("Phrases"),
    PieceKind.HOUR: N_("Hours"),
    PieceKind.MINUTE: N_("Minutes"),
    PieceKind.DAY: N_("Days"),
    PieceKind.MONTH: N_("Months"),
    PieceKind.NUMBER: N_("Numbers"),
    PieceKind.PLACE: N_("Villages"),
}
SLOT = {
    "time": N_("Hour and minute"),
    "date": N_("Day and month"),
    "number": N_("Number"),
    "place": N_("Village"),
    "hour": N_("Hour"),
    "day": N_("Day"),
    "month": N_("Month"),
}
# What the usual sentences call their slots, where the kind alone would not tell two of them apart.
NAMED = {"start": N_("From"), "end": N_("Until"), "age": N_("Age in years")}


@dataclass(frozen=True, slots=True)
class Row:
    """One language of the list."""

    language: Language
    far: Progress | None


@dataclass(frozen=True, slots=True)
class Group:
    """All pieces of one kind."""

    title: str
    tasks: tuple[Task, ...]

    @property
    def ready(self) -> int:
        """How many are accepted."""
        return sum(task.state == ACCEPTED for task in self.tasks)


@dataclass(frozen=True, slots=True)
class ToHear:
    """A recording that waits for a second person; `action` is where the form goes."""

    action: str
    says: str
    clip: ClipView
    by: str
    at: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """A pattern with its parts as words; a slot stands in brackets."""

    key: str
    meaning: str
    parts: tuple[tuple[str, bool], ...]
    """Words, and whether they are a slot."""


@dataclass(frozen=True, slots=True)
class Bank:
    """One language's page."""

    language: Language
    far: Progress | None
    speaks: bool
    groups: tuple[Group, ...]
    to_hear: tuple[ToHear, ...]
    sentences: tuple[Sentence, ...]
    next: str
    """The piece to be recorded next; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill into a sentence; `type` is that of the input."""

    name: str
    label: str
    type: str
    mark: str = ""
    """Tells apart what has the same label."""
    options: tuple[tuple[str, str], ...] = ()


INPUTS = {"time": "time", "date": "date", "place": "select"}


def rows(session: Session) -> list[Row]:
    """Every language, those that have been begun first."""
    far = takes.progress(session)
    every = [Row(language, far.get(tag)) for tag, language in LANGUAGES.items()]
    return sorted(every, key=lambda row: row.far is None)


def bank(session: Session, me: Actor, language: Language) -> Bank:
    """Everything on the page of one language."""
    tag = language.tag
    every = takes.tasks(session, tag)
    found = [(kind, tuple(task for task in every if task.phrase.kind == kind)) for kind in PieceKind]
    return Bank(
        language=language,
        far=takes.progress(session).get(tag),
        speaks=native_speakers.speaks(session, me, tag),
        groups=tuple(Group(KIND[kind], tasks) for kind, tasks in found if tasks),
        to_hear=tuple(_to_hear(session, me, tag)),
        sentences=tuple(sentence(row, every) for row in voice_bank.patterns(session, tag)),
        next=next_task(every),
    )


def next_task(every: Iterable[Task], after: str = "") -> str:
    """The piece to be recorded next, after this one, and from the first again behind the last; empty: none is left."""
    order = list(every)
    start = next((place for place, task in enumerate(order, 1) if task.phrase.id == after), 0)
    turned = order[start:] + order[:start]
    return next((task.phrase.id for task in turned if task.state in {MISSING, REJECTED}), "")


def sentence(row: Pattern, every: Iterable[Task]) -> Sentence:
    """A pattern in the words of whoever records."""
    words = {task.phrase.key: task.phrase.meaning for task in every if task.phrase.kind == PieceKind.PHRASE}
    parts = [
        (words.get(part["phrase"], part["phrase"]), False) if "phrase" in part else (slot_label(part), True)
        for part in row.parts["parts"]
    ]
    return Sentence(row.key, row.meaning, tuple(parts))


def _to_hear(session: Session, me: Actor, tag: str) -> Iterable[ToHear]:
    pieces, whole = takes.waiting(session, tag), reviews.waiting(session, tag)
    people = {take.recorded_by for take, _ in pieces} | {clip.made_by for clip, _ in whole}
    names = {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))}
    sounds = {take.clip_sha256 for take, _ in pieces}
    clips = {clip.sha256: clip for clip in session.scalars(select(Clip).where(Clip.sha256.in_(sounds)))}
    for clip, announcement in whole:
        mine, by = clip.made_by == me.person_id, names.get(clip.made_by or "", "")
        action = f"/voices/{tag}/recordings/{clip.sha256}"
        yield ToHear(action, announcement.title, clip_view(clip), by, clip.created_at, mine)
    for take, phrase in pieces:
        mine, by = take.recorded_by == me.person_id, names.get(take.recorded_by, "")
        sound = clip_view(clips[take.clip_sha256])
        yield ToHear(f"/voices/{tag}/takes/{take.id}", phrase.meaning, sound, by, take.recorded_at, mine)


def slot_label(part: Mapping[str, str]) -> str:
    """What is to be filled into a slot."""
    return NAMED.get(part["slot"]) or SLOT[part["kind"]]


def fields(session: Session, row: Pattern, units: frozenset[str]) -> tuple[Field, ...]:
    """What there is to fill into a sentence; of villages those among `units`."""
    slots = [part for part in row.parts["parts"] if "slot" in part]
    villages = _villages(session, units) if any(part["kind"] == "place" for part in slots) else ()
    labels = [slot_label(part) for part in slots]
    return tuple(
        Field(
            part["slot"],
            labels[place],
            INPUTS.get(part["kind"], "number"),
            str(place + 1) if labels.count(labels[place]) > 1 else "",
            villages if part["kind"] == "place" else (),
        )
        for place, part in enumerate(slots)
    )


def _villages(session: Session, units: frozenset[str]) -> tuple[tuple[str, str], ...]:
    query = select(Unit.id, Unit.name).where(Unit.id.in_(units), Unit.closed_at.is_(None)).order_by(Unit.name)
    return tuple((row.id, row.name) for row in session.execute(query))
