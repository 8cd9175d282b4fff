"""Announcements: written, edited, submitted, decided on, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import announcement as rules
from broadcaster.domain import approval
from broadcaster.domain.announcement import Event, State, Words
from broadcaster.domain.approval import Content, Heard
from broadcaster.domain.audience import Choice, ChoiceKind
from broadcaster.domain.errors import ClipMissing, EditedSince, InThePast, Malformed, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.domain.words import line, prose
from broadcaster.services import audiences, audit, cancelling, mirrors
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.ids import new_id, public_id
from broadcaster.store import places
from broadcaster.store.tables import Announcement, Approval, AudienceEntry, Version
from firmware_config.protocol import Kind, Klass

LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class DraftVersion:
    """The announcement in one language: a text, or the sha256 of a recording that was accepted, or both."""

    language: str
    text: str | None = None
    recording: str | None = None


@dataclass(frozen=True, slots=True)
class AudienceChoice:
    """A unit, group or speaker ("unit", "group", "speaker"), chosen or excepted."""

    kind: str
    ref: str
    include: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """What an official writes."""

    title: str
    unit_id: str
    versions: Sequence[DraftVersion]
    audience: Sequence[AudienceChoice]
    klass: str = Klass.NORMAL
    category: str = "general"
    kind: str = Kind.LIVE
    expires: datetime | None = None
    repeat: int = 2
    not_before: datetime | None = None
    supersedes: str | None = None


def write(session: Session, actor: Actor, draft: Draft, *, now: datetime) -> Announcement:
    """Store a new draft. Raises the first refusal it deserves; then nothing is stored."""
    tidy = _checked(session, actor, draft, now)
    announcement = Announcement(
        id=new_id(now),
        public_id=public_id(),
        revision=1,
        state=State.DRAFT,
        author_id=actor.person_id,
        writers=[actor.person_id],
        created_at=now,
    )
    _fill(announcement, tidy, now)
    session.add(announcement)
    session.flush()
    _note(session, actor, "write", announcement, now)
    return announcement


def edit(
    session: Session, actor: Actor, announcement_id: str, draft: Draft, *, revision: int, now: datetime
) -> Announcement:
    """Put other words in its place: a draft again, to be approved anew; what was planned is cancelled.

    Raises EditedSince when `revision` is not the one that is stored.
    """
    announcement = _locked(session, actor, announcement_id, Action.WRITE)
    if announcement.revision != revision:
        raise EditedSince
    state = rules.step(State(announcement.state), Event.EDIT)
    tidy = _checked(session, actor, draft, now)
    cancelling.cancel_airings(session, announcement, reason="edited", now=now, keep_schedules=True)
    announcement.revision += 1
    announcement.state = state
    announcement.writers = sorted({*announcement.writers, actor.person_id})
    # The old rows go first: a language or a place may be in both.
    announcement.versions, announcement.audience = [], []
    session.flush()
    _fill(announcement, tidy, now)
    session.flush()
    _note(session, actor, "edit", announcement, now)
    return announcement


def submit(session: Session, actor: Actor, announcement_id: str, *, now: datetime) -> Announcement:
    """Hand it to the approvers, as it sounds now. Raises ClipMissing, EmptyAudience, IllegalStep."""
    announcement = _locked(session, actor, announcement_id, Action.WRITE)
    state = rules.step(State(announcement.state), Event.SUBMIT)
    _check_expiry(announcement.expires, now)
    for version in announcement.versions:
        if version.clip_sha256 is None:
            raise ClipMissing(language=version.language)
    audiences.resolve(session, audiences.choices(announcement))
    announcement.state = state
    announcement.content_sha256 = content_hash(announcement)
    announcement.submitted_at, announcement.submitted_by = now, actor.person_id
    announcement.reason = ""
    announcement.updated_at = now
    _note(session, actor, "submit", announcement, now)
    return announcement


def approve(
    session: Session, actor: Actor, announcement_id: str, *, content_sha256: str, now: datetime
) -> Announcement:
    """Answer for exactly the content with this hash. Raises OwnAnnouncement, EditedSince, IllegalStep, NotAllowed."""
    announcement = _locked(session, actor, announcement_id, Action.APPROVE)
    approval.check_approver(actor.person_id, [announcement.author_id, *announcement.writers])
    # Before its state: words that were edited are a draft again, but what the approver must know is that they changed.
    approval.check_same(content_sha256, announcement.content_sha256)
    state = rules.step(State(announcement.state), Event.APPROVE)
    approval.check_same(content_sha256, content_hash(announcement))
    audiences.require(session, actor, Action.APPROVE, audiences.choices(announcement))
    _check_expiry(announcement.expires, now)
    _decide(session, actor, announcement, state, now=now)
    mirrors.owe(session, announcement, now=now)
    return announcement


def reject(session: Session, actor: Actor, announcement_id: str, *, reason: str, now: datetime) -> Announcement:
    """Send it back, saying why."""
    announcement = _locked(session, actor, announcement_id, Action.APPROVE)
    state = rules.step(State(announcement.state), Event.REJECT)
    _decide(session, actor, announcement, state, now=now, reason=_reason(reason, needed=True))
    return announcement


def withdraw(session: Session, actor: Actor, announcement_id: str, *, reason: str, now: datetime) -> Announcement:
    """Take it back everywhere: what is planned is cancelled, what plays is stopped."""
    announcement = _locked(session, actor, announcement_id, Action.WITHDRAW)
    announcement.state = rules.step(State(announcement.state), Event.WITHDRAW)
    announcement.reason = _reason(reason)
    announcement.withdrawn_at = announcement.updated_at = now
    cancelling.cancel_airings(session, announcement, reason="withdrawn", now=now)
    mirrors.owe(session, announcement, now=now)
    _note(session, actor, "withdraw", announcement, now, reason=announcement.reason)
    return announcement


def get(session: Session, actor: Actor, announcement_id: str) -> Announcement:
    """An announcement the actor may see. Raises NotFound, NotAllowed."""
    announcement = session.get(Announcement, announcement_id)
    if announcement is None:
        raise NotFound(what="announcement", id=announcement_id)
    actor.require(Action.SEE, places.path(session, announcement.unit_id))
    return announcement


def expire(session: Session, *, now: datetime) -> int:
    """Close what is valid no longer; say how many."""
    over = session.scalars(
        select(Announcement).where(
            Announcement.expires <= now, Announcement.state.not_in([State.EXPIRED, State.WITHDRAWN])
        )
    ).all()
    for announcement in over:
        announcement.state = rules.step(State(announcement.state), Event.EXPIRE)
        announcement.updated_at = now
        cancelling.end_schedules(session, announcement.id, now=now)
        audit.record(session, SYSTEM, "expire", ("announcement", announcement.id), now=now, unit=announcement.unit_id)
    return len(over)


def content_hash(announcement: Announcement) -> str:
    """The hash an approval is for: everything that is heard, seen, and where."""
    return Content(
        unit=announcement.unit_id,
        title=announcement.title,
        klass=announcement.klass,
        category=announcement.category,
        kind=announcement.kind,
        repeat=announcement.repeat,
        not_before=announcement.not_before,
        expires=announcement.expires,
        supersedes=announcement.supersedes_id,
        versions=[Heard(each.language, each.text, each.clip_sha256) for each in announcement.versions],
        audience=audiences.choices(announcement),
    ).sha256()


def _locked(session: Session, actor: Actor, announcement_id: str, action: Action) -> Announcement:
    announcement = session.get(Announcement, announcement_id, with_for_update={"of": Announcement})
    if announcement is None:
        raise NotFound(what="announcement", id=announcement_id)
    actor.require(action, places.path(session, announcement.unit_id))
    return announcement


def _checked(session: Session, actor: Actor, draft: Draft, now: datetime) -> Draft:
    actor.require(Action.WRITE, places.path(session, draft.unit_id))
    tidy = _tidied(draft)
    rules.check(
        title=tidy.title,
        versions=[Words(each.language, each.text, each.recording is not None) for each in tidy.versions],
        audience=sum(choice.include for choice in tidy.audience),
        repeat=tidy.repeat,
    )
    rules.check_labels(tidy.klass, tidy.kind, tidy.category, [each.language for each in tidy.versions])
    _check_expiry(tidy.expires, now)
    chosen = [_choice(choice) for choice in tidy.audience]
    audiences.require(session, actor, Action.WRITE, chosen)
    audiences.require_recordings(session, [each.recording for each in tidy.versions if each.recording])
    if tidy.supersedes:
        get(session, actor, tidy.supersedes)
    return tidy


def _tidied(draft: Draft) -> Draft:
    versions = [
        DraftVersion(each.language, None if each.text is None else prose(each.text), each.recording)
        for each in draft.versions
    ]
    return replace(draft, title=line(draft.title), versions=versions, audience=list(dict.fromkeys(draft.audience)))


def _choice(choice: AudienceChoice) -> Choice:
    try:
        return Choice(ChoiceKind(choice.kind), choice.ref, choice.include)
    except ValueError as error:
        raise Malformed(field="audience", problem=", ".join(ChoiceKind)) from error


def _check_expiry(expires: datetime | None, now: datetime) -> None:
    if expires is not None and expires <= now:
        raise InThePast(when=expires.isoformat(timespec="minutes"))


def _fill(announcement: Announcement, draft: Draft, now: datetime) -> None:
    announcement.unit_id = draft.unit_id
    announcement.title = draft.title
    announcement.klass, announcement.category, announcement.kind = draft.klass, draft.category, draft.kind
    announcement.repeat = draft.repeat
    announcement.not_before, announcement.expires = draft.not_before, draft.expires
    announcement.supersedes_id = draft.supersedes
    announcement.content_sha256 = announcement.chime_sha256 = None
    announcement.updated_at = now
    announcement.versions = [
        Version(
            id=new_id(now),
            position=place,
            language=each.language,
            text=each.text or "",
            recording_sha256=each.recording,
        )
        for place, each in enumerate(draft.versions)
    ]
    announcement.audience = [
        AudienceEntry(id=new_id(now), position=place, kind=each.kind, ref=each.ref, include=each.include)
        for place, each in enumerate(draft.audience)
    ]


def _decide(
    session: Session, actor: Actor, announcement: Announcement, state: State, *, now: datetime, reason: str = ""
) -> None:
    announcement.approvals.append(
        Approval(
            id=new_id(now),
            revision=announcement.revision,
            content_sha256=announcement.content_sha256 or "",
            approved=state is State.APPROVED,
            reason=reason,
            person_id=actor.person_id,
            person_name=actor.name,
            at=now,
        )
    )
    announcement.state, announcement.reason = state, reason
    announcement.decided_at = announcement.updated_at = now
    announcement.decided_by = actor.person_id
    session.flush()
    _note(session, actor, "approve" if state is State.APPROVED else "reject", announcement, now, reason=reason)


def _reason(reason: str, *, needed: bool = False) -> str:
    tidy = prose(reason)
    if (needed and not tidy) or len(tidy) > LONGEST_REASON:
        raise Malformed(field="reason", problem=f"1–{LONGEST_REASON}")
    return tidy


def _note(session: Session, actor: Actor, action: str, announcement: Announcement, now: datetime, **more: str) -> None:
    details = {"revision": announcement.revision, "content": announcement.content_sha256, **more}
    subject = ("announcement", announcement.id)
    audit.record(session, actor, action, subject, now=now, unit=announcement.unit_id, details=details)
