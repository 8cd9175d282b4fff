"""Announcements: written, edited, submitted, decided on, withdrawn."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import announcement as rules
from broadcaster.domain import approval
from broadcaster.domain.announcement import Event, State
from broadcaster.domain.errors import (
    AlreadyApproved,
    ClipMissing,
    EditedSince,
    KindFixed,
    Malformed,
    NotAnEmergency,
    NotFound,
    WrittenFromTemplate,
)
from broadcaster.domain.permissions import Action, Grant, covering
from broadcaster.domain.policy import Demand
from broadcaster.domain.words import prose
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.airtime import cancelling, planning
from broadcaster.services.ids import new_id, public_id
from broadcaster.services.outlets import mirrors
from broadcaster.services.people.second_factor import Second
from broadcaster.services.people.vault import Vault
from broadcaster.services.places import audiences
from broadcaster.services.sound import reviews
from broadcaster.services.writing import assertions, drafts, parts, policies, submissions
from broadcaster.services.writing.contents import content_hash
from broadcaster.services.writing.drafts import AudienceChoice, Draft, DraftVersion
from broadcaster.store import locked, places
from broadcaster.store.tables import Announcement, Approval, Assertion, Person

__all__ = ["AudienceChoice", "Draft", "DraftVersion", "content_hash"]

LONGEST_REASON = 1_000


def write(session: Session, actor: Actor, draft: Draft, *, now: datetime, page: str = "") -> Announcement:
    """Store a new draft, an alert with its correction and all-clear. Raises the first refusal it deserves.

    `page` is the key of the open page that saves it.
    """
    tidy = _checked(session, actor, draft, now)
    announcement = Announcement(
        id=new_id(now),
        public_id=public_id(),
        revision=1,
        state=State.DRAFT,
        author_id=actor.person_id,
        writers=[actor.person_id],
        saved_from=page,
        created_at=now,
    )
    drafts.fill(announcement, tidy, now)
    session.add(announcement)
    parts.put(session, announcement, tidy, now=now)
    _note(session, actor, "write", announcement, now)
    return announcement


def edit(
    session: Session,
    actor: Actor,
    announcement_id: str,
    draft: Draft,
    *,
    revision: int,
    now: datetime,
    page: str = "",
) -> Announcement:
    """Put other words in its place: a draft again, to be approved anew; what was planned is cancelled.

    Raises EditedSince when `revision` is not the one that is stored, unless that is the last saving of this very
    `page`, whose answer may have been lost on the way. Raises KindFixed, PartOfAlert, WrittenFromTemplate, and
    AlreadySent for an alert that was sent: only its correction and its all-clear change anything then.
    """
    announcement = _locked(session, actor, announcement_id, Action.WRITE)
    own = bool(page) and announcement.saved_from == page and announcement.state == State.DRAFT
    if announcement.revision != revision and not own:
        raise EditedSince
    if announcement.kind != draft.kind:
        raise KindFixed
    if announcement.hazard and not draft.hazard:
        raise WrittenFromTemplate
    if assertions.needed(announcement):
        parts.require_unsent(session, announcement)
    state = rules.step(State(announcement.state), Event.EDIT)
    tidy = _checked(session, actor, draft, now)
    # A live emergency is sent by two people at its moment, never by a schedule made when it was something else.
    _cancel(session, announcement, reason="edited", now=now, keep_schedules=not tidy.alert)
    announcement.revision += 1
    announcement.state = state
    announcement.writers = sorted({*announcement.writers, actor.person_id})
    announcement.saved_from = page
    # The old rows go first: a language or a place may be in both.
    announcement.versions, announcement.audience = [], []
    session.flush()
    drafts.fill(announcement, tidy, now)
    parts.put(session, announcement, tidy, now=now)
    # A page that saves as one goes is one line in the log book, and what is sent is another.
    if not (own and draft.unfinished):
        _note(session, actor, "edit", announcement, now)
    return announcement


def submit(
    session: Session,
    actor: Actor,
    announcement_id: str,
    *,
    now: datetime,
    second: Second | None = None,
    vault: Vault | None = None,
) -> Announcement:
    """Hand it to the approvers, as it sounds now; a live emergency takes the actor's second factor.

    Raises ClipMissing, RecordingUnreviewed, PiecesMissing, EmptyAudience, IllegalStep, PartOfAlert, and what
    `assertions.make` does.
    """
    announcement = _locked(session, actor, announcement_id, Action.WRITE)
    state = rules.step(State(announcement.state), Event.SUBMIT)
    drafts.check_expiry(announcement.expires, now)
    for each in (announcement, *parts.of(session, announcement)):
        _require_sound(each)
        reviews.require(session, each)
    audiences.resolve(session, audiences.choices(announcement))
    announcement.state = state
    announcement.submitted_at, announcement.submitted_by = now, actor.person_id
    announcement.reason = ""
    announcement.updated_at = now
    parts.move(session, announcement, Event.SUBMIT, now=now)
    announcement.content_sha256 = content_hash(announcement)
    submissions.keep(session, announcement, now=now)
    _note(session, actor, "submit", announcement, now)
    if assertions.needed(announcement):
        assertions.make(session, actor, announcement, second, vault, now=now)
    return announcement


def approve(
    session: Session,
    actor: Actor,
    announcement_id: str,
    *,
    content_sha256: str,
    now: datetime,
    second: Second | None = None,
    vault: Vault | None = None,
) -> Announcement:
    """Answer for exactly the content with this hash; with the last approval its policy asks for it is approved.

    Raises OwnAnnouncement, EditedSince, IllegalStep, NotAllowed, PolicyForbids, AlreadyApproved, PartOfAlert, and for
    a live emergency what `assertions.make` does.
    """
    announcement = _locked(session, actor, announcement_id, Action.APPROVE)
    approval.check_approver(actor.person_id, _asking(announcement))
    # Before its state: words that were edited are a draft again, but what the approver must know is that they changed.
    approval.check_same(content_sha256, announcement.content_sha256)
    state = rules.step(State(announcement.state), Event.APPROVE)
    approval.check_same(content_sha256, content_hash(announcement))
    audiences.require(session, actor, Action.APPROVE, audiences.choices(announcement))
    drafts.check_expiry(announcement.expires, now)
    demand = policies.demand(session, announcement)
    right = _right(session, actor, announcement, demand)
    given = _standing(announcement)
    _require_another(session, actor, right, given)
    if assertions.needed(announcement):
        assertions.make(session, actor, announcement, second, vault, now=now)
    left = demand.approvals - len(given) - 1
    _decide(session, actor, announcement, State.SUBMITTED if left > 0 else state, right, now=now, left=max(left, 0))
    if left <= 0:
        parts.move(session, announcement, Event.APPROVE, now=now)
        mirrors.owe(session, announcement, now=now)
        planning.plan_announcement(session, announcement, now=now)
    return announcement


def renew(
    session: Session, actor: Actor, announcement_id: str, second: Second | None, vault: Vault | None, *, now: datetime
) -> Assertion:
    """Answer once more for a live emergency whose five minutes have passed; whoever did not write it must approve.

    Raises NotAnEmergency, IllegalStep unless it waits or is approved, and what `assertions.make` does.
    """
    announcement = session.get(Announcement, announcement_id)
    writer = announcement is not None and actor.person_id in _asking(announcement)
    announcement = _locked(session, actor, announcement_id, Action.WRITE if writer else Action.APPROVE)
    if not assertions.needed(announcement):
        raise NotAnEmergency
    if announcement.state != State.APPROVED:
        rules.step(State(announcement.state), Event.APPROVE)
    if not writer:
        _right(session, actor, announcement, policies.demand(session, announcement))
    return assertions.make(session, actor, announcement, second, vault, now=now)


def reject(session: Session, actor: Actor, announcement_id: str, *, reason: str, now: datetime) -> Announcement:
    """Send it back, saying why."""
    announcement = _locked(session, actor, announcement_id, Action.APPROVE)
    state = rules.step(State(announcement.state), Event.REJECT)
    right = covering(actor.grants, Action.APPROVE, places.path(session, announcement.unit_id))[0]
    _decide(session, actor, announcement, state, right, now=now, reason=_reason(reason, needed=True))
    parts.move(session, announcement, Event.REJECT, now=now)
    return announcement


def withdraw(session: Session, actor: Actor, announcement_id: str, *, reason: str, now: datetime) -> Announcement:
    """Take it back everywhere: what is planned is cancelled, what plays is stopped; a correction on air goes on."""
    announcement = _locked(session, actor, announcement_id, Action.WITHDRAW)
    announcement.state = rules.step(State(announcement.state), Event.WITHDRAW)
    announcement.reason = _reason(reason)
    announcement.withdrawn_at = announcement.updated_at = now
    _cancel(session, announcement, reason="withdrawn", now=now)
    parts.move(session, announcement, Event.WITHDRAW, now=now)
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


def _locked(session: Session, actor: Actor, announcement_id: str, action: Action) -> Announcement:
    announcement = locked.announcement(session, announcement_id)
    if announcement is None:
        raise NotFound(what="announcement", id=announcement_id)
    actor.require(action, places.path(session, announcement.unit_id))
    parts.require_whole(announcement)
    return announcement


def _checked(session: Session, actor: Actor, draft: Draft, now: datetime) -> Draft:
    tidy = drafts.checked(session, actor, draft, now)
    if tidy.supersedes:
        get(session, actor, tidy.supersedes)
    return tidy


def _cancel(
    session: Session, announcement: Announcement, *, reason: str, now: datetime, keep_schedules: bool = False
) -> None:
    cancelling.cancel_airings(session, announcement, reason=reason, now=now, keep_schedules=keep_schedules)
    for part in parts.taken_back(session, announcement):
        cancelling.cancel_airings(session, part, reason=reason, now=now)


def _require_sound(announcement: Announcement) -> None:
    for version in announcement.versions:
        if version.clip_sha256 is None:
            raise ClipMissing(language=version.language)


def _writers(announcement: Announcement) -> set[str]:
    return {announcement.author_id, *announcement.writers}


def _asking(announcement: Announcement) -> set[str]:
    # Whoever puts another's draft before the approvers asks for it to be heard, and does not answer that alone.
    return _writers(announcement) | ({announcement.submitted_by} if announcement.submitted_by else set())


def _right(session: Session, actor: Actor, announcement: Announcement, demand: Demand) -> Grant:
    rights = covering(actor.grants, Action.APPROVE, places.path(session, announcement.unit_id))
    return approval.right_to_approve(rights, _asking(announcement), demand)


def _standing(announcement: Announcement) -> list[Approval]:
    return [
        each
        for each in announcement.approvals
        if each.approved
        and each.revision == announcement.revision
        and each.content_sha256 == announcement.content_sha256
        and each.person_id not in _writers(announcement)
    ]


def _require_another(session: Session, actor: Actor, right: Grant, given: Sequence[Approval]) -> None:
    # Somebody and whoever stands in for them are one voice, in whichever order they come.
    ids = {each.person_id for each in given}
    steads = {each.deputy_for for each in given if each.deputy_for}
    if {actor.person_id, right.deputy_for} & ids or {actor.name, _name(session, right.deputy_for)} & steads:
        raise AlreadyApproved


def _name(session: Session, person_id: str) -> str:
    return session.get_one(Person, person_id).name if person_id else ""


def _decide(
    session: Session,
    actor: Actor,
    announcement: Announcement,
    state: State,
    right: Grant,
    *,
    now: datetime,
    reason: str = "",
    left: int = 0,
) -> None:
    stead = _name(session, right.deputy_for)
    announcement.approvals.append(
        Approval(
            id=new_id(now),
            revision=announcement.revision,
            content_sha256=announcement.content_sha256 or "",
            approved=state is not State.REJECTED,
            reason=reason,
            person_id=actor.person_id,
            person_name=actor.name,
            deputy_for=stead,
            at=now,
        )
    )
    announcement.state, announcement.reason = state, reason
    announcement.updated_at = now
    if state is not State.SUBMITTED:
        announcement.decided_at, announcement.decided_by = now, actor.person_id
    session.flush()
    action = "reject" if state is State.REJECTED else "approve" if left == 0 else "approve_partly"
    more = {"reason": reason, "deputy_for": stead, "left": str(left or "")}
    _note(session, actor, action, announcement, now, **{key: value for key, value in more.items() if value})


def _reason(reason: str, *, needed: bool = False) -> str:
    tidy = prose(reason)
    if (needed and not tidy) or len(tidy) > LONGEST_REASON:
        raise Malformed(field="reason", problem=f"1–{LONGEST_REASON}")
    return tidy


def _note(session: Session, actor: Actor, action: str, announcement: Announcement, now: datetime, **more: str) -> None:
    details = {"revision": announcement.revision, "content": announcement.content_sha256, **more}
    subject = ("announcement", announcement.id)
    audit.record(session, actor, action, subject, now=now, unit=announcement.unit_id, details=details)
