"""What waits for this person's decision."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_timedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.announcement import State
from broadcaster.domain.audience import Choice, ChoiceKind, resolve
from broadcaster.domain.errors import NotAllowed
from broadcaster.domain.permissions import Action, units_of
from broadcaster.services.actor import Actor
from broadcaster.services.places import audiences
from broadcaster.services.writing import assertions
from broadcaster.store import places
from broadcaster.store.tables import Announcement, Speaker
from broadcaster.web.i18n import say
from broadcaster.web.labels import N_
from broadcaster.web.shown.announcements import Brief, brief, listed
from broadcaster.web.shown.decisions import waited
from broadcaster.web.shown.sight import Sight, sight

JUST_NOW = N_("less than a minute")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the queue."""

    brief: Brief
    emergency: bool
    waited: str
    """How long, in words."""
    speakers: int


def waiting_for(session: Session, seen: Sight, language: str, *, now: datetime) -> list[Waiting]:
    """Submitted announcements of the units this person approves for, written by others.

    Emergencies come first, then whatever has waited longest.
    """
    mine = (Announcement.state == State.SUBMITTED, Announcement.unit_id.in_(_units(session, seen.actor)))
    rows = [(row, author) for row, author in session.execute(listed(seen, *mine)).all()]
    open_to_me = [(row, author) for row, author in rows if not _wrote(seen.actor, row)]
    open_to_me.sort(key=lambda pair: (not assertions.needed(pair[0]), pair[0].submitted_at or now))
    if not open_to_me:
        return []
    pretended = set(session.scalars(select(Speaker.id).where(Speaker.pretend)))
    known = [place for place in places.speakers_in_service(session) if place.speaker not in pretended]
    heard: dict[frozenset[Choice], int] = {}
    for row, _ in open_to_me:
        chosen = _chosen(seen, row)
        if chosen not in heard:
            heard[chosen] = len(resolve(chosen, seen.tree, known))
    return [
        Waiting(brief(row, author, seen), assertions.needed(row), age(row, language, now), heard[_chosen(seen, row)])
        for row, author in open_to_me
    ]


def _chosen(seen: Sight, row: Announcement) -> frozenset[Choice]:
    """Its audience without units that are no more."""
    choices = audiences.choices(row)
    return frozenset(one for one in choices if one.kind is not ChoiceKind.UNIT or one.ref in seen.tree.parents)


def age(row: Announcement, language: str, now: datetime) -> str:
    """How long it has been waiting, in words."""
    past = waited(row, now)
    if past < timedelta(minutes=1):
        return say(language, JUST_NOW)
    return str(format_timedelta(past, locale=language, granularity="minute", threshold=1))


def _wrote(actor: Actor, row: Announcement) -> bool:
    return actor.person_id in {row.author_id, *row.writers, row.submitted_by}


def is_writer(session: Session, actor: Actor, announcement_id: str) -> bool:
    """Whether this person wrote some of it or asked for it to be heard."""
    return _wrote(actor, session.get_one(Announcement, announcement_id))


def how_many(session: Session, actor: Actor) -> int:
    """The number beside “Approve” in the menu."""
    # Asked on every page: only what decides whether it is theirs, and the tree only where something waits at all.
    wanted = select(Announcement.unit_id, Announcement.author_id, Announcement.writers, Announcement.submitted_by)
    rows = session.execute(wanted.where(Announcement.state == State.SUBMITTED, Announcement.part_of_id.is_(None)))
    waiting = [unit for unit, author, writers, by in rows if actor.person_id not in {author, *writers, by}]
    units = _units(session, actor) if waiting else frozenset()
    return sum(unit in units for unit in waiting)


def _units(session: Session, actor: Actor) -> frozenset[str]:
    if not units_of(actor.grants, Action.APPROVE):
        return frozenset()
    try:
        return sight(session, actor, Action.APPROVE).units
    except NotAllowed:
        return frozenset()
