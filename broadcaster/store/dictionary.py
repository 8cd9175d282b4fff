"""How communes want words to be read aloud."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.store import places
from broadcaster.store.tables import DictionaryEntry


def of_unit(session: Session, unit_id: str, language: str) -> dict[str, str]:
    """What is read otherwise in a unit, written → spoken: its own entries before those of the units above it."""
    found: dict[str, str] = {}
    for unit in places.path(session, unit_id):
        wanted = select(DictionaryEntry).where(DictionaryEntry.unit_id == unit, DictionaryEntry.language == language)
        rows = session.scalars(wanted.where(DictionaryEntry.removed_at.is_(None)).order_by(DictionaryEntry.id))
        for row in rows:
            # Nearer wins in whichever case it is written there.
            found = {written: said for written, said in found.items() if written.lower() != row.written.lower()}
            found[row.written] = row.spoken
    return found
