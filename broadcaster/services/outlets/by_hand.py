"""Copies for groups that no interface reaches: a person carries them over and says so."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import CopyNotNeeded, NotFound
from broadcaster.domain.mirror import BY_HAND, Action, Copy, CopyState, Event, step
from broadcaster.domain.permissions import Action as Right
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.outlets import mirror_queue, mirrors
from broadcaster.store import locked, places
from broadcaster.store.tables import Announcement, Channel, MirrorCopy


@dataclass(frozen=True, slots=True)
class Pack:
    """One copy with where it belongs."""

    row: MirrorCopy
    channel: Channel
    announcement: Announcement

    @property
    def open(self) -> bool:
        """Whether a person may still say that they carried it over: also when it was dropped meanwhile."""
        return self.row.state in {CopyState.QUEUED, CopyState.FAILED}

    @property
    def dropped(self) -> bool:
        """Whether something newer took its place, or its time was over, while it waited."""
        return self.row.state == CopyState.FAILED


def waiting(units: Collection[str], *, now: datetime) -> Select[MirrorCopy]:
    """Those that wait for somebody of these units."""
    query = select(MirrorCopy).join(Announcement, Announcement.id == MirrorCopy.announcement_id)
    mine = (Channel.unit_id.in_(units), Channel.kind.in_(BY_HAND), MirrorCopy.state == CopyState.QUEUED)
    return query.join(Channel, Channel.id == MirrorCopy.channel_id).where(*mine, *mirror_queue.ripe(now))


def how_many(session: Session, units: Collection[str], *, now: datetime) -> int:
    """How many wait there."""
    return session.scalar(select(func.count()).select_from(waiting(units, now=now).subquery())) or 0


def find(session: Session, actor: Actor, copy_id: str) -> Pack:
    """One of them, for whoever may carry it: the village's head, and whoever airs things there.

    Raises NotFound, also for what somebody may not see, and NotAllowed.
    """
    row = session.get(MirrorCopy, copy_id)
    channel = session.get_one(Channel, row.channel_id) if row else None
    if row is None or channel is None or channel.kind not in BY_HAND:
        raise NotFound(what="copy", id=copy_id[:64])
    path = places.path(session, channel.unit_id)
    if not actor.may(Right.SEE, path):
        raise NotFound(what="copy", id=copy_id[:64])
    if not actor.may(Right.AIR, path):
        actor.require(Right.CONFIRM, path)
    return Pack(row, channel, session.get_one(Announcement, row.announcement_id))


def words(session: Session, pack: Pack, *, now: datetime, public_url: str) -> Copy:
    """What readers of the group are to be told."""
    return mirror_queue.copy_of(session, pack.row, pack.channel, now=now, public_url=public_url)


def forwarded(session: Session, actor: Actor, copy_id: str, *, now: datetime) -> Pack:
    """Take down that somebody has carried it over; once is enough.

    What was dropped while they did so is out all the same: what stands now follows it there.
    Raises NotFound, NotAllowed, and CopyNotNeeded where somebody carried it over before.
    """
    pack = find(session, actor, copy_id)
    # Whoever withdraws or approves holds the announcement first; the other way round both would wait.
    locked.announcement(session, pack.announcement.id)
    row = session.get_one(MirrorCopy, copy_id, with_for_update=True, populate_existing=True)
    if not pack.open:
        raise CopyNotNeeded
    late = row.state == CopyState.FAILED
    row.state = step(CopyState(row.state), Event.CARRY)
    row.person_id, row.attempts = actor.person_id, row.attempts + 1
    row.provider_code, row.error = "", ""
    row.accepted_at = row.delivered_at = row.updated_at = pack.channel.last_accepted_at = now
    if late:
        _follow(session, pack, now)
    details = {"group": pack.channel.name, "copy": row.id, "action": row.action}
    subject = ("announcement", pack.announcement.id)
    audit.record(session, actor, "forward", subject, now=now, unit=pack.channel.unit_id, details=details)
    session.flush()
    return pack


def _follow(session: Session, pack: Pack, now: datetime) -> None:
    same = (MirrorCopy.announcement_id == pack.announcement.id, MirrorCopy.channel_id == pack.channel.id)
    waits = (MirrorCopy.state == CopyState.QUEUED, MirrorCopy.action == Action.POST)
    for newer in session.scalars(select(MirrorCopy).where(*same, *waits, MirrorCopy.id > pack.row.id)):
        newer.action = Action.CORRECT
    mirrors.owe(session, pack.announcement, now=now)
