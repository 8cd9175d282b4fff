"""What comes in as CAP: judged, written down, and where it is meant for us made into a draft for people to look at."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from xml.etree.ElementTree import tostring
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from broadcaster.domain import hazards
from broadcaster.domain.cap import incoming, translating
from broadcaster.domain.cap.incoming import Event, Known, State
from broadcaster.domain.cap.message import Message, MsgType
from broadcaster.domain.cap.placing import Placed
from broadcaster.domain.cap.reading import read, tree
from broadcaster.domain.cap.refusal import Refusal, Refused
from broadcaster.domain.cap.writing import moment
from broadcaster.domain.errors import IllegalStep, LoaError
from broadcaster.domain.permissions import Grant, Role
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import cancelling
from broadcaster.services.alarms import emergencies
from broadcaster.services.alarms.cap_places import Lands
from broadcaster.services.alarms.emergencies import Alert
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import standing_orders
from broadcaster.services.outlets.cap_seal import verified
from broadcaster.services.outlets.cap_sources import SIGNATURE
from broadcaster.services.places import units
from broadcaster.services.writing import announcements
from broadcaster.services.writing.drafts import AudienceChoice, Draft, DraftVersion
from broadcaster.store import places
from broadcaster.store.tables import Announcement, CapMessage, CapSource
from firmware_config.protocol import Klass

MOST_IN_AN_HOUR = 200
REMEMBERED = timedelta(days=8)
"""Longer than any alert lives: what came before it may still name it."""
MOST_SHOWN, LONGEST_SHOWN = 20, 100
"""Of the names in an area that are not clear; whoever completes the draft reads them."""


def receive(
    session: Session, source: CapSource, raw: bytes, *, pinned: bool, now: datetime, lands: Lands | None = None
) -> CapMessage:
    """Take one document in; the same one again changes nothing.

    `pinned` = it came over a connection whose certificate was the one this source is known by; `lands` = what others of
    the same round have read already. Raises Refused for what cannot be believed to come from the source at all;
    whatever else is wrong with it is written down.
    """
    raw = genuine(source, raw, pinned=pinned, now=now)
    # However it was encoded, it is kept as one text.
    text = tostring(tree(raw), encoding="unicode")
    message = read(text.encode())
    same = select(CapMessage).where(CapMessage.source_id == source.id, CapMessage.sender == message.sender)
    namesakes = session.scalars(same.where(CapMessage.identifier == message.identifier)).all()
    if known := next((row for row in namesakes if row.sent == moment(message.sent)), None):
        return known
    # What takes something back gives nobody work, and must never wait.
    if message.msg_type is not MsgType.CANCEL:
        _check_flood(session, source, now)
    row = CapMessage(
        id=new_id(now),
        source_id=source.id,
        sender=message.sender,
        identifier=message.identifier,
        sent=moment(message.sent),
        type=message.msg_type,
        status=message.status,
        raw=text,
        state=State.NOTED,
        expires_at=incoming.ends(message),
        received_at=now,
    )
    session.add(row)
    session.flush()
    refusal = Refusal.IDENTIFIER_USED if namesakes else incoming.refusal(message, source.senders, now=now)
    if refusal is not None:
        row.state, row.code = State.REFUSED, refusal
    elif incoming.is_live(message):
        _take(session, source, row, message, now=now, lands=lands or Lands())
    session.flush()
    _note(session, source, "cap_in", row, now)
    return row


def genuine(source: CapSource, raw: bytes, *, pinned: bool, now: datetime) -> bytes:
    """What exactly the source said. Raises Refused for what does not come from it."""
    return raw if pinned and source.trust != SIGNATURE else verified(raw, source.certificate, now=now)


def is_over(session: Session, *, now: datetime) -> bool:
    """Whether `sweep` has anything to do: it is asked every few seconds."""
    rows = select(CapMessage.id).where(CapMessage.state.in_(incoming.OPEN), CapMessage.expires_at <= now)
    return session.scalar(rows.limit(1)) is not None


def sweep(session: Session, *, now: datetime) -> set[str]:
    """End what has expired, also in mid-play; the announcements that concerned."""
    rows = select(CapMessage).where(CapMessage.state.in_(incoming.OPEN), CapMessage.expires_at <= now)
    ended = session.scalars(rows.with_for_update()).all()
    for row in ended:
        row.state = incoming.step(State(row.state), Event.EXPIRE)
        if row.announcement_id:
            _silence(session, row.announcement_id, reason="expired", now=now)
    return {row.announcement_id for row in ended if row.announcement_id}


def program(source: CapSource, unit_id: str) -> Actor:
    """In whose name a source's alerts are written and taken back: it may no more than a clerk of its unit."""
    return replace(standing_orders.program_of(source), grants=(Grant(Role.CLERK, unit_id),))


def _check_flood(session: Session, source: CapSource, now: datetime) -> None:
    # What was meant for elsewhere, or for nobody, gave nobody work either.
    gave_work = CapMessage.state.not_in([State.NOTED, State.ELSEWHERE])
    recent = select(func.count()).where(CapMessage.source_id == source.id, gave_work)
    if (session.scalar(recent.where(CapMessage.received_at > now - timedelta(hours=1))) or 0) >= MOST_IN_AN_HOUR:
        raise Refused(Refusal.TOO_MANY)


def _take(
    session: Session, source: CapSource, row: CapMessage, message: Message, *, now: datetime, lands: Lands
) -> None:
    rows = {each.id: each for each in earlier(session, row, message, now)}
    known = [known_as(each) for each in rows.values()]
    event = Event.CANCEL if message.msg_type is MsgType.CANCEL else Event.UPDATE
    concerned = [rows[each] for each in incoming.concerned(message, known)] if message.references else []
    if message.msg_type is not MsgType.CANCEL:
        overtaken = incoming.overtaken(message, known)
        if overtaken is not None:
            row.state = incoming.step(State.DRAFTED, overtaken)
            return
        where = lands.placed(session, source.unit_id, message)
        _draft(session, source, row, message, where, now=now, before=concerned)
    for each in concerned:
        _replace(session, source, each, event, now)


def earlier(session: Session, row: CapMessage, message: Message, now: datetime) -> Sequence[CapMessage]:
    """Those of the same source and sender that have something to say about it, locked."""
    mine = (CapMessage.source_id == row.source_id, CapMessage.sender == row.sender, CapMessage.id != row.id)
    live = (CapMessage.status == "Actual", CapMessage.state.not_in([State.REFUSED]))
    # Reading one costs; an alert that is not named has nothing to say about this one.
    named = CapMessage.identifier.in_({each.identifier for each in message.references})
    about = or_(CapMessage.type.in_([MsgType.UPDATE, MsgType.CANCEL]), named)
    rows = select(CapMessage).where(*mine, *live, about, CapMessage.received_at > now - REMEMBERED)
    return session.scalars(rows.order_by(CapMessage.id).with_for_update()).all()


def known_as(row: CapMessage) -> Known:
    """It, as the rules look at it."""
    message = standing_orders.message_of(row)
    return Known(row.id, message.reference, message.msg_type, message.references)


def _replace(session: Session, source: CapSource, row: CapMessage, event: Event, now: datetime) -> None:
    """A Cancel silences what it names, by whomever it was sent; an Update takes back only what nobody has sent yet."""
    before = State(row.state)
    try:
        row.state = incoming.step(before, event)
    except IllegalStep:
        return
    if row.announcement_id is None:
        return
    sent = emergencies.first_airing(session, row.announcement_id) is not None
    if event is Event.CANCEL or not sent:
        _withdraw(session, source, row.announcement_id, now)
    _note(session, source, "cap_cancel" if event is Event.CANCEL else "cap_update", row, now)


def _withdraw(session: Session, source: CapSource, announcement_id: str, now: datetime) -> None:
    row = session.get_one(Announcement, announcement_id)
    # What is over already has no state to go to, and may sound all the same.
    with suppress(IllegalStep):
        announcements.withdraw(session, program(source, row.unit_id), row.id, reason=source.name, now=now)
        return
    _silence(session, announcement_id, reason="withdrawn", now=now)


def _silence(session: Session, announcement_id: str, *, reason: str, now: datetime) -> None:
    row = session.get_one(Announcement, announcement_id)
    cancelling.cancel_airings(session, row, reason=reason, now=now)


def _draft(
    session: Session,
    source: CapSource,
    row: CapMessage,
    message: Message,
    where: Placed,
    *,
    now: datetime,
    before: Sequence[CapMessage],
) -> None:
    if not where.units and where.drawn and where.whole:
        row.state = State.ELSEWHERE
        return
    sent = [each.announcement_id for each in before if each.announcement_id]
    sent = [each for each in sent if emergencies.first_airing(session, each) is not None]
    draft = wanted(session, source, message, where, now)
    draft = replace(draft, supersedes=sent[-1] if sent else None)
    made = announcements.write(session, program(source, source.unit_id), draft, now=now)
    row.state, row.announcement_id, row.unclear = State.DRAFTED, made.id, unclear(where)


def unclear(where: Placed) -> dict[str, list[str]]:
    """What of its area somebody must look at, as it is kept."""
    told = {"several": where.several, "unknown": where.unknown}
    return {why: [name[:LONGEST_SHOWN] for name in names[:MOST_SHOWN]] for why, names in told.items() if names}


def wanted(session: Session, source: CapSource, message: Message, where: Placed, now: datetime) -> Draft:
    """The draft it comes to: in our template's words where there is one, else in its own."""
    hazard = translating.hazard_of(message)
    audience = [AudienceChoice("unit", each) for each in where.units]
    named = [places.names(session, where.units)[each] for each in where.units]
    desc = ", ".join(named or [area.desc for info in message.infos[:1] for area in info.areas]) or source.name
    if hazard:
        zone = ZoneInfo(units.zone_of(session, source.unit_id))
        slots = translating.slots_of(message, hazard, desc, until=incoming.ends(message), now=now, zone=zone)
        level = translating.level_of(message) if hazards.hazard_of(hazard).levels else None
        with suppress(LoaError):
            draft = emergencies.draft_of(Alert(hazard, level, source.unit_id, audience, slots))
            return replace(draft, unfinished=not audience, expires=incoming.ends(message))
    words = translating.own_words(message)
    return Draft(
        title=translating.fitted(message.infos[0].headline or message.infos[0].event)[:200],
        unit_id=source.unit_id,
        versions=[DraftVersion(language, text) for language, text in words.items() if language in hazards.WORDINGS]
        or [DraftVersion("vi", next(iter(words.values())))],
        audience=audience,
        klass=Klass.EMERGENCY,
        repeat=3,
        unfinished=not audience,
        expires=incoming.ends(message),
    )


def _note(session: Session, source: CapSource, action: str, row: CapMessage, now: datetime) -> None:
    details = {
        "name": source.name,
        "sender": row.sender,
        "identifier": row.identifier,
        "type": row.type,
        "state": row.state,
        "code": row.code,
        "made": row.announcement_id or "",
    }
    subject = ("cap_source", source.id)
    actor = standing_orders.program_of(source)
    audit.record(session, actor, action, subject, now=now, unit=source.unit_id, details=details)
