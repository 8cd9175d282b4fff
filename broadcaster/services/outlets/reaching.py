"""Who stands in for the loudspeakers of a village, and how they are reached: a phone number, a chat of their own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import Malformed, NotFound
from broadcaster.domain.permissions import Action, Role
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.store import places
from broadcaster.store.tables import Channel, Deputy, Grant, Person

_CHAT = re.compile(r"[\w.-]{1,64}", re.ASCII)
_PHONE = re.compile(r"\+?[0-9](?:[ .()-]?[0-9]){5,17}")


@dataclass(frozen=True, slots=True)
class Head:
    """One person who is asked."""

    person_id: str
    name: str
    phone: str
    channels: tuple[str, ...]
    """Ids of channels of their own that are switched on."""


def heads(session: Session, unit_id: str, *, now: datetime) -> tuple[Head, ...]:
    """The village heads of a unit with their deputies; where it has none, those of the nearest unit above."""
    for unit in reversed(places.path(session, unit_id)):
        if found := _heads(session, Person.id.in_(_appointed(session, unit, now))):
            return found
    return ()


def may_be_asked(session: Session, person: Person, unit_id: str, *, now: datetime) -> bool:
    """Whether somebody is head or deputy of a unit or of one above it at this moment."""
    appointed = (_appointed(session, unit, now) for unit in places.path(session, unit_id))
    return person.disabled_at is None and any(person.id in ids for ids in appointed)


def _appointed(session: Session, unit: str, now: datetime) -> set[str]:
    """The heads of the unit itself and their deputies."""
    holders = session.scalars(
        select(Grant.person_id).where(Grant.role == Role.VILLAGE_HEAD, Grant.unit_id == unit)
    ).all()
    here = (Deputy.deputy_for.in_(holders), Deputy.role == Role.VILLAGE_HEAD, Deputy.unit_id == unit)
    running = (Deputy.starts <= now, Deputy.ends > now, Deputy.ended_at.is_(None))
    return {*holders, *session.scalars(select(Deputy.person_id).where(*here, *running))}


def _heads(session: Session, wanted: ColumnElement[bool]) -> tuple[Head, ...]:
    people = session.scalars(select(Person).where(wanted, Person.disabled_at.is_(None)).order_by(Person.name)).all()
    own: dict[str | None, list[str]] = {}
    rows = select(Channel.person_id, Channel.id).where(Channel.person_id.in_([each.id for each in people]))
    for person_id, channel_id in session.execute(rows.where(Channel.enabled).order_by(Channel.id)):
        own.setdefault(person_id, []).append(channel_id)
    return tuple(Head(each.id, each.name, each.phone, tuple(own.get(each.id, ()))) for each in people)


def set_phone(session: Session, actor: Actor, person_id: str, phone: str, *, now: datetime) -> None:
    """Where somebody is called; empty = not known. Raises NotFound, NotAllowed, Malformed."""
    person, units = _tended(session, actor, person_id)
    number = phone.strip()
    if number and not _PHONE.fullmatch(number):
        raise Malformed(field="phone", problem="+84 912 345 678")
    person.phone = number
    details = {"has": bool(number)}
    audit.record(session, actor, "phone", ("person", person_id), now=now, unit=units[0], details=details)


def set_channel(
    session: Session,
    actor: Actor,
    person_id: str,
    *,
    kind: str,
    settings: Mapping[str, str],
    secret: str | None,
    now: datetime,
) -> Channel:
    """Give somebody a channel of their own in place of the one they had. Raises NotFound, NotAllowed."""
    person, units = _tended(session, actor, person_id)
    for old in session.scalars(select(Channel).where(Channel.person_id == person_id)):
        old.enabled = False
    channel = Channel(
        id=new_id(now),
        unit_id=units[0],
        person_id=person_id,
        kind=kind,
        name=person.name,
        settings=dict(settings),
        secret=secret,
        created_by=actor.person_id,
        created_at=now,
    )
    session.add(channel)
    session.flush()
    subject, said = ("channel", channel.id), {"kind": kind, "person": person_id}
    audit.record(session, actor, "own", subject, now=now, unit=units[0], details=said)
    return channel


def set_chat(session: Session, actor: Actor, person_id: str, chat_id: str, *, now: datetime) -> None:
    """In which chat the unit's own bot reaches somebody; empty = in none.

    Raises NotFound (also where there is no bot), NotAllowed, Malformed.
    """
    _person, units = _tended(session, actor, person_id)
    if chat_id and not _CHAT.fullmatch(chat_id):
        raise Malformed(field="chat", problem="a–z, 0–9, - _ .")
    bot = bot_of(session, units[0])
    # The same chat is set anew where its bot has another key by now.
    own = _own(session, person_id)
    if chat_id == chat_of(session, person_id) and not (chat_id and own and bot and own.secret != bot.secret):
        return
    if chat_id and bot is None:
        raise NotFound(what="channel", id="zalo_bot")
    for old in session.scalars(select(Channel).where(Channel.person_id == person_id)):
        old.enabled = False
    if chat_id and bot is not None:
        settings = {**bot.settings, "chat_id": chat_id}
        set_channel(session, actor, person_id, kind=bot.kind, settings=settings, secret=bot.secret, now=now)


def chat_of(session: Session, person_id: str) -> str:
    """The chat in which somebody is reached now; empty = none."""
    found = _own(session, person_id)
    return str(found.settings.get("chat_id", "")) if found else ""


def _own(session: Session, person_id: str) -> Channel | None:
    own = select(Channel).where(Channel.person_id == person_id, Channel.enabled).order_by(Channel.id.desc())
    return session.scalars(own.limit(1)).first()


def bot_of(session: Session, unit_id: str) -> Channel | None:
    """The chat bot that already writes into a group of this unit or of the nearest one above."""
    for unit in reversed(places.path(session, unit_id)):
        bots = select(Channel).where(Channel.unit_id == unit, Channel.kind == "zalo_bot", Channel.enabled)
        if found := session.scalars(bots.where(Channel.person_id.is_(None)).order_by(Channel.id).limit(1)).first():
            return found
    return None


def _tended(session: Session, actor: Actor, person_id: str) -> tuple[Person, Sequence[str]]:
    """A person with a role, whose units the actor all tends."""
    person = session.get(Person, person_id)
    grants = select(Grant.unit_id).where(Grant.person_id == person_id).order_by(Grant.unit_id)
    units = session.scalars(grants).all()
    if person is None or person.disabled_at or not units:
        raise NotFound(what="person", id=person_id)
    for unit in units:
        actor.require(Action.TEND_PEOPLE, places.path(session, unit))
    return person, units
