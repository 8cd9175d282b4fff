"""Airing an imported alert without a person: only under a standing order of two, and only as it came."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import announcement as rules
from broadcaster.domain.announcement import Event, State
from broadcaster.domain.cap import incoming
from broadcaster.domain.cap.incoming import State as Became
from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action, covering
from broadcaster.services import audit
from broadcaster.services.airtime import airings, cancelling, planning
from broadcaster.services.alarms import cap_in
from broadcaster.services.alarms.readiness import readiness
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import mirrors, standing_orders
from broadcaster.services.outlets.standing_orders import Order, Voice
from broadcaster.services.people import people
from broadcaster.services.places import audiences
from broadcaster.services.sound import clips
from broadcaster.services.sound.clips import Studio
from broadcaster.services.writing import contents, parts, policies, submissions
from broadcaster.store import locked, places
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, Approval, CapMessage, CapSource

FRESH = timedelta(minutes=10)
"""What waited longer, because the service was away or its sound could not be made, is for people to decide."""
MOST_IN_AN_HOUR = 4
"""Of one source; what comes above it waits for people."""


def work(database: Database, studio: Studio, *, now: datetime) -> set[str]:
    """Do the next step with every alert that may be heard without a person; the airings that concerns.

    Called every few seconds. The first step approves, the next airs once its correction is on the speakers.
    """
    with database.read() as session:
        over = cap_in.is_over(session, now=now)
    if over:
        with database.transaction() as session:
            cap_in.sweep(session, now=now)
    aired: set[str] = set()
    _make_sounds(database, studio, now)
    with database.read() as session:
        waiting = [row.id for row in _waiting(session, now) if _order(session, row, now)]
    for message_id in waiting:
        aired |= _advance(database, message_id, now)
    return aired


def _make_sounds(database: Database, studio: Studio, now: datetime) -> None:
    """A person who opens an alert must hear it at once. Slow, and outside every transaction."""
    with database.read() as session:
        silent = [
            (row.id, row.announcement_id)
            for row in _waiting(session, now)
            if not row.code and not _sounds(session.get_one(Announcement, row.announcement_id))
        ]
    for message_id, announcement_id in silent:
        try:
            clips.prepare(database, studio, announcement_id or "", now=now)
        except LoaError as error:
            with database.transaction() as session:
                session.get_one(CapMessage, message_id).code = error.code


def _sounds(announcement: Announcement) -> bool:
    made = [version.clip_sha256 for row in (announcement, *announcement.parts) for version in row.versions]
    return announcement.state != State.DRAFT or all(made)


def _advance(database: Database, message_id: str, now: datetime) -> set[str]:
    with database.read() as session:
        row = session.get_one(CapMessage, message_id)
        announcement = session.get_one(Announcement, row.announcement_id)
        draft = announcement.state == State.DRAFT
    try:
        with database.transaction() as session:
            return _approve(session, message_id, now) if draft else _air(session, message_id, now)
    except LoaError as error:
        with database.transaction() as session:
            session.get_one(CapMessage, message_id).code = error.code
        return set()


def _waiting(session: Session, now: datetime) -> list[CapMessage]:
    rows = select(CapMessage).where(CapMessage.state == Became.DRAFTED, CapMessage.received_at > now - FRESH)
    return list(session.scalars(rows.where(CapMessage.announcement_id.is_not(None)).order_by(CapMessage.id)))


def _order(session: Session, row: CapMessage, now: datetime) -> Order | None:
    """The order under which it may be heard, while nobody has touched it."""
    source, announcement = session.get_one(CapSource, row.source_id), session.get_one(Announcement, row.announcement_id)
    order = standing_orders.in_force(session, source, now=now)
    program = standing_orders.program_of(source).person_id
    untouched = {announcement.author_id, *announcement.writers} == {program}
    if order is None or not untouched or not order.rule.fits(standing_orders.message_of(row)):
        return None
    # Foreign words that no template of ours carries are read by a person first.
    if announcement.state not in {State.DRAFT, State.APPROVED} or not (announcement.audience and announcement.hazard):
        return None
    # Nor is it heard in some of its places while nobody has said which the others are.
    if row.unclear.get("several"):
        return None
    return order if _enough(session, announcement, order, now) and not _too_many(session, source, now) else None


def _enough(session: Session, announcement: Announcement, order: Order, now: datetime) -> bool:
    """Whether these two voices are all that the rules of approval ask for there."""
    demand, path = policies.demand(session, announcement), places.path(session, announcement.unit_id)
    people_there = [people.actor_of(session, each.person_id, origin="", now=now) for each in _voices(order)]
    rights = [covering(each.grants, Action.APPROVE, path) for each in people_there]
    return demand.approvals <= len(rights) and all(any(one.role in demand.roles for one in held) for held in rights)


def _too_many(session: Session, source: CapSource, now: datetime) -> bool:
    # What became of an alert since then does not make it unheard.
    recent = (
        select(Airing.announcement_id)
        .join(CapMessage, CapMessage.announcement_id == Airing.announcement_id)
        .where(CapMessage.source_id == source.id, Airing.standby.is_(False))
        .where(Airing.created_by == standing_orders.program_of(source).person_id)
        .where(Airing.created_at > now - timedelta(hours=1))
        .distinct()
    )
    return len(session.scalars(recent.limit(MOST_IN_AN_HOUR)).all()) >= MOST_IN_AN_HOUR


def _approve(session: Session, message_id: str, now: datetime) -> set[str]:
    row = session.get_one(CapMessage, message_id, with_for_update=True)
    announcement = locked.announcement(session, row.announcement_id or "")
    assert announcement is not None
    order = _order(session, row, now)
    if order is None or announcement.state != State.DRAFT:
        return set()
    for each in (announcement, *parts.of(session, announcement)):
        if any(version.clip_sha256 is None for version in each.versions):
            return set()
    audiences.resolve(session, audiences.choices(announcement))
    for event in (Event.SUBMIT, Event.APPROVE):
        announcement.state = rules.step(State(announcement.state), event)
        if event is Event.SUBMIT:
            announcement.submitted_at, announcement.submitted_by = now, announcement.author_id
            parts.move(session, announcement, event, now=now)
            announcement.content_sha256 = contents.content_hash(announcement)
            submissions.keep(session, announcement, now=now)
        else:
            announcement.approvals += [_approval(announcement, row, each, now) for each in _voices(order)]
            announcement.decided_at, announcement.decided_by = now, _voices(order)[-1].person_id
            session.flush()
            parts.move(session, announcement, event, now=now)
    announcement.updated_at = now
    _note(session, row, order, "cap_approve", now)
    mirrors.owe(session, announcement, now=now)
    planning.plan_announcement(session, announcement, now=now)
    return set()


def _air(session: Session, message_id: str, now: datetime) -> set[str]:
    source_id = session.get_one(CapMessage, message_id).source_id
    # Two broadcasters that air for one source count one after the other; locked in the order in which messages come in.
    source = session.get_one(CapSource, source_id, with_for_update=True)
    row = session.get_one(CapMessage, message_id, with_for_update=True)
    order = _order(session, row, now)
    if order is None or row.state != Became.DRAFTED:
        return set()
    announcement = session.get_one(Announcement, row.announcement_id)
    if parts.first_airing(session, announcement.id) is not None or not readiness(session, announcement, now=now).ready:
        return set()
    actor = cap_in.program(source, source.unit_id)
    airing = airings.air(session, actor, announcement.id, at=None, now=now, emergency=True)
    row.state = incoming.step(Became(row.state), incoming.Event.AIR)
    if announcement.supersedes_id:
        before = session.get_one(Announcement, announcement.supersedes_id)
        cancelling.cancel_airings(session, before, reason="superseded", now=now)
    _note(session, row, order, "cap_air", now)
    return {airing.id}


def _voices(order: Order) -> list[Voice]:
    return [order.asked, *([order.granted] if order.granted else [])]


def _approval(announcement: Announcement, row: CapMessage, voice: Voice, now: datetime) -> Approval:
    return Approval(
        id=new_id(now),
        revision=announcement.revision,
        content_sha256=announcement.content_sha256 or "",
        approved=True,
        reason=f"CAP {row.sender},{row.identifier}",
        person_id=voice.person_id,
        person_name=voice.name,
        at=now,
    )


def _note(session: Session, row: CapMessage, order: Order, action: str, now: datetime) -> None:
    announcement = session.get_one(Announcement, row.announcement_id)
    source = session.get_one(CapSource, row.source_id)
    details = {
        "sender": row.sender,
        "identifier": row.identifier,
        "content": announcement.content_sha256,
        "order": order.about,
        "people": ", ".join(each.name for each in _voices(order)),
    }
    actor, subject = standing_orders.program_of(source), ("announcement", announcement.id)
    audit.record(session, actor, action, subject, now=now, unit=announcement.unit_id, details=details)
