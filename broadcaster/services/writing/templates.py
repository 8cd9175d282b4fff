"""Announcements to start from, kept by a unit for itself and all below it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import announcement as announcements
from broadcaster.domain import templates as rules
from broadcaster.domain.announcement import Words
from broadcaster.domain.errors import Malformed, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.domain.words import line, prose
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.store import places
from broadcaster.store.tables import Template
from firmware_config.protocol import Kind, Klass


@dataclass(frozen=True, slots=True)
class Given:
    """A template as somebody writes it."""

    unit_id: str
    title: str
    texts: Mapping[str, str]
    """language → text."""
    klass: str = Klass.NORMAL
    category: str = "general"
    repeat: int = 2


def save(session: Session, actor: Actor, given: Given, *, template_id: str = "", now: datetime) -> Template:
    """Store a new template, or put other words into one.

    Raises NotFound, NotAllowed, and what an announcement with these words deserves; an emergency has its own texts.
    """
    actor.require(Action.WRITE, places.path(session, given.unit_id))
    row = _mine(session, actor, template_id) if template_id else Template(id=new_id(now), made_at=now)
    title, texts = line(given.title), {code: prose(text) for code, text in given.texts.items() if text.strip()}
    _check(given, title, texts)
    row.unit_id, row.title, row.versions = given.unit_id, title, texts
    row.klass, row.category, row.repeat = given.klass, given.category, given.repeat
    row.placeholders = rules.placeholders([title, *texts.values()])
    row.made_by, row.changed_at = actor.person_id, now
    session.add(row)
    session.flush()
    _note(session, actor, "template", row, now)
    return row


def remove(session: Session, actor: Actor, template_id: str, *, now: datetime) -> Template:
    """Offer it no more; what was written from it stays. Raises NotFound, NotAllowed."""
    row = _mine(session, actor, template_id)
    row.removed_at = now
    session.flush()
    _note(session, actor, "template_remove", row, now)
    return row


def get(session: Session, template_id: str) -> Template:
    """One that is offered. Raises NotFound."""
    row = session.get(Template, template_id)
    if row is None or row.removed_at is not None:
        raise NotFound(what="template", id=template_id)
    return row


def listed(session: Session, units: Collection[str]) -> Sequence[Template]:
    """Those of these units, by title."""
    offered = select(Template).where(Template.unit_id.in_(units), Template.removed_at.is_(None))
    return session.scalars(offered.order_by(Template.title, Template.id)).all()


def _mine(session: Session, actor: Actor, template_id: str) -> Template:
    row = get(session, template_id)
    actor.require(Action.WRITE, places.path(session, row.unit_id))
    return row


def _check(given: Given, title: str, texts: Mapping[str, str]) -> None:
    words = [Words(code, text, recorded=False) for code, text in texts.items()]
    announcements.check(title=title, versions=words, audience=1, repeat=given.repeat)
    announcements.check_labels(given.klass, Kind.LIVE, given.category, list(texts))
    if given.klass == Klass.EMERGENCY:
        raise Malformed(field="class", problem=f"{Klass.NORMAL}, {Klass.PRIORITY}")
    if len(rules.placeholders([title, *texts.values()])) > rules.MOST_PLACEHOLDERS:
        raise Malformed(field="text", problem=f"{{…}} ≤ {rules.MOST_PLACEHOLDERS}")


def _note(session: Session, actor: Actor, action: str, row: Template, now: datetime) -> None:
    audit.record(session, actor, action, ("unit", row.unit_id), now=now, unit=row.unit_id, details={"title": row.title})
