"""Loudspeakers tended from afar: what is decided about one, by whom, and setting it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import UnknownSpeaker
from broadcaster.domain.permissions import Action
from broadcaster.domain.tending import NAMES, Care, cared, checked, difference, tended
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.store import outbox, places
from broadcaster.store.tables import AuditEntry, Speaker

TEST_LIFE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Change:
    """The last one of a loudspeaker's settings."""

    seq: int
    person: str
    at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def tend(session: Session, actor: Actor, speaker_id: str, given: Mapping[str, Any], *, now: datetime) -> Care:
    """Decide some of its settings (names of `Care`); it is told with its next manifest, what is not given stays.

    Raises UnknownSpeaker, NotAllowed and what `checked` raises.
    """
    row = held(session, actor, speaker_id)
    before = cared(row)
    after = checked(tended(before, given))
    details = difference(before, after)
    if not details["after"]:
        return after
    for name, value in details["after"].items():
        setattr(row, name, value)
    audit.record(session, actor, "tend", ("speaker", speaker_id), now=now, unit=row.unit_id, details=details)
    outbox.want(session, "manifest", [speaker_id], now=now)
    return after


def self_test(session: Session, actor: Actor, speaker_id: str, *, now: datetime) -> None:
    """Have it sound and measure a tone now; one that is not connected within a minute never does.

    Raises UnknownSpeaker, NotAllowed.
    """
    row = held(session, actor, speaker_id)
    audit.record(session, actor, "self_test", ("speaker", speaker_id), now=now, unit=row.unit_id)
    outbox.want(session, "self_test", [speaker_id], now=now, expires=now + TEST_LIFE)


def last_change(session: Session, speaker_id: str) -> Change | None:
    """Who changed what last, and how it was before."""
    wanted = select(AuditEntry).where(
        AuditEntry.subject_kind == "speaker", AuditEntry.subject_id == speaker_id, AuditEntry.action == "tend"
    )
    row = session.scalars(wanted.order_by(AuditEntry.seq.desc()).limit(1)).first()
    if row is None:
        return None
    before, after = ({name: told[name] for name in NAMES & set(told)} for told in _told(row))
    return Change(row.seq, row.person_name, row.at, before, after)


def set_back(session: Session, actor: Actor, speaker_id: str, seq: int, *, now: datetime) -> bool:
    """Undo the change of that number if it is still the last; whether it was.

    Raises UnknownSpeaker, NotAllowed and what `checked` raises.
    """
    held(session, actor, speaker_id)
    change = last_change(session, speaker_id)
    if change is None or change.seq != seq:
        return False
    tend(session, actor, speaker_id, change.before, now=now)
    return True


def held(session: Session, actor: Actor, speaker_id: str) -> Speaker:
    """One in service that the actor may tend, while nobody else changes it. Raises UnknownSpeaker, NotAllowed."""
    row = session.get(Speaker, speaker_id, with_for_update=True)
    if row is None or row.revoked_at is not None:
        raise UnknownSpeaker(id=speaker_id)
    actor.require(Action.TEND_SPEAKERS, places.path(session, row.unit_id))
    return row


def _told(row: AuditEntry) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return row.details["before"], row.details["after"]
