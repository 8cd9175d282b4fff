"""Who is asked to speak for a silent loudspeaker: what the holder of a link sees, and what the commune does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from broadcaster.domain import stand_in
from broadcaster.domain.errors import NotFound
from broadcaster.domain.permissions import Role
from broadcaster.domain.stand_in import Cause, State
from broadcaster.services.alarms import stand_in_answers
from broadcaster.services.outlets import reaching
from broadcaster.services.outlets.stand_in_queue import names
from broadcaster.store.tables import Announcement, Grant, Person, StandIn, StandInMessage, Unit
from broadcaster.web.labels import COPY, KLASS, STAND_IN, Label, label
from broadcaster.web.shown.sight import Sight
from firmware_config.protocol import Kind

KEPT_IN_SIGHT = timedelta(days=2)
MOST = 200


@dataclass(frozen=True, slots=True)
class Words:
    """What is to be said in one language; empty where it was recorded."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Saying:
    """All that a link shows, and nothing else of the commune."""

    title: str
    klass: str
    drill: bool
    place: str
    state: State
    spoken: bool
    """It takes back what a person said here."""
    speakers: tuple[str, ...]
    since: datetime
    escalate_at: datetime
    texts: tuple[Words, ...]
    listen: str
    named: bool
    answered_at: datetime | None
    answered_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One person who is asked, how they are called, and how far the message got."""

    name: str
    phone: str
    told: Label | None
    """None = there is no channel."""


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the commune's list, and its page."""

    id: str
    airing_id: str
    announcement_id: str
    unit_id: str
    unit: str
    title: str
    klass: Label
    kind: str
    state: Label
    spoken: bool
    speakers: tuple[str, ...]
    since: datetime
    opened_at: datetime
    escalate_at: datetime
    ended_at: datetime | None
    answered_by: str
    on_behalf: bool
    reason: str
    texts: tuple[Words, ...]
    people: tuple[Asked, ...]
    waiting: bool
    urgent: bool
    """The commune itself must see to it."""
    withdrawn: bool
    may_answer: bool


def saying(session: Session, row: StandIn, *, named: bool, now: datetime) -> Saying:
    """What the holder of a link reads; where it must not be said any more the words are left out."""
    state = stand_in_answers.state_now(session, row, now=now)
    waiting = state in stand_in.WAITING
    announcement = session.get_one(Announcement, row.announcement_id)
    return Saying(
        title=row.words["title"],
        klass=row.klass,
        drill=row.kind == Kind.DRILL,
        place=session.get_one(Unit, row.unit_id).name,
        state=state,
        spoken=row.cause == Cause.SPOKEN,
        speakers=tuple(names(session, row.speakers)),
        since=row.since,
        escalate_at=row.escalate_at,
        texts=_texts(row) if waiting else (),
        listen=f"/n/{announcement.public_id}",
        named=named,
        answered_at=row.answered_at,
        answered_by=row.answered_by_name,
        reason=row.reason,
    )


def _texts(row: StandIn) -> tuple[Words, ...]:
    return tuple(Words(language, text) for language, text in row.words["texts"])


def requests(session: Session, seen: Sight, *, now: datetime, ended: bool = True) -> list[Request]:
    """Those in sight that wait for somebody, the most pressing first, then (`ended`) the latest that ended."""
    urgent = or_(StandIn.state.in_(stand_in.WAITING), (StandIn.state == State.COULD_NOT) & (StandIn.expires_at > now))
    wanted = or_(urgent, StandIn.opened_at > now - KEPT_IN_SIGHT) if ended else urgent
    first = case((StandIn.state == State.ESCALATED, 0), (StandIn.state == State.COULD_NOT, 1), else_=2)
    rows = session.scalars(
        select(StandIn)
        .where(StandIn.unit_id.in_(seen.units), wanted)
        .order_by(case((urgent, 0), else_=1), first, StandIn.opened_at.desc(), StandIn.id)
        .limit(MOST)
    ).all()
    return [view(session, seen, row, now=now) for row in rows]


def find(session: Session, seen: Sight, stand_in_id: str) -> StandIn:
    """One request within sight. Raises NotFound."""
    row = session.get(StandIn, stand_in_id)
    if row is None or row.unit_id not in seen.units:
        raise NotFound(what="stand-in", id=stand_in_id[:64])
    return row


def view(session: Session, seen: Sight, row: StandIn, *, now: datetime) -> Request:
    """One request as the people of its village and of the commune see it."""
    may = stand_in_answers.may_answer(seen.actor, seen.tree.path(row.unit_id))
    return Request(
        id=row.id,
        airing_id=row.airing_id,
        announcement_id=row.announcement_id,
        unit_id=row.unit_id,
        unit=seen.names_of(row.unit_id),
        title=row.words["title"],
        klass=label(KLASS, row.klass),
        kind=row.kind,
        state=label(STAND_IN, row.state),
        spoken=row.cause == Cause.SPOKEN,
        speakers=tuple(names(session, row.speakers)),
        since=row.since,
        opened_at=row.opened_at,
        escalate_at=row.escalate_at,
        ended_at=row.ended_at,
        answered_by=row.answered_by_name,
        on_behalf=row.on_behalf,
        reason=row.reason,
        texts=_texts(row),
        people=_people(session, row, now) if may else (),
        waiting=row.state in stand_in.WAITING,
        urgent=row.state in stand_in.FOR_THE_COMMUNE and now < row.expires_at,
        withdrawn=row.state == State.WITHDRAWN,
        may_answer=may,
    )


def _people(session: Session, row: StandIn, now: datetime) -> tuple[Asked, ...]:
    messages = select(StandInMessage).where(StandInMessage.stand_in_id == row.id, StandInMessage.action == "ask")
    told = {each.person_id: each.state for each in session.scalars(messages.order_by(StandInMessage.id))}
    asked = {head.person_id: head for head in reaching.heads(session, row.unit_id, now=now)}
    gone = session.scalars(select(Person).where(Person.id.in_(told.keys() - asked.keys())))
    known = [*((each.person_id, each.name, each.phone) for each in asked.values()), *((p.id, p.name, "") for p in gone)]
    return tuple(Asked(name, phone, label(COPY, told[who]) if who in told else None) for who, name, phone in known)


def of_airing(session: Session, seen: Sight, airing_id: str, *, now: datetime) -> Sequence[Request]:
    """The requests about one airing, within sight."""
    mine = (StandIn.airing_id == airing_id, StandIn.unit_id.in_(seen.units))
    return [view(session, seen, row, now=now) for row in session.scalars(select(StandIn).where(*mine))]


@dataclass(frozen=True, slots=True)
class Reachable:
    """One village head and how they are reached."""

    id: str
    name: str
    units: str
    phone: str
    chat: str


def reachable(session: Session, seen: Sight, unit_id: str) -> list[Reachable]:
    """The village heads of a unit and of those below it."""
    inside = seen.tree.under(unit_id) & seen.units
    rows = select(Person, Grant.unit_id).join(Grant, Grant.person_id == Person.id).where(Grant.unit_id.in_(inside))
    held: dict[str, tuple[Person, list[str]]] = {}
    for person, unit in session.execute(
        rows.where(Grant.role == Role.VILLAGE_HEAD, Person.disabled_at.is_(None)).order_by(Person.name, Grant.unit_id)
    ):
        held.setdefault(person.id, (person, []))[1].append(seen.names_of(unit))
    return [
        Reachable(person.id, person.name, ", ".join(units), person.phone, reaching.chat_of(session, person.id))
        for person, units in held.values()
    ]
