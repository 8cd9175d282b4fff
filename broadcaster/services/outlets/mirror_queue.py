"""The copies that are due: taken by a conditional update, sent outside any transaction, noted afterwards.

A copy that was taken and never noted is one that nobody knows about: its claim lapses and it becomes `unknown`, or is
tried again where that brings it to nobody twice.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Label, Select, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from broadcaster.domain.announcement import State
from broadcaster.domain.mirror import (
    BY_HAND,
    EXPIRED,
    MOST_REPEATS,
    REPEATABLE,
    SUPERSEDED,
    Action,
    Copy,
    CopyState,
    Event,
    Outcome,
    Text,
    step,
)
from broadcaster.domain.mirror_terms import PostsWhen, clock
from broadcaster.services.outlets import claiming
from broadcaster.services.outlets.claiming import NOT_NOTED, Work, answered, note, work
from broadcaster.services.outlets.mirror_words import Words
from broadcaster.services.outlets.quiet import quiet
from broadcaster.store.heard import aired, overtaken
from broadcaster.store.tables import Airing, Announcement, Channel, MirrorCopy, Unit
from firmware_config.protocol import Klass

_newer = aliased(MirrorCopy)
_sending = aliased(MirrorCopy)
_HAS_NEWER = exists().where(
    _newer.announcement_id == MirrorCopy.announcement_id,
    _newer.channel_id == MirrorCopy.channel_id,
    _newer.id > MirrorCopy.id,
)
_CHANNEL_SENDING = exists().where(_sending.channel_id == MirrorCopy.channel_id, _sending.claimed_until.is_not(None))
_ORDER = (
    case((MirrorCopy.klass == Klass.EMERGENCY, 0), (MirrorCopy.klass == Klass.PRIORITY, 1), else_=2),
    MirrorCopy.due_at,
    MirrorCopy.id,
)
# While its announcement is being edited nothing of it airs, so nothing of it is posted.
_STANDS = and_(Announcement.state == State.APPROVED, Announcement.revision == MirrorCopy.revision)
# An emergency that nobody airs was never given.
_EARLY = and_(Channel.posts_when == PostsWhen.APPROVAL, MirrorCopy.klass != Klass.EMERGENCY)
_QUEUED = and_(MirrorCopy.state == CopyState.QUEUED, MirrorCopy.claimed_until.is_(None))


def due(session: Session, *, now: datetime, limit: int, busy: Collection[str] = ()) -> list[MirrorCopy]:
    """Copies to send now, emergencies first and one for each channel; `busy` channels are left alone."""
    turn = func.row_number().over(partition_by=MirrorCopy.channel_id, order_by=_ORDER).label("turn")
    ranked = _due(turn, now, busy, quiet(session, now=now)).subquery()
    first = select(ranked.c.id).where(ranked.c.turn == 1)
    return list(session.scalars(select(MirrorCopy).where(MirrorCopy.id.in_(first)).order_by(*_ORDER).limit(limit)))


def _due(turn: Label[int], now: datetime, busy: Collection[str], hushed: Collection[str]) -> Select[str, int]:
    # What domain/mirror.py calls `again`, as a condition on rows.
    repeated = and_(
        MirrorCopy.state == CopyState.UNKNOWN,
        MirrorCopy.klass == Klass.EMERGENCY,
        MirrorCopy.lost < MOST_REPEATS,
    )
    return (
        select(MirrorCopy.id, turn)
        .join(Announcement, Announcement.id == MirrorCopy.announcement_id)
        .join(Channel, Channel.id == MirrorCopy.channel_id)
        .where(
            or_(MirrorCopy.state == CopyState.QUEUED, repeated),
            *ripe(now),
            or_(MirrorCopy.klass == Klass.EMERGENCY, MirrorCopy.channel_id.not_in(hushed)),
            Channel.kind.not_in(BY_HAND),
            # A provider that refuses an emergency says so itself, and its own hour holds the pace.
            or_(Channel.blocked_until.is_(None), Channel.blocked_until <= now, MirrorCopy.klass == Klass.EMERGENCY),
            MirrorCopy.channel_id.not_in(busy),
            ~_CHANNEL_SENDING,
        )
    )


def ripe(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Of copies, joined with their announcement and channel: whether their hour has come and their words hold."""
    return (
        or_(MirrorCopy.action == Action.WITHDRAW, _STANDS),
        MirrorCopy.claimed_until.is_(None),
        MirrorCopy.due_at <= now,
        or_(MirrorCopy.expires_at.is_(None), MirrorCopy.expires_at > now),
        or_(
            MirrorCopy.action != Action.POST,
            and_(or_(_EARLY, _begun(now)), ~overtaken(MirrorCopy.announcement_id, now)),
        ),
        Channel.enabled.is_(True),
    )


def _begun(now: datetime) -> ColumnElement[bool]:
    """Whether an airing of its announcement has begun."""
    return exists().where(Airing.announcement_id == MirrorCopy.announcement_id, aired(Airing, now))


def stale(session: Session, *, now: datetime) -> bool:
    """Whether tidy() has anything to do."""
    return bool(session.scalar(select(or_(*(exists().where(condition) for condition in _stale(now))))))


def tidy(session: Session, *, now: datetime) -> None:
    """Drop what expired or was superseded before it went out; what was never noted is unknown, or tried again."""
    lapsed, expired, superseded = _stale(now)
    session.execute(select(MirrorCopy.id).where(or_(*_stale(now))).order_by(MirrorCopy.id).with_for_update())
    unsent = {"state": step(CopyState.QUEUED, Event.DROP), "updated_at": now}
    session.execute(update(MirrorCopy).where(expired).values(provider_code=EXPIRED, **unsent))
    session.execute(update(MirrorCopy).where(superseded).values(provider_code=SUPERSEDED, **unsent))
    for row in session.scalars(select(MirrorCopy).where(lapsed)):
        note(row, _lapse(session, row), now=now)
        row.due_at = now


def _lapse(session: Session, row: MirrorCopy) -> Outcome:
    if session.get_one(Channel, row.channel_id).kind in REPEATABLE:
        # With a name it counts as one that some may have read.
        return Outcome(CopyState.FAILED, row.remote_id or row.id, provider_code=NOT_NOTED)
    return Outcome(CopyState.UNKNOWN, provider_code=NOT_NOTED)


def _stale(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    return (
        MirrorCopy.claimed_until <= now,
        and_(_QUEUED, MirrorCopy.expires_at <= now),
        and_(
            _QUEUED, or_(_HAS_NEWER, and_(MirrorCopy.action == Action.POST, overtaken(MirrorCopy.announcement_id, now)))
        ),
    )


def claim(session: Session, rows: Iterable[MirrorCopy], *, now: datetime, public_url: str) -> list[Work]:
    """Take these copies for LEASE and say what to send; one that somebody else took meanwhile is left out."""

    def read(row: MirrorCopy) -> Work:
        channel = session.get_one(Channel, row.channel_id)
        return work(channel, copy_of(session, row, channel, now=now, public_url=public_url))

    return claiming.claim(session, rows, read, now=now)


def noted(session: Session, copy_id: str, outcome: Outcome, *, now: datetime) -> None:
    """Write down what came of an attempt; an answer that comes after the claim lapsed still counts."""
    row = session.get_one(MirrorCopy, copy_id, with_for_update=True, populate_existing=True)
    answered(session, row, outcome, now=now)


def copy_of(session: Session, row: MirrorCopy, channel: Channel, *, now: datetime, public_url: str) -> Copy:
    """What the channel may say."""
    announcement = session.get_one(Announcement, row.announcement_id)
    words = Words.read(row.text or "")
    return Copy(
        id=row.id,
        action=Action(row.action),
        announcement=announcement.public_id,
        revision=row.revision,
        klass=words.klass,
        kind=words.kind,
        title=words.title,
        texts=texts_for(session, channel, words.texts),
        place=session.get_one(Unit, announcement.unit_id).name,
        airs_at=_airs_at(session, row, now),
        link=f"{public_url}/n/{announcement.public_id}",
        reason=announcement.reason if row.action == Action.WITHDRAW else "",
        repeated=row.state == CopyState.UNKNOWN,
        channel=channel.id,
        named=row.remote_id or "",
        earlier=_earlier(session, row),
        part=words.part,
    )


def _earlier(session: Session, row: MirrorCopy) -> tuple[str, ...]:
    out = (MirrorCopy.remote_id.is_not(None),)
    same = (MirrorCopy.announcement_id == row.announcement_id, MirrorCopy.channel_id == row.channel_id)
    query = select(MirrorCopy.remote_id).where(*same, *out, MirrorCopy.id < row.id).order_by(MirrorCopy.id)
    return tuple(name for name in session.scalars(query) if name)


def texts_for(session: Session, channel: Channel, texts: Sequence[Text]) -> tuple[Text, ...]:
    """The texts a channel's readers get, in the order of their languages."""
    return _texts(texts, channel.languages, _languages(session, channel.unit_id))


def _texts(texts: Sequence[Text], only: Sequence[str], order: Sequence[str]) -> tuple[Text, ...]:
    chosen = [text for text in texts if text.language in only] or texts
    wanted = list(only or order)
    # Python's sort keeps the author's order among the languages the village does not name.
    return tuple(sorted(chosen, key=lambda text: [*wanted, text.language].index(text.language)))


def _languages(session: Session, unit_id: str) -> Sequence[str]:
    unit: Unit | None = session.get_one(Unit, unit_id)
    while unit and not unit.languages:
        unit = session.get(Unit, unit.parent_id) if unit.parent_id else None
    return unit.languages if unit else ()


def _airs_at(session: Session, row: MirrorCopy, now: datetime) -> datetime | None:
    """On the village's clock: the airing this copy was made for, or the next one of its announcement."""
    airing = session.get(Airing, row.airing_id) if row.airing_id else None
    if airing is None or airing.cancelled_at:
        planned = select(Airing).where(Airing.announcement_id == row.announcement_id, Airing.cancelled_at.is_(None))
        airing = session.scalar(planned.where(Airing.planned_at >= now).order_by(Airing.planned_at).limit(1))
    return airing.planned_at.astimezone(clock([airing.zone])) if airing else None
