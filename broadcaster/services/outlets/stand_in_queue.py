"""Messages to people who stand in for a loudspeaker: written with the request, sent as copies are, one at a time each.

The link in a message is made when the message is taken to be sent, so that nowhere more than its hash is stored.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from broadcaster.domain import stand_in
from broadcaster.domain.mirror import (
    EXPIRED,
    MOST_REPEATS,
    SUPERSEDED,
    Action,
    Copy,
    CopyState,
    Event,
    Outcome,
    Past,
    Text,
    step,
)
from broadcaster.domain.mirror_terms import clock
from broadcaster.services.ids import hashed, new_id, new_secret
from broadcaster.services.outlets import claiming
from broadcaster.services.outlets.claiming import NOT_NOTED, Work, answered, note, work
from broadcaster.services.outlets.reaching import Head
from broadcaster.store.tables import Airing, Announcement, Channel, Speaker, StandIn, StandInLink, StandInMessage, Unit
from firmware_config.protocol import Kind, Klass

LINK_OUTLIVES = timedelta(days=1)
"""Whoever opens it afterwards reads how it ended."""
RELEASE_LIFE = timedelta(hours=6)

_other = aliased(StandInMessage)
_CHANNEL_SENDING = exists().where(_other.channel_id == StandInMessage.channel_id, _other.claimed_until.is_not(None))
_ORDER = (case((StandIn.klass == Klass.EMERGENCY, 0), else_=1), StandInMessage.due_at, StandInMessage.id)
# A person who is asked twice is asked; one who is not, is not.
_TO_SEND = or_(
    StandInMessage.state == CopyState.QUEUED,
    and_(StandInMessage.state == CopyState.UNKNOWN, StandInMessage.lost < MOST_REPEATS),
)
_ASKING = or_(StandInMessage.action != Action.ASK, StandIn.state.in_(stand_in.WAITING))


def ask(session: Session, row: StandIn, heads: Iterable[Head], *, now: datetime) -> None:
    """Owe each of them the request, in every channel of their own."""
    session.add_all(
        _message(row, (channel, head.person_id), Action.ASK, expires=row.expires_at, now=now)
        for head in heads
        for channel in head.channels
    )
    session.flush()


def release(session: Session, row: StandIn, *, now: datetime, tell: bool) -> None:
    """Drop what has not gone out, and (`tell`) owe those who may have read it that it is over."""
    requests = select(StandInMessage).where(StandInMessage.stand_in_id == row.id, StandInMessage.action == Action.ASK)
    for message in session.scalars(requests.order_by(StandInMessage.id).with_for_update()).all():
        asked = _past(row, message)
        if asked.waiting:
            message.state = step(CopyState.QUEUED, Event.DROP)
            message.provider_code, message.updated_at = SUPERSEDED, now
        if tell and asked.may_be_out:
            to = (message.channel_id, message.person_id)
            session.add(_message(row, to, Action.RELEASE, expires=now + RELEASE_LIFE, now=now))
    session.flush()


def _past(row: StandIn, message: StandInMessage) -> Past:
    sending, named = message.claimed_until is not None, message.remote_id is not None
    return Past(Action(message.action), row.revision, CopyState(message.state), sending, named)


def _message(row: StandIn, to: tuple[str, str], action: Action, *, expires: datetime, now: datetime) -> StandInMessage:
    channel_id, person_id = to
    return StandInMessage(
        id=new_id(now),
        stand_in_id=row.id,
        channel_id=channel_id,
        person_id=person_id,
        action=action,
        state=CopyState.QUEUED,
        due_at=now,
        expires_at=expires,
        created_at=now,
        updated_at=now,
    )


def due(session: Session, *, now: datetime, limit: int, busy: Collection[str] = ()) -> list[StandInMessage]:
    """Messages to send now, those about emergencies first and one for each channel; `busy` ones are left alone."""
    turn = func.row_number().over(partition_by=StandInMessage.channel_id, order_by=_ORDER).label("turn")
    ranked = (
        select(StandInMessage.id, turn)
        .join(StandIn, StandIn.id == StandInMessage.stand_in_id)
        .join(Channel, Channel.id == StandInMessage.channel_id)
        .where(
            _TO_SEND,
            _ASKING,
            StandInMessage.claimed_until.is_(None),
            StandInMessage.due_at <= now,
            StandInMessage.expires_at > now,
            Channel.enabled,
            or_(Channel.blocked_until.is_(None), Channel.blocked_until <= now, StandIn.klass == Klass.EMERGENCY),
            StandInMessage.channel_id.not_in(busy),
            ~_CHANNEL_SENDING,
        )
        .subquery()
    )
    first = select(ranked.c.id).where(ranked.c.turn == 1)
    rows = select(StandInMessage).join(StandIn, StandIn.id == StandInMessage.stand_in_id)
    return list(session.scalars(rows.where(StandInMessage.id.in_(first)).order_by(*_ORDER).limit(limit)))


def stale(session: Session, *, now: datetime) -> bool:
    """Whether tidy() has anything to do."""
    return bool(session.scalar(select(or_(*(exists().where(condition) for condition in _stale(now))))))


def tidy(session: Session, *, now: datetime) -> None:
    """Drop what expired before it went out; what was taken and never noted becomes unknown."""
    lapsed, expired = _stale(now)
    unsent = {"state": step(CopyState.QUEUED, Event.DROP), "provider_code": EXPIRED, "updated_at": now}
    session.execute(update(StandInMessage).where(expired).values(**unsent))
    for row in session.scalars(select(StandInMessage).where(lapsed)):
        note(row, Outcome(CopyState.UNKNOWN, provider_code=NOT_NOTED), now=now)
        row.due_at = now


def _stale(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    queued = and_(StandInMessage.state == CopyState.QUEUED, StandInMessage.claimed_until.is_(None))
    return StandInMessage.claimed_until <= now, and_(queued, StandInMessage.expires_at <= now)


def claim(session: Session, rows: Iterable[StandInMessage], *, now: datetime, public_url: str) -> list[Work]:
    """Take these messages for LEASE and say what to send; one that somebody else took meanwhile is left out."""
    return claiming.claim(session, rows, lambda row: _work(session, row, now, public_url), now=now)


def noted(session: Session, message_id: str, outcome: Outcome, *, now: datetime) -> None:
    """Write down what came of an attempt; an answer that comes after the claim lapsed still counts."""
    row = session.get_one(StandInMessage, message_id, with_for_update=True, populate_existing=True)
    answered(session, row, outcome, now=now)


def new_link(session: Session, row: StandIn, *, person_id: str | None, made_by: str, now: datetime) -> str:
    """The secret of one more link to a request; it is not kept."""
    secret = new_secret()
    link = StandInLink(
        secret_sha256=hashed(secret),
        stand_in_id=row.id,
        person_id=person_id,
        made_by=made_by,
        created_at=now,
        expires_at=row.expires_at + LINK_OUTLIVES,
    )
    session.add(link)
    session.flush()
    return secret


def _work(session: Session, message: StandInMessage, now: datetime, public_url: str) -> Work:
    row = session.get_one(StandIn, message.stand_in_id)
    channel = session.get_one(Channel, message.channel_id)
    link = ""
    if message.action == Action.ASK:
        secret = new_link(session, row, person_id=message.person_id, made_by="system", now=now)
        link = f"{public_url}/say/{secret}"
    return work(channel, _copy(session, message, row, link))


def _copy(session: Session, message: StandInMessage, row: StandIn, link: str) -> Copy:
    airing = session.get_one(Airing, row.airing_id)
    return Copy(
        id=message.id,
        action=Action(message.action),
        announcement=session.get_one(Announcement, row.announcement_id).public_id,
        revision=row.revision,
        klass=Klass(row.klass),
        kind=Kind(row.kind),
        title=row.words["title"],
        texts=tuple(Text(language, text) for language, text in row.words["texts"] if text),
        place=session.get_one(Unit, row.unit_id).name,
        airs_at=row.since.astimezone(clock([airing.zone])),
        link=link,
        reason=row.state if message.action == Action.RELEASE else ", ".join(names(session, row.speakers)),
        repeated=message.state == CopyState.UNKNOWN,
    )


def names(session: Session, speakers: Collection[str]) -> Sequence[str]:
    """What loudspeakers are called."""
    return session.scalars(select(Speaker.name).where(Speaker.id.in_(speakers)).order_by(Speaker.name)).all()
