"""Who reads a unit's announcements by mail: put on the list, taken off, gone by themselves; and what each was sent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import NotFound, ReaderLinkGone
from broadcaster.domain.errors.setting_up import ListTooLong
from broadcaster.domain.mail_list import MOST, Typed
from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.domain.permissions import Action
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id, new_secret
from broadcaster.store import paging, places
from broadcaster.store.paging import Page
from broadcaster.store.tables import Channel, MailReader, MailSent, MirrorCopy
from firmware_config.protocol import Klass

KIND = "email"
READER = Actor("link", "")
"""Who acts, in the audit, where somebody used the link in a mail: whose it was stands nowhere."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the addresses somebody typed."""

    new: int = 0
    there: int = 0
    left: tuple[str, ...] = ()
    """They left before and stay away, because nobody said that they asked again."""


def find_list(session: Session, units: frozenset[str], channel_id: str) -> Channel:
    """A list of these units. Raises NotFound, also for a channel of another kind."""
    row = session.get(Channel, channel_id)
    if row is None or row.kind != KIND or row.person_id is not None or row.unit_id not in units:
        raise NotFound(what="channel", id=channel_id)
    return row


def page(session: Session, channel_id: str, *, after: str | None = None) -> Page[MailReader]:
    """Those on the list, the newest first."""
    return paging.page(session, _on(channel_id), MailReader.id, after=after, newest_first=True)


def numbers(session: Session, channel_id: str) -> tuple[int, int]:
    """How many read it, and how many have left."""
    mine = MailReader.channel_id == channel_id
    read, everybody = session.execute(
        select(func.count().filter(MailReader.left_at.is_(None)), func.count()).select_from(MailReader).where(mine)
    ).one()
    return read, everybody - read


def _on(channel_id: str) -> Select[MailReader]:
    return select(MailReader).where(MailReader.channel_id == channel_id, MailReader.left_at.is_(None))


def add(
    session: Session, actor: Actor, channel_id: str, typed: Typed, *, asked_again: bool = False, now: datetime
) -> Added:
    """Put addresses on the list; who left stays away unless they `asked_again`.

    Raises NotFound, NotAllowed, ListTooLong.
    """
    row = _tended(session, actor, channel_id)
    if len(typed.good) > MOST:
        raise ListTooLong(most=MOST)
    mine = (MailReader.channel_id == channel_id, MailReader.address.in_(typed.good))
    known = {reader.address: reader for reader in session.scalars(select(MailReader).where(*mine))}
    gone = [reader for reader in known.values() if reader.left_at is not None]
    new = [address for address in typed.good if address not in known]
    session.add_all(
        MailReader(id=new_id(now), channel_id=channel_id, address=address, secret=new_secret(), created_at=now)
        for address in new
    )
    for reader in gone if asked_again else ():
        reader.left_at = None
    added = Added(
        len(new) + len(gone) * asked_again,
        len(known) - len(gone),
        () if asked_again else tuple(sorted(reader.address for reader in gone)),
    )
    if added.new:
        said = {"count": added.new}
        audit.record(session, actor, "readers", ("channel", row.id), now=now, unit=row.unit_id, details=said)
    return added


def remove(session: Session, actor: Actor, channel_id: str, reader_id: str, *, now: datetime) -> None:
    """Take one off the list. Raises NotFound, NotAllowed."""
    row = _tended(session, actor, channel_id)
    reader = session.get(MailReader, reader_id)
    if reader is None or reader.channel_id != channel_id:
        raise NotFound(what="reader", id=reader_id)
    if reader.left_at is None:
        reader.left_at = now
        audit.record(session, actor, "reader_off", ("channel", row.id), now=now, unit=row.unit_id)


def of_secret(session: Session, secret: str) -> MailReader:
    """Whose link this is. Raises ReaderLinkGone."""
    reader = session.scalar(select(MailReader).where(MailReader.secret == secret))
    if reader is None:
        raise ReaderLinkGone
    return reader


def leave(session: Session, secret: str, *, now: datetime) -> None:
    """Whoever holds the link reads it no more; once more is as good as once. Raises ReaderLinkGone."""
    reader = of_secret(session, secret)
    if reader.left_at is None:
        reader.left_at = now
        channel = session.get_one(Channel, reader.channel_id)
        audit.record(session, READER, "reader_left", ("channel", channel.id), now=now, unit=channel.unit_id)


def come_back(session: Session, secret: str, *, now: datetime) -> None:
    """Whoever holds the link wants to read it again. Raises ReaderLinkGone."""
    reader = of_secret(session, secret)
    if reader.left_at is not None:
        reader.left_at = None
        channel = session.get_one(Channel, reader.channel_id)
        audit.record(session, READER, "reader_back", ("channel", channel.id), now=now, unit=channel.unit_id)


def waiting(session: Session, channel_id: str, copy_id: str) -> Sequence[tuple[MailReader, bool]]:
    """Who is still to be sent a copy, and whether an earlier attempt may have reached them.

    Of whom nobody knows is sent only an emergency again.
    """
    copy = session.get(MirrorCopy, copy_id)
    if copy is None:
        return ()
    emergency = copy.klass == Klass.EMERGENCY
    rows = session.execute(
        select(MailReader, MailSent.state)
        .outerjoin(MailSent, (MailSent.reader_id == MailReader.id) & (MailSent.copy_id == copy_id))
        .where(MailReader.channel_id == channel_id, MailReader.left_at.is_(None))
        .order_by(MailReader.id)
    )
    unsure = CopyState.UNKNOWN
    return [(reader, state == unsure) for reader, state in rows if state is None or (emergency and state == unsure)]


def note(session: Session, copy_id: str, reader_id: str, outcome: Outcome, *, now: datetime) -> None:
    """Write down what came of one mail; of one that certainly did not go out and may be tried again, nothing."""
    row = session.get(MailSent, (copy_id, reader_id))
    if outcome.state is CopyState.FAILED and not outcome.permanent:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(MailSent(copy_id=copy_id, reader_id=reader_id, state=outcome.state, at=now))
    else:
        row.state, row.at = outcome.state, now


def sent(session: Session, copy_id: str) -> Mapping[CopyState, int]:
    """What came of one copy, and how many times."""
    states = session.scalars(select(MailSent.state).where(MailSent.copy_id == copy_id))
    return Counter(CopyState(state) for state in states)


def _tended(session: Session, actor: Actor, channel_id: str) -> Channel:
    row = session.get(Channel, channel_id)
    if row is None or row.kind != KIND or row.person_id is not None:
        raise NotFound(what="channel", id=channel_id)
    actor.require(Action.TEND_CHANNELS, places.path(session, row.unit_id))
    return row
