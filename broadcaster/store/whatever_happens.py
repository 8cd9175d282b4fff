"""What must be stored even when the transaction it happened in is not: a wrong code was tried."""

from collections.abc import Callable

from sqlalchemy.orm import Session

Note = Callable[[Session], None]
KEY = "loa_whatever_happens"


def note(session: Session, work: Note) -> None:
    """Do this in a transaction of its own once this one is over, whichever way it ends."""
    session.info.setdefault(KEY, []).append(work)


def noted(session: Session) -> list[Note]:
    """What was asked for, handed out once."""
    notes: list[Note] = session.info.pop(KEY, [])
    return notes
