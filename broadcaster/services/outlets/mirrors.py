"""Which copies an announcement owes to which channels; their sending is in mirror_queue.py."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.announcement import State
from broadcaster.domain.mirror import EXPIRED, SUPERSEDED, Action, CopyState, Event, Past, owed, step
from broadcaster.domain.mirror_terms import PostsWhen, Terms
from broadcaster.domain.permissions import Action as Right
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import hearers, push_owing
from broadcaster.services.outlets.mirror_words import words_of
from broadcaster.store import places
from broadcaster.store.tables import Airing, Announcement, Channel, MirrorCopy, PushSubscription
from firmware_config.protocol import Klass

# For how long an announcement without an end of its own is worth posting, and a correction in any case.
WORTH_POSTING = timedelta(days=1)
WORTH_CORRECTING = timedelta(days=3)
USUAL = Terms()
ONE_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why something may be owed."""

    announcement: Announcement
    airing: Airing | None
    now: datetime


def owe(session: Session, announcement: Announcement, *, now: datetime, airing: Airing | None = None) -> int:
    """Write down what each channel is owed now, and return how many copies that is; safe to call too often.

    What only stands by on the speakers is not owed: residents read a correction when it is called up.
    The first copy is owed when an airing is planned, and goes out when one has begun; to a channel that posts at
    approval, or whose readers a new revision of what was heard takes in, it is owed and goes out then. After that each
    newly approved revision owes a correction, and a withdrawal, or an audience that leaves a channel out, owes a
    withdrawal. A channel that is switched off is owed what follows the copies it has, and no first one.
    """
    session.flush()
    if announcement.state not in {State.APPROVED, State.WITHDRAWN} or (airing and airing.standby):
        return 0
    push_owing.owe(session, announcement, now=now, airing=airing)
    history = histories(session, announcement.id, hold=True)
    approved = announcement.state == State.APPROVED
    standing = _addressed(session, announcement) if approved else {}
    on = {channel for channel, enabled in standing.items() if enabled}
    cause = _Cause(announcement, airing, now)
    still = history.keys() & standing.keys()
    # Whoever approves leaves a channel out; a loudspeaker that is away while an airing is planned does not.
    told = still if airing and approved else history.keys()
    first = on if airing or hearers.told_at_once(session, announcement, now=now) else _early(session, announcement, on)
    channels = {*told, *first}
    rows = [_settle(cause, channel, history[channel], standing=channel in standing) for channel in sorted(channels)]
    new = [row for row in rows if row]
    _attach(session, (history[channel][-1] for channel in still), cause)
    session.add_all(new)
    session.flush()
    return len(new)


def anybody(session: Session) -> bool:
    """Whether there is anybody at all who may be owed something."""
    ids = (select(Channel.id).limit(1), select(PushSubscription.id).limit(1))
    return any(session.scalar(each) for each in ids)


def _early(session: Session, announcement: Announcement, standing: set[str]) -> Iterable[str]:
    # An alert that nobody airs was never given; of its parts residents read when they are called up.
    if announcement.klass == Klass.EMERGENCY or announcement.part:
        return ()
    early = (Channel.posts_when == PostsWhen.APPROVAL, Channel.id.in_(standing))
    return session.scalars(select(Channel.id).where(*early)).all()


def _settle(cause: _Cause, channel_id: str, rows: Sequence[MirrorCopy], *, standing: bool) -> MirrorCopy | None:
    history = [past(row) for row in rows]
    action = owed(history, revision=cause.announcement.revision, standing=standing)
    if action or not standing:
        # A withdrawal that waits is what those who are left out are still to read.
        _drop_waiting((row for row in rows if action or row.action != Action.WITHDRAW), cause.now)
    return _row(cause, channel_id, action, rows) if action else None


def past(row: MirrorCopy) -> Past:
    """A copy as the rules see it."""
    sending, named = row.claimed_until is not None, row.remote_id is not None
    return Past(Action(row.action), row.revision, CopyState(row.state), sending, named)


def _drop_waiting(rows: Iterable[MirrorCopy], now: datetime) -> None:
    for row in rows:
        if past(row).waiting:
            row.state, row.provider_code, row.updated_at = step(CopyState.QUEUED, Event.DROP), SUPERSEDED, now


def _attach(session: Session, latest: Iterable[MirrorCopy], cause: _Cause) -> None:
    """Let first copies wait for this airing that wait for none that still stands, or whose time was over unsent."""
    airing, revision = cause.airing, cause.announcement.revision
    if airing is None:
        return
    for row in latest:
        if row.action == Action.POST and row.revision == revision and _unsent(row):
            _revive(row, cause.now)
        if row.action != Action.POST or not past(row).waiting:
            continue
        before, worth = session.get(Airing, row.airing_id or ""), _worth_posting(cause, airing)
        if before is None or before.cancelled_at:
            row.airing_id, row.expires_at = airing.id, worth
        else:
            # Words that are heard every day are worth posting after each time.
            row.expires_at = max(row.expires_at or worth, worth)


def _unsent(row: MirrorCopy) -> bool:
    return row.state == CopyState.FAILED and row.provider_code == EXPIRED and row.remote_id is None


def _revive(row: MirrorCopy, now: datetime) -> None:
    row.state, row.airing_id = step(CopyState.FAILED, Event.RETRY), None
    row.provider_code, row.error = "", ""
    row.due_at = row.updated_at = now


def _worth_until(cause: _Cause, action: Action) -> datetime | None:
    if action is not Action.POST:
        return cause.now + WORTH_CORRECTING
    # Without an airing nobody knows when it will be heard.
    return _worth_posting(cause, cause.airing) if cause.airing else cause.announcement.expires


def _worth_posting(cause: _Cause, airing: Airing) -> datetime:
    return cause.announcement.expires or max(cause.now, airing.begins) + WORTH_POSTING


def _row(cause: _Cause, channel_id: str, action: Action, earlier: Sequence[MirrorCopy]) -> MirrorCopy:
    announcement, now = cause.announcement, cause.now
    klass, text = _words(announcement, action, earlier)
    # Copies of one channel are sent in the order of their ids.
    later = max([now, *(row.created_at + ONE_MS for row in earlier)])
    return MirrorCopy(
        id=new_id(later),
        announcement_id=announcement.id,
        channel_id=channel_id,
        airing_id=cause.airing.id if cause.airing else None,
        revision=announcement.revision,
        action=action,
        klass=klass,
        state=CopyState.QUEUED,
        text=text,
        due_at=now,
        expires_at=_worth_until(cause, action),
        created_at=later,
        updated_at=now,
    )


def _words(announcement: Announcement, action: Action, earlier: Sequence[MirrorCopy]) -> tuple[str, str | None]:
    if action is not Action.WITHDRAW:
        return announcement.klass, words_of(announcement).stored()
    # What is withdrawn is what was read, not a draft or a refused correction that came after it.
    read = [row for row in earlier if past(row).may_be_out][-1]
    return read.klass, read.text


def histories(session: Session, announcement_id: str, *, hold: bool = False) -> dict[str, list[MirrorCopy]]:
    """All copies of an announcement by their channel, the earliest first; `hold` them, so that none is sent meanwhile.

    What was seen of them before is then read anew.
    """
    found: dict[str, list[MirrorCopy]] = defaultdict(list)
    rows = select(MirrorCopy).where(MirrorCopy.announcement_id == announcement_id).order_by(MirrorCopy.id)
    if hold:
        rows = rows.with_for_update().execution_options(populate_existing=True)
    for row in session.scalars(rows):
        found[row.channel_id].append(row)
    return found


def channels_of(session: Session, announcement: Announcement) -> set[str]:
    """The channels whose readers live where it is heard, and that are switched on."""
    return {channel for channel, enabled in _addressed(session, announcement).items() if enabled}


def _addressed(session: Session, announcement: Announcement) -> dict[str, bool]:
    """The channels whose readers live where it is heard, and whether each is switched on."""
    rows = session.execute(
        select(Channel.id, Channel.unit_id, Channel.enabled).where(Channel.person_id.is_(None))
    ).all()
    units = hearers.among(session, announcement, {row.unit_id for row in rows})
    return {row.id: row.enabled for row in rows if row.unit_id in units}


def add_channel(
    session: Session,
    actor: Actor,
    *,
    unit_id: str,
    kind: str,
    name: str,
    settings: Mapping[str, str],
    secret: str | None,
    now: datetime,
    terms: Terms = USUAL,
) -> Channel:
    """Give a unit a channel; settings as mirrors/registry.py knows them, the secret one apart.

    Raises UnknownUnit, NotAllowed.
    """
    actor.require(Right.TEND_CHANNELS, places.path(session, unit_id))
    channel = Channel(
        id=new_id(now),
        unit_id=unit_id,
        kind=kind,
        name=name,
        settings=dict(settings),
        secret=secret,
        created_by=actor.person_id,
        created_at=now,
    )
    settle_terms(channel, terms)
    session.add(channel)
    said = {"kind": kind, "name": name}
    audit.record(session, actor, "channel.added", ("channel", channel.id), now=now, unit=unit_id, details=said)
    return channel


def settle_terms(channel: Channel, terms: Terms) -> None:
    """Let copies go there on these terms."""
    channel.posts_when, channel.languages = terms.posts_when, list(terms.languages)
    channel.quiet_from, channel.quiet_until = terms.quiet_from, terms.quiet_until
    channel.rate_per_minute = terms.per_minute
