"""Turning versions into clips: slow work outside any transaction, its result stored in a short one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from sqlalchemy.orm import Session

from audio import recordings
from audio.clip import Clip as Sounding
from audio.errors import AudioError
from audio.render import Rendered
from audio.score import ANYBODY, Reader, Score, Sound, chime_score, played, score
from audio.script import explain, spoken
from broadcaster.domain import languages
from broadcaster.domain.announcement import State
from broadcaster.domain.errors import (
    ERRORS,
    DiskFull,
    LoaError,
    NotFound,
    NoVoice,
    SlotUnfilled,
    SoundFailed,
    TextEmpty,
    UnknownClip,
)
from broadcaster.domain.errors.starting import FULL
from broadcaster.domain.permissions import Action
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.sound import voice_bank
from broadcaster.store import dictionary, places
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, Clip, Unit, Version
from broadcaster.store.upsert import upsert
from firmware_config.protocol import Kind

SPOKEN, RECORDING = "spoken", "recording"
Progress = Callable[[float], None]


class Studio(Protocol):
    """What is needed of audio.render.Studio."""

    def render(self, score: Score, progress: Progress | None = None) -> Rendered:
        """The clip of a score; raises AudioError."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A sound to be made, and what is done with its name."""

    score: Score
    keep: Callable[[Session, str], None]


def prepare(
    database: Database, studio: Studio, announcement_id: str, *, now: datetime, progress: Progress | None = None
) -> int:
    """Make what an announcement and its parts still lack to be heard, and say how many sounds that was.

    A version's clip holds its words alone; the chime before them is a clip of its own, the same for all of one
    class and kind. `progress` is told the share done, 0 to 1. Raises NotFound, NoVoice, NoFfmpeg, TextEmpty,
    UnknownClip, PiecesMissing, DiskFull, SoundFailed; clips made before stay.
    """
    with database.read() as session:
        jobs = _jobs(session, announcement_id)
    for done, job in enumerate(jobs):
        rendered = _rendered(studio, job.score, _share(progress, done, len(jobs)))
        with database.transaction() as session:
            save(session, rendered.clip, source=SPOKEN, now=now)
            job.keep(session, rendered.clip.sha256)
    return len(jobs)


def chime(database: Database, studio: Studio, *, klass: str, kind: str, now: datetime) -> Clip:
    """The chime before announcements of a class and kind. Raises NoFfmpeg, DiskFull, SoundFailed."""
    return sound(database, studio, chime_score(klass, kind), now=now)


def sound(database: Database, studio: Studio, wanted: Score, *, now: datetime) -> Clip:
    """The clip of any score, to be listened to before it is used. Raises as `prepare`."""
    rendered = _rendered(studio, wanted)
    with database.transaction() as session:
        return save(session, rendered.clip, source=SPOKEN, now=now)


def preview(
    database: Database,
    studio: Studio,
    text: str,
    language: str,
    *,
    klass: str,
    repeat: int,
    now: datetime,
    kind: str = Kind.LIVE,
    recording: str | None = None,
    script: Mapping[str, Any] | None = None,
    calm: bool = False,
    unit_id: str = "",
    reader: Reader = ANYBODY,
) -> Clip:
    """How its words would sound, before anything is written; the same clip is found again when it is.

    `unit_id` names whose dictionary is used. The chime is heard once before all versions and is not in it. Raises as
    `prepare`.
    """
    if script is not None:
        with database.read() as session:
            pieces = voice_bank.assembled(session, language, script).parts
        wanted = played(pieces, language=language, klass=klass, kind=kind, repeat=repeat)
    else:
        wanted = score_of(
            text,
            language,
            klass=klass,
            kind=kind,
            repeat=repeat,
            recording=recording,
            calm=calm,
            own=own_words(database, unit_id, language),
            reader=reader,
        )
    return sound(database, studio, wanted, now=now)


def take_recording(
    database: Database, clips: Path, actor: Actor, file: BinaryIO, language: str, *, unit_id: str, now: datetime
) -> Clip:
    """Accept what a phone recorded, for announcements of a unit the actor writes for.

    Raises UnknownLanguage, NotAllowed or a RecordingRefused.
    """
    languages.require(language)
    with database.read() as session:
        actor.require(Action.WRITE, places.path(session, unit_id))
    with translated(language):
        clip = recordings.accept(file, language=language, clips=clips)
    with database.transaction() as session:
        saved = save(session, clip, source=RECORDING, now=now, actor=actor, unit_id=unit_id)
        audit.record(session, actor, "record", ("clip", clip.sha256), now=now, unit=unit_id)
        return saved


def own_words(database: Database, unit_id: str, language: str) -> dict[str, str]:
    """What is read otherwise in a unit; nothing where no unit is named or it is none. See store/dictionary.py."""
    with database.read() as session:
        return dictionary.of_unit(session, unit_id, language) if session.get(Unit, unit_id) else {}


def reader_of(voice: str, speed: int) -> Reader:
    """Who reads a version: "espeak-south" is a voice and its region, "" the best there is."""
    name, _, region = voice.partition("-")
    return Reader(name, region, speed)


def score_of(
    text: str,
    language: str,
    *,
    klass: str,
    kind: str,
    repeat: int,
    recording: str | None,
    calm: bool = False,
    own: Mapping[str, str] | None = None,
    reader: Reader = ANYBODY,
) -> Score:
    """What will be heard of one version: its recording where there is one, else its text read aloud.

    A `calm` one begins and ends with its own words: nobody is told to act at once when an alert is over. `own` is
    the dictionary of the unit.
    """
    if recording is not None:
        return played([Sound(recording)], language=language, klass=klass, kind=kind, repeat=repeat)
    body = spoken(text, language=language, dictionary=own)
    if not body.strip():
        raise TextEmpty(language=language)
    around = "" if calm else None
    return score(
        body,
        language=language,
        klass=klass,
        kind=kind,
        repeat=repeat,
        opening=around,
        closing=around,
        reader=reader,
    )


def is_calm(part: str | None, hazard: str | None) -> bool:
    """Whether it takes back an alert."""
    return part is not None or hazard == "all_clear"


def save(
    session: Session,
    clip: Sounding,
    *,
    source: str,
    now: datetime,
    actor: Actor | None = None,
    unit_id: str | None = None,
) -> Clip:
    """Store what a clip is; one that is known already stays as it is."""
    row = {
        "sha256": clip.sha256,
        "bytes": clip.bytes,
        "ms": clip.ms,
        "level": round(clip.lufs * 100),
        "peak": round(clip.true_peak * 100),
        "voice": clip.voice,
        "language": clip.language,
        "source": source,
        "made_by": actor.person_id if actor else None,
        "unit_id": unit_id,
        "created_at": now,
    }
    upsert(session, Clip, [row], change=[])
    return session.get_one(Clip, clip.sha256)


def get(session: Session, sha256: str) -> Clip:
    """What is known of a clip. Raises UnknownClip."""
    clip = session.get(Clip, sha256)
    if clip is None:
        raise UnknownClip(id=sha256)
    return clip


def _jobs(session: Session, announcement_id: str) -> list[_Job]:
    announcement = session.get(Announcement, announcement_id)
    if announcement is None:
        raise NotFound(what="announcement", id=announcement_id)
    return [job for each in (announcement, *announcement.parts) for job in _jobs_of(session, each)]


def _jobs_of(session: Session, announcement: Announcement) -> Iterator[_Job]:
    draft = announcement.state == State.DRAFT
    for version in announcement.versions:
        own = _used(session, announcement, version)
        if version.clip_sha256 is None or (draft and own != (version.read_with or {})):
            yield _Job(_score(announcement, version, session, own), partial(_keep_words, version.id, own))
    # What was submitted is heard as it was submitted.
    if announcement.chime_sha256 is None and draft:
        wanted = chime_score(announcement.klass, announcement.kind)
        yield _Job(wanted, partial(_keep_chime, announcement.id, announcement.revision))


def _used(session: Session, announcement: Announcement, version: Version) -> dict[str, str]:
    """The words of the dictionary that are in a version's text."""
    if version.recording_sha256 or version.script is not None:
        return {}
    own = dictionary.of_unit(session, announcement.unit_id, version.language)
    said = explain(version.text, language=version.language, dictionary=own) if own else ()
    return {change.written: change.spoken for change in said if change.rule == "dictionary"}


def _score(announcement: Announcement, version: Version, session: Session, own: Mapping[str, str]) -> Score:
    if version.script is not None:
        pieces = voice_bank.assembled(session, version.language, version.script).parts
        return played(
            pieces,
            language=version.language,
            klass=announcement.klass,
            kind=announcement.kind,
            repeat=announcement.repeat,
        )
    return score_of(
        version.text,
        version.language,
        klass=announcement.klass,
        kind=announcement.kind,
        repeat=announcement.repeat,
        recording=version.recording_sha256,
        calm=is_calm(announcement.part, announcement.hazard),
        own=own,
        reader=reader_of(version.voice, version.speed),
    )


def _keep_words(version_id: str, own: dict[str, str], session: Session, sha256: str) -> None:
    version = session.get(Version, version_id)
    if version is None:
        # Edited meanwhile, the version is another row: this sound is not its own.
        return
    state = session.get_one(Announcement, version.announcement_id).state
    if version.clip_sha256 is None or state == State.DRAFT:
        version.clip_sha256, version.read_with = sha256, own or None


def _keep_chime(announcement_id: str, revision: int, session: Session, sha256: str) -> None:
    announcement = session.get(Announcement, announcement_id)
    if announcement is not None and announcement.revision == revision:
        announcement.chime_sha256 = sha256


def _rendered(studio: Studio, wanted: Score, progress: Progress | None = None) -> Rendered:
    with translated(wanted.language):
        return studio.render(wanted, progress)


def _share(progress: Progress | None, done: int, whole: int) -> Progress | None:
    return None if progress is None else lambda share: progress((done + share) / whole)


@contextmanager
def translated(language: str) -> Iterator[None]:
    """Say what goes wrong with sound in the words of our own refusals."""
    try:
        yield
    except AudioError as error:
        raise in_our_words(error, language) from error
    except OSError as error:
        # Half-made sound lies in the system's own folder as well, which may be another disk.
        if error.errno in FULL:
            raise DiskFull from error
        raise


def in_our_words(error: AudioError, language: str) -> LoaError:
    """The refusal a person reads for what went wrong with sound."""
    match error.code:
        case "no_voice":
            return NoVoice(language=language)
        case "nothing_to_say":
            return TextEmpty(language=language)
        case "no_such_clip":
            return UnknownClip(id=str(error.params.get("sha256", "")))
        case "slot_unfilled":
            return SlotUnfilled(slot=str(error.params.get("slot", "")), problem=str(error.params.get("problem", "")))
        case code if code in ERRORS:
            return ERRORS[code]()
        case code:
            return SoundFailed(reason=code)
