"""Announcements as a line in a list, and as everything heard, seen and where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, lazyload

from audio.script import Change, explain
from broadcaster.domain.audience import Choice, ChoiceKind
from broadcaster.services.outlets.standing_orders import PROGRAM
from broadcaster.store.dictionary import of_unit
from broadcaster.store.tables import Announcement, CapSource, Clip, Person, Version
from broadcaster.web.i18n import length
from broadcaster.web.labels import ANNOUNCEMENT, CATEGORY, KLASS, N_, Label, label
from broadcaster.web.shown.places import Reach, choice_names, reach
from broadcaster.web.shown.sight import Sight


@dataclass(frozen=True, slots=True)
class Brief:
    """One line in a list."""

    id: str
    title: str
    klass: Label
    state: Label
    unit: str
    author: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ClipView:
    """A sound with where to hear it."""

    url: str
    length: str
    voice: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text as it is spoken; `written` where it is spoken otherwise than written."""

    spoken: str
    written: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A text as the machine will read it."""

    language: str
    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        """Whether any word is read otherwise than written."""
        return any(piece.written for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version as it is read and heard."""

    language: str
    text: str
    clip: ClipView | None
    words: Words | None


@dataclass(frozen=True, slots=True)
class Full:
    """Everything heard, seen and where."""

    brief: Brief
    versions: tuple[VersionView, ...]
    audience: tuple[str, ...]
    reach: Reach
    category: str
    repeat: int
    expires: datetime | None
    reason: str
    content_sha256: str
    emergency: bool
    public_id: str
    chime: ClipView | None


READERS = {"espeak": N_("Machine voice"), "piper": N_("Natural voice"), "gtts": N_("Natural voice")}
"""The machines that speak; other sounds are recordings."""
UNREAD = (Announcement.versions, Announcement.approvals, Announcement.assertions, Announcement.chime)
Listed = Select[Announcement, str]
PERSON = select(Person.name).where(Person.id == Announcement.author_id).scalar_subquery()
SOURCE = select(CapSource.name).where(PROGRAM + CapSource.id == Announcement.author_id).scalar_subquery()
AUTHOR: ColumnElement[str] = func.coalesce(PERSON, SOURCE, Announcement.author_id)
"""What the author is called: a person, or the source of a warning that was taken in."""


def listed(seen: Sight, *wanted: ColumnElement[bool]) -> Listed:
    """Announcements within sight with their author's name, newest first."""
    query = select(Announcement, AUTHOR)
    # A line shows none of these; they are read when somebody asks.
    query = query.options(*(lazyload(each) for each in UNREAD))
    return query.where(seen.announcements(), Announcement.part_of_id.is_(None), *wanted).order_by(
        Announcement.id.desc()
    )


def briefs(session: Session, seen: Sight, query: Listed) -> list[Brief]:
    """The lines of a list."""
    return [brief(announcement, author, seen) for announcement, author in session.execute(query).all()]


def brief(announcement: Announcement, author: str, seen: Sight) -> Brief:
    """One line of a list."""
    return Brief(
        announcement.id,
        announcement.title,
        label(KLASS, announcement.klass),
        label(ANNOUNCEMENT, announcement.state),
        seen.names_of(announcement.unit_id),
        author,
        announcement.updated_at,
    )


def full(session: Session, seen: Sight, announcement: Announcement) -> Full:
    """Everything an approver must know."""
    chosen = choices(announcement)
    return Full(
        brief(announcement, session.scalars(select(AUTHOR).where(Announcement.id == announcement.id)).one(), seen),
        tuple(
            version_view(version, of_unit(session, announcement.unit_id, version.language))
            for version in announcement.versions
        ),
        tuple(choice_names(session, seen, chosen)),
        reach(session, seen, chosen),
        CATEGORY.get(announcement.category, announcement.category),
        announcement.repeat,
        announcement.expires,
        announcement.reason,
        announcement.content_sha256 or "",
        announcement.klass == "emergency",
        announcement.public_id,
        clip_view(announcement.chime) if announcement.chime else None,
    )


def choices(announcement: Announcement) -> list[Choice]:
    """The audience as the rules know it."""
    return [Choice(ChoiceKind(entry.kind), entry.ref, entry.include) for entry in announcement.audience]


def version_view(version: Version, own: Mapping[str, str] | None = None) -> VersionView:
    """One version; a recording is not read by a machine, so it has no spoken words. `own` is its unit's dictionary."""
    recorded = version.recording_sha256 or version.script
    # Once it sounds, it is read as it was then, whatever the dictionary says now.
    own_words = (version.read_with or {}) if version.clip else own
    spoken = None if recorded or not version.text else words(version.text, version.language, own_words)
    return VersionView(version.language, version.text, clip_view(version.clip) if version.clip else None, spoken)


def clip_view(clip: Clip) -> ClipView:
    """A stored clip with its address."""
    return ClipView(f"/clips/{clip.sha256}", length(clip.ms), READERS.get(clip.voice.partition("/")[0], ""))


def words(text: str, language: str, own: Mapping[str, str] | None = None) -> Words:
    """How the machine will read a text, with the words of the unit's dictionary."""
    return Words(language, tuple(_pieces(text, explain(text, language=language, dictionary=own))))


def _pieces(text: str, changes: Iterable[Change]) -> Iterable[Piece]:
    at = 0
    for change in changes:
        yield Piece(text[at : change.start])
        yield Piece(change.spoken, change.written)
        at = change.end
    yield Piece(text[at:])
