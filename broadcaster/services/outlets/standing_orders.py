"""Alerts of a source that are heard without a person: asked for by one approver, granted by another, bound to whom is
believed; whoever may withdraw ends it at once.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.cap.incoming import Rule, rule_of
from broadcaster.domain.cap.message import Message
from broadcaster.domain.cap.reading import read
from broadcaster.domain.errors import LoaError, NoOrder, NotAllowed, OwnOrder
from broadcaster.domain.permissions import Action, Grant, covering
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.people import people, second_factor
from broadcaster.services.people.second_factor import Second
from broadcaster.services.people.vault import Vault
from broadcaster.store import places
from broadcaster.store.tables import Announcement, CapMessage, CapSource

ASKED, GRANTED = "asked", "granted"
PROGRAM = "cap:"
"""Before a source's id: what stands where a person's id would."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One of the two who said so."""

    person_id: str
    name: str
    stead: str
    """For whom, if it was in somebody's stead."""
    at: str


@dataclass(frozen=True, slots=True)
class Order:
    """A standing order: asked for, and with a second voice in force."""

    rule: Rule
    asked: Voice
    granted: Voice | None
    about: str
    """The hash of the rule and of whom it believes."""


def waiting(source: CapSource) -> Order | None:
    """What was asked for and not granted yet."""
    return _order(source, source.by_itself.get(ASKED))


def written(source: CapSource) -> Order | None:
    """What was granted, whether it still counts or not."""
    return _order(source, source.by_itself.get(GRANTED))


def in_force(session: Session, source: CapSource, *, now: datetime) -> Order | None:
    """The order that counts now: granted about exactly this source, by two who still may approve there."""
    order = written(source)
    if order is None or order.granted is None or order.about != about(source, order.rule) or not source.enabled:
        return None
    path, one, other = places.path(session, source.unit_id), order.asked.person_id, order.granted.person_id
    held = ({right.deputy_for for right in _held(session, each, path, now)} for each in (one, other))
    # They are two only while they are it without one another, and not both in the stead of a third.
    two = any({one, mine} & {other, theirs} <= {""} for mine, theirs in product(*held))
    return order if two else None


def about(source: CapSource, rule: Rule) -> str:
    """What two people look at: the rule, and everything by which a message is believed."""
    value = [
        source.id,
        source.unit_id,
        source.url,
        sorted(source.senders),
        source.certificate,
        source.trust,
        rule.to_json(),
    ]
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def ask(
    session: Session,
    actor: Actor,
    source: CapSource,
    wanted: Mapping[str, object],
    *,
    second: Second | None,
    vault: Vault,
    now: datetime,
) -> Order:
    """Ask that alerts under a rule be heard without a person; nothing changes yet.

    Raises NotAllowed, Malformed, and what a second factor does.
    """
    right = _rights(session, actor, source)[0]
    rule = rule_of(wanted, source.senders)
    second_factor.verify(session, actor, second, vault, now=now, about=source.id)
    asked = {
        "rule": rule.to_json(),
        "about": about(source, rule),
        "asked": _voice(actor, right, now),
    }
    source.by_itself = dict(source.by_itself) | {ASKED: asked}
    session.flush()
    _note(session, actor, "order_ask", source, now, rule=rule)
    return _required(waiting(source))


def grant(
    session: Session,
    actor: Actor,
    source: CapSource,
    read_about: str,
    *,
    second: Second | None,
    vault: Vault,
    now: datetime,
) -> Order:
    """Let it be so: somebody else who may approve, about exactly what they read. Raises NoOrder, OwnOrder, NotAllowed,
    and what a second factor does.
    """
    rights = _rights(session, actor, source)
    asked = waiting(source)
    if asked is None or asked.about != read_about or asked.about != about(source, asked.rule):
        raise NoOrder
    # Somebody and whoever stands in for them are one voice, in whichever order they come.
    theirs = {asked.asked.person_id, asked.asked.stead} - {""}
    usable = [right for right in rights if right.deputy_for not in theirs]
    if actor.person_id in theirs or not usable:
        raise OwnOrder
    second_factor.verify(session, actor, second, vault, now=now, about=source.id)
    granted = dict(source.by_itself[ASKED]) | {"granted": _voice(actor, usable[0], now)}
    source.by_itself = {GRANTED: granted}
    session.flush()
    _note(session, actor, "order_grant", source, now, rule=asked.rule, asked_by=asked.asked.name)
    return _required(written(source))


def end(session: Session, actor: Actor, source: CapSource, *, now: datetime) -> None:
    """Every alert waits for people again; one person is enough for that. Raises NotAllowed."""
    actor.require(Action.WITHDRAW, places.path(session, source.unit_id))
    drop(session, actor, source, now=now)


def drop(session: Session, actor: Actor, source: CapSource, *, now: datetime) -> None:
    """What was asked or granted about a source that is not the same any more counts no longer."""
    if source.by_itself:
        source.by_itself = {}
        session.flush()
        _note(session, actor, "order_end", source, now)


def behind(session: Session, announcement: Announcement, *, now: datetime) -> bool:
    """Whether an order in force stands behind exactly this announcement, which nobody has changed since.

    Looked at by the signer: it does not matter who says that it does.
    """
    wanted = select(CapMessage).where(CapMessage.announcement_id == announcement.id)
    row = session.scalars(wanted.order_by(CapMessage.id.desc()).limit(1)).first()
    source = session.get(CapSource, row.source_id) if row else None
    if row is None or source is None:
        return False
    order = in_force(session, source, now=now)
    program = program_of(source).person_id
    if order is None or order.granted is None or {announcement.author_id, *announcement.writers} != {program}:
        return False
    voices = {order.asked.person_id, order.granted.person_id}
    given = {one.person_id for one in announcement.approvals if _stands(one.approved, one.content_sha256, announcement)}
    return voices <= given and order.rule.fits(message_of(row))


def message_of(row: CapMessage) -> Message:
    """The message as it was believed."""
    return read(row.raw.encode())


def program_of(source: CapSource) -> Actor:
    """In whose name a source's alerts are written: no person's."""
    return Actor(PROGRAM + source.id, source.name, origin="cap")


def _stands(approved: bool, content: str, announcement: Announcement) -> bool:
    return approved and content == announcement.content_sha256


def _rights(session: Session, actor: Actor, source: CapSource) -> list[Grant]:
    rights = covering(actor.grants, Action.APPROVE, places.path(session, source.unit_id))
    if not rights:
        raise NotAllowed(action=Action.APPROVE)
    return rights


def _held(session: Session, person_id: str, path: Sequence[str], now: datetime) -> list[Grant]:
    with suppress(LoaError):
        return list(covering(people.actor_of(session, person_id, origin="", now=now).grants, Action.APPROVE, path))
    return []


def _order(source: CapSource, kept: object) -> Order | None:
    if not isinstance(kept, dict):
        return None
    granted = kept.get("granted")
    # A sender that is allowed no longer makes the whole order void; then it is not shown as one either.
    with suppress(LoaError):
        rule = rule_of(kept["rule"], source.senders)
        return Order(rule, Voice(**kept["asked"]), Voice(**granted) if granted else None, str(kept["about"]))
    return None


def _required(order: Order | None) -> Order:
    assert order is not None
    return order


def _voice(actor: Actor, right: Grant, now: datetime) -> dict[str, Any]:
    return {"person_id": actor.person_id, "name": actor.name, "stead": right.deputy_for, "at": now.isoformat()}


def _note(
    session: Session,
    actor: Actor,
    action: str,
    source: CapSource,
    now: datetime,
    *,
    rule: Rule | None = None,
    **more: str,
) -> None:
    details = {"name": source.name, **(rule.to_json() if rule else {}), **more}
    audit.record(session, actor, action, ("cap_source", source.id), now=now, unit=source.unit_id, details=details)
