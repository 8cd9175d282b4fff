"""Whole recordings in languages no machine speaks: a second person who speaks the language listens before others do."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import languages
from broadcaster.domain.announcement import State
from broadcaster.domain.errors import OwnRecording, RecordingUnreviewed, UnknownClip
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.people import native_speakers
from broadcaster.services.sound import voice_bank
from broadcaster.services.sound.clips import RECORDING
from broadcaster.services.sound.takes import checked_note
from broadcaster.store.tables import Announcement, Clip, ClipReview, Version


def require(session: Session, announcement: Announcement) -> None:
    """Let nothing a machine cannot read aloud be submitted before a second person accepted how it sounds.

    Raises RecordingUnreviewed, and for what is assembled PiecesMissing.
    """
    for version in announcement.versions:
        if version.script is not None:
            voice_bank.assembled(session, version.language, version.script)
        elif version.recording_sha256 and not languages.has_voice(version.language):
            _require_review(session, version.recording_sha256, languages.require(version.language).tag)


def review(session: Session, actor: Actor, sha256: str, *, accept: bool, now: datetime, note: str = "") -> ClipReview:
    """Say whether a whole recording may be heard: someone who speaks its language and did not make it.

    Raises UnknownClip, LanguageNotYours, NotAllowed, OwnRecording, Malformed.
    """
    clip = session.get(Clip, sha256)
    if clip is None or clip.source != RECORDING:
        raise UnknownClip(id=sha256[:64])
    native_speakers.require(session, actor, clip.language)
    if clip.made_by == actor.person_id:
        raise OwnRecording
    given = ClipReview(
        id=new_id(now),
        clip_sha256=sha256,
        person_id=actor.person_id,
        person_name=actor.name,
        at=now,
        accepted=accept,
        note=checked_note(note),
    )
    session.add(given)
    session.flush()
    action, details = "accept" if accept else "refuse", {"reason": given.note}
    audit.record(session, actor, action, ("clip", sha256), now=now, unit=clip.unit_id, details=details)
    return given


def latest(session: Session, sha256: str) -> ClipReview | None:
    """What was last said of a recording by someone who did not make it; of two at one moment, the refusal."""
    query = select(ClipReview).join(Clip, Clip.sha256 == ClipReview.clip_sha256)
    query = query.where(ClipReview.clip_sha256 == sha256, Clip.made_by.is_distinct_from(ClipReview.person_id))
    return session.scalars(query.order_by(ClipReview.at.desc(), ClipReview.accepted)).first()


def waiting(session: Session, language: str, limit: int = 20) -> list[tuple[Clip, Announcement]]:
    """Recordings of announcements still being written that nobody has reviewed, with the announcement."""
    if languages.has_voice(language):
        return []
    query = (
        select(Clip, Announcement)
        .join(Version, Version.recording_sha256 == Clip.sha256)
        .join(Announcement, Announcement.id == Version.announcement_id)
        .where(Announcement.state == State.DRAFT, Clip.language == language)
        .where(~select(ClipReview.id).where(ClipReview.clip_sha256 == Clip.sha256).exists())
    )
    return [(row[0], row[1]) for row in session.execute(query.order_by(Clip.created_at, Announcement.id).limit(limit))]


def _require_review(session: Session, sha256: str, language: str) -> None:
    clip, said = session.get(Clip, sha256), latest(session, sha256)
    spoken = languages.find(clip.language) if clip else None
    # A review says that the sound is right in the language it was recorded in, and in no other.
    if said is None or not said.accepted or spoken is None or spoken.tag != language:
        raise RecordingUnreviewed(language=language)
