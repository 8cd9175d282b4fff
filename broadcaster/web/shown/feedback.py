"""What residents said, as whoever answers for it reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import NotFound
from broadcaster.domain.feedback import What
from broadcaster.domain.permissions import Action
from broadcaster.store import paging
from broadcaster.store.tables import Announcement, Feedback, Speaker
from broadcaster.web.labels import VOICE, Label, label
from broadcaster.web.shown.sight import Sight


@dataclass(frozen=True, slots=True)
class Voice:
    """What one resident said."""

    id: str
    at: datetime
    what: Label
    note: str
    place: str
    speaker_id: str
    speaker: str
    announcement_id: str
    title: str
    airing_id: str
    answer: str
    public: bool
    answered_at: datetime | None
    may_answer: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How many said one thing."""

    what: Label
    count: int


def voices(
    session: Session, seen: Sight, *, every: bool, airing: str = "", after: str | None = None
) -> tuple[list[Voice], str | None]:
    """The latest first, and where the next page begins; without `every` those that still want an answer."""
    rows = select(Feedback).where(Feedback.unit_id.in_(seen.units))
    if airing:
        rows = rows.where(Feedback.airing_id == airing)
    if not every:
        rows = rows.where(Feedback.answered_at.is_(None), or_(Feedback.what != What.HEARD, Feedback.note != ""))
    found = paging.page(session, rows, Feedback.id, after=after, newest_first=True)
    titles = _titles(session, found.items)
    names = _speakers(session, found.items)
    return [_voice(seen, row, titles, names) for row in found.items], found.next


def find_voice(session: Session, seen: Sight, feedback_id: str) -> Feedback:
    """One of them within sight; what may not be seen is said not to exist."""
    row = session.get(Feedback, feedback_id)
    if row is None or row.unit_id not in seen.units:
        raise NotFound(what="feedback", id=feedback_id[:64])
    return row


def tallies(counts: Mapping[What, int]) -> list[Tally]:
    """The sums that are worth a word; none where nobody said anything."""
    return [Tally(label(VOICE, what), count) for what, count in counts.items() if count]


def _titles(session: Session, rows: list[Feedback]) -> Mapping[str, str]:
    wanted = {row.announcement_id for row in rows if row.announcement_id}
    known = select(Announcement.id, Announcement.title).where(Announcement.id.in_(wanted))
    return {row.id: row.title for row in session.execute(known)}


def _speakers(session: Session, rows: list[Feedback]) -> Mapping[str, str]:
    wanted = {row.speaker_id for row in rows if row.speaker_id}
    known = select(Speaker.id, Speaker.name).where(Speaker.id.in_(wanted))
    return {row.id: row.name for row in session.execute(known)}


def _voice(seen: Sight, row: Feedback, titles: Mapping[str, str], names: Mapping[str, str]) -> Voice:
    return Voice(
        id=row.id,
        at=row.at,
        what=label(VOICE, row.what),
        note=row.note,
        place=seen.names_of(row.unit_id),
        speaker_id=row.speaker_id or "",
        speaker=names.get(row.speaker_id or "", ""),
        announcement_id=row.announcement_id or "",
        title=titles.get(row.announcement_id or "", ""),
        airing_id=row.airing_id or "",
        answer=row.answer,
        public=row.answer_public,
        answered_at=row.answered_at,
        may_answer=seen.allows(Action.WRITE, row.unit_id),
    )
