"""Announcements, their versions and audience, who decided on them, and the clips made of them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.base import Base, Counter, Json, Names, Prose, Sha256, Word

PART = text("part_of_id IS NOT NULL")


class Clip(Base):
    """A sound named by its sha256: made of a text, or a recording that was accepted."""

    __tablename__ = "clips"
    sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    bytes: Mapped[Counter]
    ms: Mapped[Counter]
    level: Mapped[int]
    """Integrated loudness in centi-LUFS: −1600 = −16.00 LUFS."""
    peak: Mapped[int]
    """True peak in centi-dBTP."""
    voice: Mapped[str]
    """Which voice spoke; "recording" for a person's own."""
    language: Mapped[Word]
    source: Mapped[Word]
    """"spoken" or "recording"."""
    made_by: Mapped[Word | None]
    unit_id: Mapped[Word | None]
    created_at: Mapped[datetime]


class Announcement(Base):
    """What an official writes."""

    __tablename__ = "announcements"
    # Hardly any is part of another; SQLite would look for those that are none by an index that names them all.
    __table_args__ = (Index(None, "part_of_id", sqlite_where=PART, postgresql_where=PART), Index(None, "state", "id"))
    id: Mapped[Word] = mapped_column(primary_key=True)
    public_id: Mapped[Word] = mapped_column(unique=True)
    """The short name in its "listen again" link; tells nothing about when or how many."""
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    revision: Mapped[int]
    state: Mapped[Word]
    title: Mapped[str]
    klass: Mapped[Word]
    category: Mapped[Word]
    kind: Mapped[Word]
    repeat: Mapped[int] = mapped_column(default=1)
    not_before: Mapped[datetime | None]
    expires: Mapped[datetime | None]
    supersedes_id: Mapped[Word | None] = mapped_column(ForeignKey("announcements.id"))
    part_of_id: Mapped[Word | None] = mapped_column(ForeignKey("announcements.id"))
    """The alert that this corrects or ends; it is written, approved and made ready with it."""
    part: Mapped[Word | None]
    """"correction" or "all_clear"."""
    hazard: Mapped[Word | None]
    level: Mapped[int | None]
    """Disaster risk level 1–5 of Decision 18/2021."""
    chime_sha256: Mapped[Sha256 | None] = mapped_column(ForeignKey("clips.sha256"))
    """What is heard before the first version, once."""
    chime: Mapped[Clip | None] = relationship(lazy="selectin")
    slots: Mapped[Json] = mapped_column(default=dict)
    """What was filled into the hazard's template: {"place": …}."""
    author_id: Mapped[Word]
    writers: Mapped[Names] = mapped_column(default=list)
    """Everyone whose words may be in it: none of them can approve it."""
    saved_from: Mapped[Word] = mapped_column(default="")
    """The key of the open page that saved it last, which does not stand in its own way."""
    content_sha256: Mapped[Sha256 | None]
    """What was submitted, and so what an approval is for."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[Word | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[Word | None]
    reason: Mapped[Prose] = mapped_column(default="")
    """Why it was rejected or withdrawn."""
    withdrawn_at: Mapped[datetime | None]
    versions: Mapped[list["Version"]] = relationship(
        order_by="Version.position", cascade="all, delete-orphan", lazy="selectin"
    )
    audience: Mapped[list["AudienceEntry"]] = relationship(
        order_by="AudienceEntry.position", cascade="all, delete-orphan", lazy="selectin"
    )
    approvals: Mapped[list["Approval"]] = relationship(order_by="Approval.at", lazy="selectin")
    parts: Mapped[list["Announcement"]] = relationship(
        foreign_keys=part_of_id, order_by="Announcement.part", viewonly=True
    )
    assertions: Mapped[list["Assertion"]] = relationship(order_by="Assertion.at", lazy="selectin")


class Version(Base):
    """The announcement in one language: a text to be spoken, or a recording."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("announcement_id", "language"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"))
    position: Mapped[int]
    language: Mapped[Word]
    text: Mapped[Prose] = mapped_column(default="")
    voice: Mapped[Word] = mapped_column(default="")
    """Which voice is to read it; empty = the best there is."""
    speed: Mapped[int] = mapped_column(default=100)
    """How fast, in percent of the voice's own speed."""
    read_with: Mapped[Json | None]
    """The words of the dictionary that were in its text when its sound was made: written → spoken."""
    recording_sha256: Mapped[Sha256 | None]
    script: Mapped[Json | None]
    """Assembled from the voice bank: {"pattern": key, "slots": {…}}."""
    clip_sha256: Mapped[Sha256 | None] = mapped_column(ForeignKey("clips.sha256"))
    clip: Mapped[Clip | None] = relationship(lazy="selectin")


class AudienceEntry(Base):
    """One choice of the audience: a unit, a group or a speaker, in or out."""

    __tablename__ = "audience_entries"
    __table_args__ = (UniqueConstraint("announcement_id", "kind", "ref", "include"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"))
    position: Mapped[int]
    kind: Mapped[Word]
    """"unit", "group" or "speaker"."""
    ref: Mapped[Word]
    successor: Mapped[Word | None]
    """The box that hangs in place of the speaker named; approvals are bound to the name that was read."""
    include: Mapped[bool]

    @property
    def heard_at(self) -> str:
        """The unit, the group, or the speaker that hangs there now."""
        return self.successor or self.ref


class Approval(Base):
    """One person's decision on one exact content."""

    __tablename__ = "approvals"
    id: Mapped[Word] = mapped_column(primary_key=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"), index=True)
    revision: Mapped[int]
    content_sha256: Mapped[Sha256]
    approved: Mapped[bool]
    reason: Mapped[Prose] = mapped_column(default="")
    person_id: Mapped[Word]
    person_name: Mapped[str]
    deputy_for: Mapped[str] = mapped_column(default="")
    """The name of the person in whose stead it was given."""
    at: Mapped[datetime]


class Submission(Base):
    """What was handed to the approvers, kept so that what changed since can be shown."""

    __tablename__ = "submissions"
    id: Mapped[Word] = mapped_column(primary_key=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"), index=True)
    revision: Mapped[int]
    content_sha256: Mapped[Sha256]
    content: Mapped[Json]
    """As broadcaster.domain.approval.Content writes it."""
    submitted_by: Mapped[Word]
    submitted_at: Mapped[datetime]


class Assertion(Base):
    """One person answered for one exact emergency with a fresh second factor."""

    __tablename__ = "assertions"
    id: Mapped[Word] = mapped_column(primary_key=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"), index=True)
    content_sha256: Mapped[Sha256]
    person_id: Mapped[Word]
    person_name: Mapped[str]
    method: Mapped[Word]
    """"totp" or "passkey"."""
    at: Mapped[datetime]


class Acknowledgement(Base):
    """Someone in a unit says that an emergency was heard and is acted on: there it need not be repeated."""

    __tablename__ = "acknowledgements"
    __table_args__ = (UniqueConstraint("announcement_id", "unit_id"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"))
    unit_id: Mapped[Word]
    person_id: Mapped[Word]
    person_name: Mapped[str]
    at: Mapped[datetime]


class SignedDocument(Base):
    """The envelope under the content key, exactly as speakers fetch it by its hash."""

    __tablename__ = "signed_documents"
    sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    announcement_id: Mapped[Word] = mapped_column(ForeignKey("announcements.id"), index=True)
    revision: Mapped[int]
    keyid: Mapped[Word]
    raw: Mapped[bytes]
    created_at: Mapped[datetime]
