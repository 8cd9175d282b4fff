"""The copies in chat groups: how far each got, what it waits for, and what may be done with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import BY_HAND, CopyState
from broadcaster.domain.mirror import Action as Does
from broadcaster.domain.mirror_terms import PostsWhen
from broadcaster.domain.parity import Says
from broadcaster.domain.permissions import Action
from broadcaster.services.outlets import by_hand
from broadcaster.services.outlets.parity import Parity
from broadcaster.services.outlets.quiet import quiet
from broadcaster.store.tables import Airing, Announcement, Channel, MirrorCopy, Person
from broadcaster.web.labels import CARRY, COPY, N_, PARITY, Label, label
from broadcaster.web.shown.sight import Sight
from firmware_config.protocol import Klass

QUIET = N_("Quiet hours until %(when)s; it goes out then.")
TOO_LATE = N_("Quiet hours until %(when)s; by then it is not worth sending any more.")
ON_AIR = N_("Goes out when it is heard, %(when)s.")
PERSON = N_("by %(name)s")
PAGES, BROWSERS = N_("The village's page and its feeds"), N_("%(n)s browsers that asked to be told")


@dataclass(frozen=True, slots=True)
class Copy:
    """The latest copy of one chat group."""

    id: str
    channel: str
    state: Label
    at: datetime
    error: str
    says: Label | None = None
    """What its readers find there, against what stands."""
    again: bool = False
    """Whether this person may have it sent again."""
    carry: bool = False
    """Whether this person may forward it by hand."""
    note: str = ""
    """What it waits for, or who forwarded it, as a message id with places for `until` and `by`."""
    until: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Outlet:
    """What the readers find who are in no group: of a page with its feeds, or of so many browsers."""

    name: str
    says: Label
    count: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A copy that waits for a person, as it stands on Today."""

    id: str
    title: str
    group: str
    place: str
    does: str
    urgent: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked up once for all copies of an announcement."""

    seen: Sight
    airs: bool
    quiet: Mapping[str, datetime]
    hours: Mapping[str, datetime]
    names: Mapping[str, str]
    says: Mapping[str, Says]
    now: datetime


def copies(
    session: Session,
    seen: Sight,
    announcement: Announcement,
    said: Parity | None,
    *,
    now: datetime,
    board: bool = False,
) -> list[Copy]:
    """Each chat group's latest copy, those that failed first; only the board offers to try again."""
    latest = select(func.max(MirrorCopy.id)).where(MirrorCopy.announcement_id == announcement.id)
    query = select(MirrorCopy, Channel).join(Channel, Channel.id == MirrorCopy.channel_id)
    query = query.where(MirrorCopy.id.in_(latest.group_by(MirrorCopy.channel_id))).order_by(Channel.name)
    rows = session.execute(query).all()
    airs = board and seen.allows(Action.AIR, announcement.unit_id)
    known = _known(session, seen, [row for row, _ in rows], said, now, airs=airs)
    found = [_copy(row, channel, known) for row, channel in rows]
    return sorted(found, key=lambda one: one.state.tone != "bad")


def others(said: Parity | None) -> list[Outlet]:
    """What stands outside of groups; nothing where nothing of it was ever approved."""
    if said is None:
        return []
    told = [Outlet(BROWSERS, label(PARITY, says), count) for says, count in sorted(said.browsers.items())]
    return [Outlet(PAGES, label(PARITY, said.page)), *told]


def _known(
    session: Session, seen: Sight, rows: Iterable[MirrorCopy], said: Parity | None, now: datetime, *, airs: bool
) -> _Known:
    waits = {row.airing_id for row in rows if row.state == CopyState.QUEUED and row.airing_id}
    airings = session.scalars(select(Airing).where(Airing.id.in_(waits), Airing.cancelled_at.is_(None)))
    carried = {row.person_id for row in rows if row.person_id}
    names = {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(carried)))}
    says = said.channels if said else {}
    return _Known(seen, airs, quiet(session, now=now), {one.id: one.begins for one in airings}, names, says, now)


def _copy(row: MirrorCopy, channel: Channel, known: _Known) -> Copy:
    hand, failed = channel.kind in BY_HAND, row.state == CopyState.FAILED
    said = label(CARRY if hand and row.state in CARRY else COPY, row.state)
    note, until = _waits_for(row, channel, known)
    by = known.names.get(row.person_id or "", "")
    return Copy(
        row.id,
        channel.name,
        said,
        row.delivered_at or row.accepted_at or row.updated_at,
        row.error or row.provider_code,
        says=label(PARITY, known.says[channel.id]) if channel.id in known.says else None,
        again=known.airs and failed and not hand,
        carry=hand and row.state == CopyState.QUEUED and not note and may_carry(known.seen, channel.unit_id),
        note=PERSON if by else note,
        until=until,
        by=by,
    )


def _waits_for(row: MirrorCopy, channel: Channel, known: _Known) -> tuple[str, datetime | None]:
    begins = known.hours.get(row.airing_id or "", known.now)
    early = channel.posts_when == PostsWhen.APPROVAL and row.klass != Klass.EMERGENCY
    if row.state != CopyState.QUEUED:
        return "", None
    if row.action == Does.POST and not early and begins > known.now:
        return ON_AIR, begins
    end = known.quiet.get(channel.id)
    if end is None or channel.kind in BY_HAND or row.klass == Klass.EMERGENCY:
        return "", None
    return (QUIET if row.expires_at is None or row.expires_at > end else TOO_LATE), end


def may_carry(seen: Sight, unit: str) -> bool:
    """Whether this person takes copies there by hand: the village's head, and whoever airs things."""
    return seen.allows(Action.CONFIRM, unit) or seen.allows(Action.AIR, unit)


def to_carry(seen: Sight, *, now: datetime) -> Select[MirrorCopy]:
    """What waits for this person to forward it."""
    return by_hand.waiting([unit for unit in seen.units if may_carry(seen, unit)], now=now)


def shown(session: Session, seen: Sight, rows: Iterable[MirrorCopy]) -> list[Waiting]:
    """Copies that wait for a person, as Today and the list of them show them."""
    return [_waiting(session, seen, row) for row in rows]


def _waiting(session: Session, seen: Sight, row: MirrorCopy) -> Waiting:
    channel = session.get_one(Channel, row.channel_id)
    said = session.get_one(Announcement, row.announcement_id)
    urgent = row.klass == Klass.EMERGENCY
    place = seen.names_of(channel.unit_id)
    return Waiting(row.id, said.title, channel.name, place, row.action, urgent, row.created_at)
