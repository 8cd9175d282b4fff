"""The dictionary of a commune: what its machine reads otherwise than the rules say."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import dictionary as rules
from broadcaster.domain.errors import NotFound
from broadcaster.domain.permissions import Action
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.store import places
from broadcaster.store.dictionary import of_unit
from broadcaster.store.tables import DictionaryEntry

__all__ = ["entries", "get", "of_unit", "put", "remove"]


def put(
    session: Session, actor: Actor, unit_id: str, written: str, spoken: str, *, language: str, now: datetime
) -> DictionaryEntry:
    """From now on it is read so in this unit and below; what was said of the same word there is over.

    What was submitted or approved stays as it was heard. Raises UnknownUnit, NotAllowed, UnknownLanguage, Malformed.
    """
    actor.require(Action.WRITE, places.path(session, unit_id))
    tidy, said = rules.checked(language, written, spoken)
    for earlier in entries(session, [unit_id]):
        if (earlier.language, earlier.written.lower()) == (language, tidy.lower()):
            earlier.removed_at = now
    row = DictionaryEntry(
        id=new_id(now),
        unit_id=unit_id,
        language=language,
        written=tidy,
        spoken=said,
        made_by=actor.person_id,
        made_at=now,
    )
    session.add(row)
    session.flush()
    _note(session, actor, "dictionary", row, now)
    return row


def remove(session: Session, actor: Actor, entry_id: str, *, now: datetime) -> DictionaryEntry:
    """From now on the rules read it again. Raises NotFound, NotAllowed."""
    row = get(session, entry_id)
    actor.require(Action.WRITE, places.path(session, row.unit_id))
    row.removed_at = now
    session.flush()
    _note(session, actor, "dictionary_remove", row, now)
    return row


def get(session: Session, entry_id: str) -> DictionaryEntry:
    """One that holds. Raises NotFound."""
    row = session.get(DictionaryEntry, entry_id)
    if row is None or row.removed_at is not None:
        raise NotFound(what="dictionary entry", id=entry_id)
    return row


def entries(session: Session, units: Collection[str]) -> Sequence[DictionaryEntry]:
    """Those that hold in these units, by what is written."""
    holding = select(DictionaryEntry).where(DictionaryEntry.unit_id.in_(units), DictionaryEntry.removed_at.is_(None))
    return session.scalars(holding.order_by(DictionaryEntry.written, DictionaryEntry.id)).all()


def _note(session: Session, actor: Actor, action: str, row: DictionaryEntry, now: datetime) -> None:
    details = {"written": row.written, "spoken": row.spoken, "language": row.language}
    audit.record(session, actor, action, ("unit", row.unit_id), now=now, unit=row.unit_id, details=details)
