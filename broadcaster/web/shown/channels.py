"""Chat groups as people tend them: how each is, what it was sent last, and the words its kind needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import Outcome
from broadcaster.domain.permissions import Action, units_of
from broadcaster.services.outlets import channels
from broadcaster.services.outlets.trying import Tried
from broadcaster.store.tables import Announcement, Channel, MirrorCopy
from broadcaster.web.labels import COPY, N_, Label, label
from broadcaster.web.shown.sight import Sight

WORKS = Label(N_("Takes messages"), "check", "ok")
OFF = Label(N_("Switched off"), "stop", "off")
WAITS = Label(N_("The provider asks for a pause"), "clock", "wait")
ILL = Label(N_("The last message was not taken"), "warning", "bad")
UNTRIED = Label(N_("Not tried yet"), "ring", "off")
MOST = 10


@dataclass(frozen=True, slots=True)
class Group:
    """One chat group in the list."""

    id: str
    name: str
    kind: str
    """A message id."""
    unit: str
    state: Label
    why: str
    """What the provider said last, where something is wrong."""
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """One of its recent copies."""

    title: str
    announcement: str
    state: Label
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a test: by the provider's own answer, or of a message that was posted."""

    tried: Tried | None = None
    outcome: Outcome | None = None


def groups(session: Session, seen: Sight, kinds: dict[str, str], *, now: datetime) -> list[Group]:
    """Those of these units, by name."""
    return [group(row, seen, kinds, now=now) for row in channels.of_units(session, seen.units)]


def group(row: Channel, seen: Sight, kinds: dict[str, str], *, now: datetime) -> Group:
    """One of them."""
    state, failed = _state(row, now), row.last_failed_at
    at = max((at for at in (row.last_accepted_at, failed) if at), default=None)
    why = row.blocked_reason if state in {OFF, ILL, WAITS} else ""
    return Group(row.id, row.name, kinds.get(row.kind, row.kind), seen.names_of(row.unit_id), state, why, at)


def ill(session: Session, seen: Sight) -> int:
    """How many of the groups this person tends did not take the last message, or threw us out."""
    mine = tended(seen)
    rows = channels.of_units(session, mine) if mine else ()
    return sum(bool(row.blocked_reason) and (not row.enabled or _failing(row)) for row in rows)


def tended(seen: Sight) -> frozenset[str]:
    """The units within sight whose groups this person looks after."""
    if not units_of(seen.actor.grants, Action.TEND_CHANNELS):
        return frozenset()
    return frozenset(unit for unit in seen.units if seen.allows(Action.TEND_CHANNELS, unit))


def _failing(row: Channel) -> bool:
    return row.last_failed_at is not None and row.last_failed_at >= (row.last_accepted_at or row.last_failed_at)


def _state(row: Channel, now: datetime) -> Label:
    if not row.enabled:
        return OFF
    if row.blocked_until and row.blocked_until > now:
        return WAITS
    if _failing(row):
        return ILL
    return WORKS if row.last_accepted_at else UNTRIED


def recent(session: Session, channel_id: str) -> Sequence[Sent]:
    """Its last copies, the newest first."""
    rows = select(MirrorCopy, Announcement.title).join(Announcement, Announcement.id == MirrorCopy.announcement_id)
    rows = rows.where(MirrorCopy.channel_id == channel_id).order_by(MirrorCopy.id.desc()).limit(MOST)
    return [
        Sent(title, copy.announcement_id, label(COPY, copy.state), copy.updated_at, copy.error or copy.provider_code)
        for copy, title in session.execute(rows)
    ]
