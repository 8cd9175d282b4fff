"""Exceptions: two persons let one announcement be heard in one unit outside its rules, for a limited time."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from broadcaster.domain.announcement import State
from broadcaster.domain.errors import Malformed, NotApproved, NotFound, OverrideDecided, OverrideTooLong, OwnOverride
from broadcaster.domain.permissions import Action, Grant, covering
from broadcaster.domain.words import prose
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.hours import renewing
from broadcaster.services.ids import new_id
from broadcaster.store import places
from broadcaster.store import rules as stored
from broadcaster.store.tables import Announcement, Override

LONGEST = timedelta(hours=12)
ALIVE = frozenset({State.DRAFT, State.SUBMITTED, State.APPROVED})


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for."""

    unit_id: str
    announcement_id: str
    starts: datetime
    ends: datetime
    reason: str


def ask(session: Session, actor: Actor, asked: Asked, *, now: datetime) -> Override:
    """Ask that an announcement may be heard in a unit at a time that its rules close; nothing changes yet.

    Raises NotAllowed, NotFound, OverrideTooLong, Malformed, NotApproved, UnknownUnit.
    """
    actor.require(Action.AIR, places.path(session, asked.unit_id))
    announcement = _announcement(session, asked.announcement_id)
    actor.require(Action.SEE, places.path(session, announcement.unit_id))
    if announcement.state not in ALIVE:
        raise NotApproved
    if not asked.starts < asked.ends <= asked.starts + LONGEST or asked.ends <= now:
        raise OverrideTooLong(hours=LONGEST // timedelta(hours=1))
    reason = prose(asked.reason)
    if not 3 <= len(reason) <= 500:
        raise Malformed(field="reason", problem="3–500")
    override = Override(
        id=new_id(now),
        unit_id=asked.unit_id,
        announcement_id=announcement.id,
        starts=asked.starts,
        ends=asked.ends,
        reason=reason,
        asked_by=actor.person_id,
        asked_by_name=actor.name,
        asked_at=now,
    )
    session.add(override)
    session.flush()
    _note(session, actor, "override_ask", override, now)
    return override


def grant(session: Session, actor: Actor, override_id: str, *, now: datetime) -> Override:
    """Let it be so: somebody who may approve there and neither asked nor wrote. Raises OwnOverride, OverrideDecided."""
    override = _decide(session, actor, override_id, granted=True, now=now)
    _note(session, actor, "override_grant", override, now)
    renewing.rules_changed(session, [override.unit_id], now=now)
    return override


def refuse(session: Session, actor: Actor, override_id: str, *, now: datetime) -> Override:
    """It shall not be so; also whoever asked may take their wish back so. Raises OverrideDecided, NotAllowed."""
    override = _decide(session, actor, override_id, granted=False, now=now)
    _note(session, actor, "override_refuse", override, now)
    return override


def take_back(session: Session, actor: Actor, override_id: str, *, now: datetime) -> Override:
    """End a granted exception before its time; whoever may withdraw there may. Raises OverrideDecided, NotAllowed."""
    override = _find(session, override_id)
    actor.require(Action.WITHDRAW, places.path(session, override.unit_id))
    if not override.granted or override.ended_at is not None or override.ends <= now:
        raise OverrideDecided
    override.ended_at = now
    session.flush()
    _note(session, actor, "override_end", override, now)
    renewing.rules_changed(session, [override.unit_id], now=now)
    return override


class Step(StrEnum):
    """What can be decided about an exception."""

    GRANT = "grant"
    REFUSE = "refuse"
    END = "end"


STEPS: Mapping[Step, Callable[..., Override]] = {Step.GRANT: grant, Step.REFUSE: refuse, Step.END: take_back}


def of_unit(session: Session, actor: Actor, unit_id: str, *, now: datetime) -> list[Override]:
    """What is asked for, granted or running in a unit and the units above it, the latest first."""
    path = places.path(session, unit_id)
    actor.require(Action.SEE, path)
    return stored.overrides_of(session, path, at=now)


def seen(session: Session, units: Collection[str], override_id: str) -> Override:
    """One exception of these units. Raises NotFound for any other."""
    override = session.get(Override, override_id)
    if override is None or override.unit_id not in units:
        raise NotFound(what="override", id=override_id)
    return override


def _decide(session: Session, actor: Actor, override_id: str, *, granted: bool, now: datetime) -> Override:
    override = _find(session, override_id)
    path = places.path(session, override.unit_id)
    mine = actor.person_id == override.asked_by
    if granted or not mine:
        actor.require(Action.APPROVE, path)
    if override.granted is not None or override.ends <= now:
        raise OverrideDecided
    announcement = _announcement(session, override.announcement_id)
    asking = {override.asked_by, announcement.author_id, *announcement.writers}
    # Held only in the stead of one of them, the right to grant is theirs.
    if granted and (actor.person_id in asking or all(one.deputy_for in asking for one in _rights(actor, path))):
        raise OwnOverride
    override.granted = granted
    override.decided_by, override.decided_by_name, override.decided_at = actor.person_id, actor.name, now
    session.flush()
    return override


def _rights(actor: Actor, path: Collection[str]) -> list[Grant]:
    return covering(actor.grants, Action.APPROVE, path)


def _find(session: Session, override_id: str) -> Override:
    # Two who decide at once wait for each other, and the second finds it decided.
    override = session.get(Override, override_id, with_for_update=True, populate_existing=True)
    if override is None:
        raise NotFound(what="override", id=override_id)
    return override


def _announcement(session: Session, announcement_id: str) -> Announcement:
    announcement = session.get(Announcement, announcement_id)
    if announcement is None:
        raise NotFound(what="announcement", id=announcement_id)
    return announcement


def _note(session: Session, actor: Actor, action: str, override: Override, now: datetime) -> None:
    details = {
        "unit": override.unit_id,
        "override": override.id,
        "starts": override.starts.isoformat(),
        "ends": override.ends.isoformat(),
        "reason": override.reason,
        "asked_by": override.asked_by_name,
    }
    subject = ("announcement", override.announcement_id)
    audit.record(session, actor, action, subject, now=now, unit=override.unit_id, details=details)
