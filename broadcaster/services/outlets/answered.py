"""What the commune answered residents in public, below the announcement it is about."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.store.tables import Feedback

MOST = 20


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer, and to which of the five words; what the resident wrote stays between them and the commune."""

    at: datetime
    what: str
    text: str


def in_public(session: Session, announcement_id: str) -> tuple[Answered, ...]:
    """The answers residents may read, the latest first; the same answer to several of them stands once."""
    rows = select(Feedback.answered_at, Feedback.what, Feedback.answer).where(
        Feedback.announcement_id == announcement_id, Feedback.answer_public
    )
    found: dict[str, Answered] = {}
    for at, what, text in session.execute(rows.order_by(Feedback.answered_at.desc()).limit(MOST)):
        if at is not None:
            found.setdefault(text, Answered(at, what, text))
    return tuple(found.values())
