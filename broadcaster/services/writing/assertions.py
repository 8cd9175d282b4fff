"""Answering in person for a live emergency: two different people, each with a second factor, within five minutes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import EditedSince, SecondFactorNeeded, TwoPersonsNeeded
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.people import second_factor
from broadcaster.services.people.second_factor import Second
from broadcaster.services.people.vault import Vault
from broadcaster.store.tables import Announcement, Assertion
from firmware_config.protocol import Kind, Klass

FRESH = timedelta(minutes=5)


def needed(announcement: Announcement) -> bool:
    """Whether it is a live emergency."""
    return announcement.klass == Klass.EMERGENCY and announcement.kind == Kind.LIVE


def make(
    session: Session,
    actor: Actor,
    announcement: Announcement,
    second: Second | None,
    vault: Vault | None,
    *,
    now: datetime,
) -> Assertion:
    """Note that the actor answers for exactly this content. Raises EditedSince, and what second_factor.verify does."""
    if announcement.content_sha256 is None:
        raise EditedSince
    if vault is None:
        raise SecondFactorNeeded
    method = second_factor.verify(session, actor, second, vault, now=now, about=announcement.id)
    made = Assertion(
        id=new_id(now),
        content_sha256=announcement.content_sha256,
        person_id=actor.person_id,
        person_name=actor.name,
        method=method,
        at=now,
    )
    announcement.assertions.append(made)
    session.flush()
    details = {"revision": announcement.revision, "content": announcement.content_sha256, "method": method.value}
    subject = ("announcement", announcement.id)
    audit.record(session, actor, "assert", subject, now=now, unit=announcement.unit_id, details=details)
    return made


def fresh(session: Session, announcement: Announcement, *, now: datetime) -> Sequence[Assertion]:
    """Who answered for exactly these words within the last five minutes, the latest first."""
    session.flush()
    wanted = select(Assertion).where(
        Assertion.announcement_id == announcement.id,
        Assertion.content_sha256 == announcement.content_sha256,
        Assertion.at > now - FRESH,
        Assertion.at <= now,
    )
    return session.scalars(wanted.order_by(Assertion.at.desc())).all()


def require_two(session: Session, announcement: Announcement, *, now: datetime) -> None:
    """Raise TwoPersonsNeeded unless two different people answer for it now, one of whom wrote none of it."""
    people = {each.person_id for each in fresh(session, announcement, now=now)}
    if len(people) < 2 or not people - {announcement.author_id, *announcement.writers}:
        raise TwoPersonsNeeded
