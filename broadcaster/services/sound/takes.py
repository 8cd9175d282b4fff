"""Recordings of the voice bank's pieces: taken in, listened to by a second person, and how far a language is."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from audio import recordings
from audio.recordings import RecordingLimits
from broadcaster.domain.errors import Malformed, NotFound, OwnRecording, TakeDecided
from broadcaster.domain.words import prose
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.people import native_speakers
from broadcaster.services.sound import clips, voice_bank
from broadcaster.store.database import Database
from broadcaster.store.tables import Phrase, Take

LIMITS = RecordingLimits(most_bytes=16 << 20, longest_s=60.0)
"""One phrase, not a speech."""
MISSING, WAITING, REJECTED, ACCEPTED = "missing", "waiting", "rejected", "accepted"
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Task:
    """A piece, and how far it is: "missing", "waiting", "rejected" or "accepted"."""

    phrase: Phrase
    state: str
    take: Take | None
    """The one that is heard, or else the latest."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many pieces of a language there are, and how far they are."""

    language: str
    pieces: int
    accepted: int
    waiting: int


def record(database: Database, folder: Path, actor: Actor, phrase_id: str, file: BinaryIO, *, now: datetime) -> Take:
    """Take in a recording of a piece by someone who speaks the language; it waits for a second person.

    Raises NotFound, LanguageNotYours, NotAllowed or a RecordingRefused.
    """
    with database.read() as session:
        language = native_speakers.require(session, actor, phrase(session, phrase_id).language).tag
    with clips.translated(language):
        clip = recordings.accept(file, language=language, clips=folder, limits=LIMITS)
    with database.transaction() as session:
        clips.save(session, clip, source=clips.RECORDING, now=now, actor=actor)
        take = Take(
            id=new_id(now),
            phrase_id=phrase_id,
            clip_sha256=clip.sha256,
            recorded_by=actor.person_id,
            recorded_at=now,
        )
        session.add(take)
        session.flush()
        _note(session, actor, "record", take, now)
        return take


def review(session: Session, actor: Actor, take_id: str, *, accept: bool, now: datetime, note: str = "") -> Take:
    """Say whether a piece may be heard: someone who speaks the language and did not record it.

    Raises NotFound, LanguageNotYours, NotAllowed, OwnRecording, TakeDecided, Malformed.
    """
    take = session.get(Take, take_id, with_for_update=True)
    if take is None:
        raise NotFound(what="recording", id=take_id)
    native_speakers.require(session, actor, phrase(session, take.phrase_id).language)
    if take.recorded_by == actor.person_id:
        raise OwnRecording
    if take.accepted is not None:
        raise TakeDecided
    take.accepted, take.note = accept, checked_note(note)
    take.reviewed_by, take.reviewed_at = actor.person_id, now
    session.flush()
    _note(session, actor, "accept" if accept else "refuse", take, now, reason=take.note)
    return take


def phrase(session: Session, phrase_id: str) -> Phrase:
    """One piece. Raises NotFound."""
    found = session.get(Phrase, phrase_id)
    if found is None:
        raise NotFound(what="phrase", id=phrase_id)
    return found


def tasks(session: Session, language: str) -> list[Task]:
    """Every piece of a language and how far it is."""
    taken: dict[str, list[Take]] = {}
    query = select(Take).join(Phrase).where(Phrase.language == language)
    for take in session.scalars(query.order_by(Take.recorded_at, Take.id)):
        taken.setdefault(take.phrase_id, []).append(take)
    return [_task(piece, taken.get(piece.id, [])) for piece in voice_bank.phrases(session, language)]


def waiting(session: Session, language: str, limit: int = 20) -> list[tuple[Take, Phrase]]:
    """Recordings nobody has reviewed yet, the oldest first."""
    query = select(Take, Phrase).join(Phrase).where(Phrase.language == language, Take.accepted.is_(None))
    return [(row[0], row[1]) for row in session.execute(query.order_by(Take.recorded_at, Take.id).limit(limit))]


def progress(session: Session) -> dict[str, Progress]:
    """How far each language is that has been begun, by tag."""
    heard = func.max(case((Take.accepted.is_(True), 1), else_=0))
    open_now = func.max(case((Take.accepted.is_(None) & Take.id.is_not(None), 1), else_=0))
    each = select(Phrase.language, heard.label("heard"), open_now.label("open_now"))
    each = each.join(Take, Take.phrase_id == Phrase.id, isouter=True).group_by(Phrase.language, Phrase.id)
    per = each.subquery()
    query = select(per.c.language, func.count(), func.sum(per.c.heard), func.sum(per.c.open_now))
    return {row[0]: Progress(*row) for row in session.execute(query.group_by(per.c.language))}


def checked_note(note: str) -> str:
    """A remark, tidied. Raises Malformed for one that is too long."""
    tidy = prose(note)
    if len(tidy) > LONGEST_NOTE:
        raise Malformed(field="note", problem=f"0–{LONGEST_NOTE}")
    return tidy


def _task(piece: Phrase, taken: list[Take]) -> Task:
    heard = [take for take in taken if take.accepted]
    if heard:
        return Task(piece, ACCEPTED, heard[-1])
    if not taken:
        return Task(piece, MISSING, None)
    return Task(piece, WAITING if taken[-1].accepted is None else REJECTED, taken[-1])


def _note(session: Session, actor: Actor, action: str, take: Take, now: datetime, **details: str) -> None:
    unit = min((grant.unit for grant in actor.grants), default=None)
    more = {"clip": take.clip_sha256, **details}
    audit.record(session, actor, action, ("phrase", take.phrase_id), now=now, unit=unit, details=more)
