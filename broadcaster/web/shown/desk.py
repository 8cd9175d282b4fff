"""What the first page says at a glance: on the air, to come, aired, gone wrong with one next step; each village."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State as Planned
from broadcaster.domain.delivery import PLAYED, State
from broadcaster.domain.mirror import CopyState
from broadcaster.domain.permissions import Action
from broadcaster.services.airtime.schedules import WRITTEN_BY_HAND
from broadcaster.store.tables import Airing, Announcement, Channel, Delivery, MirrorCopy, Schedule, Speaker
from broadcaster.web.i18n import ZONE
from broadcaster.web.labels import AIRING, N_, REASON, SPEAKER, Label
from broadcaster.web.shown.airings import AiringBrief, airings, real
from broadcaster.web.shown.sight import Sight
from firmware_config.protocol import Klass

LOOKED_BACK = timedelta(hours=24)
LOOKED_AHEAD = timedelta(hours=24)
LAST_HEARD = timedelta(days=7)
FEW = 3
MOST_OF_A_DAY = 50
MOST_VILLAGES = 80
SOME_OFFLINE = Label(N_("Some without connection"), "half", "wait")
FELL_OFF = (State.MISSED, State.PARTIAL, State.REFUSED)


class Wrong(StrEnum):
    """What can have gone wrong."""

    SILENT = "silent"
    MISSED = "missed"
    REFUSED = "refused"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that went wrong, and the page where the one next step is taken."""

    wrong: Wrong
    at: datetime
    title: str
    count: int
    """Loudspeakers of which nothing was heard."""
    reason: str
    where: str
    """The chat group, of a copy."""
    href: str


@dataclass(frozen=True, slots=True)
class Now:
    """Today in four short lists, and the day on the village's clock as one."""

    on_air: tuple[AiringBrief, ...]
    failures: tuple[Failure, ...]
    coming: tuple[AiringBrief, ...]
    aired: tuple[AiringBrief, ...]
    day: tuple[AiringBrief, ...]


@dataclass(frozen=True, slots=True)
class Village:
    """One line of a village; moments are none where there are none within sight."""

    id: str
    name: str
    state: Label
    online: int
    total: int
    next: datetime | None
    last: datetime | None


def today(session: Session, seen: Sight, *, now: datetime) -> Now:
    """What aired since yesterday at this hour, what is on the air, and what comes until tomorrow."""
    begins, ends = _day_of(now)
    near = Airing.planned_at.between(now - LOOKED_BACK, now + LOOKED_AHEAD)
    found = airings(session, seen, near, _is_programme(now), limit=200)
    coming = [one for one in reversed(found) if one.state == AIRING[Planned.PLANNED]]
    failures = [*_airing_failures(session, seen, found), *_copy_failures(session, seen, now)]
    return Now(
        tuple(one for one in found if one.state == AIRING[Planned.ON_AIR]),
        tuple(sorted(failures, key=lambda one: one.at, reverse=True)),
        tuple(coming),
        tuple(one for one in found if one.state == AIRING[Planned.DONE]),
        tuple(one for one in found if begins <= one.planned_at < ends)[:MOST_OF_A_DAY],
    )


def _day_of(now: datetime) -> tuple[datetime, datetime]:
    """When the day on the village's clock begins and ends; it lies within what is looked back and ahead."""
    begins = datetime.combine(now.astimezone(ZONE).date(), time(), ZONE)
    return begins.astimezone(UTC), (begins + timedelta(days=1)).astimezone(UTC)


def _is_programme(now: datetime) -> ColumnElement[bool]:
    """Neither what only stands by nor the repeats an alert may still have: its own page tells of these."""
    repeat = and_(Airing.klass == Klass.EMERGENCY, Airing.planned_at > now)
    return and_(Airing.standby.is_(False), ~repeat)


def _airing_failures(session: Session, seen: Sight, found: Iterable[AiringBrief]) -> Iterable[Failure]:
    wrong = {AIRING[Planned.MISSED]: Wrong.MISSED, AIRING[Planned.REFUSED]: Wrong.REFUSED}
    again = _ways(session, seen, [one for one in found if one.state in wrong])
    for one in found:
        if one.state in wrong:
            href = again.get((one.id, wrong[one.state]), f"/airings/{one.id}")
            yield Failure(wrong[one.state], one.planned_at, one.title, one.total, one.reason, "", href)
        elif (count := _silent(one)) > 0:
            href = f"/airings/{one.id}?show=unheard"
            yield Failure(Wrong.SILENT, one.planned_at, one.title, count, "", "", href)


def _silent(one: AiringBrief) -> int:
    """Loudspeakers given up; while it sounds the others may still be heard."""
    if one.state == AIRING[Planned.DONE]:
        return one.silent
    if one.state == AIRING[Planned.ON_AIR]:
        return sum(one.counts.get(state, 0) for state in FELL_OFF) - one.by_person
    return 0


def _ways(session: Session, seen: Sight, found: Sequence[AiringBrief]) -> Mapping[tuple[str, Wrong], str]:
    """Where it is aired again, or at another hour, for those this person may air."""
    query = (
        select(Airing.id, Airing.announcement_id, Airing.schedule_id, Schedule.kind, Announcement.unit_id)
        .join(Schedule, Schedule.id == Airing.schedule_id)
        .join(Announcement, Announcement.id == Airing.announcement_id)
        .where(Airing.id.in_([one.id for one in found]))
    )
    ways: dict[tuple[str, Wrong], str] = {}
    for row in session.execute(query) if found else ():
        if seen.allows(Action.AIR, row.unit_id):
            again = f"/announcements/{row.announcement_id}/air"
            other = f"/schedules/{row.schedule_id}" if row.kind in WRITTEN_BY_HAND else again
            ways |= {(row.id, Wrong.MISSED): again, (row.id, Wrong.REFUSED): other}
    return ways


def _copy_failures(session: Session, seen: Sight, now: datetime) -> Iterable[Failure]:
    latest = select(func.max(Airing.id)).where(Airing.announcement_id == MirrorCopy.announcement_id).scalar_subquery()
    query = (
        select(MirrorCopy, Channel.name, Announcement.title, latest.label("airing"))
        .join(Channel, Channel.id == MirrorCopy.channel_id)
        .join(Announcement, Announcement.id == MirrorCopy.announcement_id)
        .where(MirrorCopy.state == CopyState.FAILED, MirrorCopy.updated_at > now - LOOKED_BACK)
        .where(MirrorCopy.provider_code != "superseded", Announcement.unit_id.in_(seen.units))
        .order_by(MirrorCopy.updated_at.desc())
        .limit(20)
    )
    for row, channel, title, airing in session.execute(query):
        href = f"/airings/{airing}#copies" if airing else f"/announcements/{row.announcement_id}"
        reason = REASON.get(row.error, row.error or row.provider_code)
        yield Failure(Wrong.COPY, row.updated_at, title, 0, reason, channel, href)


def villages(session: Session, seen: Sight, *, now: datetime) -> list[Village]:
    """Every village with a loudspeaker, those in trouble first; none where there are more than a page takes."""
    counts = _connected(session, seen)
    if len({_home(seen, unit) for unit in counts}) > MOST_VILLAGES:
        return []
    known = _Known(counts, _moments(session, counts, now))
    together: dict[str, list[str]] = {}
    for unit in counts:
        together.setdefault(_home(seen, unit), []).append(unit)
    found = [_village(seen, home, units, known) for home, units in together.items()]
    return sorted(found, key=lambda one: (ORDER.index(one.state.tone), one.name))


def _home(seen: Sight, unit: str) -> str:
    # Loudspeakers of a village that became part of another one are told of there.
    return seen.home(unit) or unit


@dataclass(frozen=True, slots=True)
class _Known:
    """By unit: how many are connected of how many, and when something comes, was heard last, and sounds."""

    counts: Mapping[str, tuple[int, int]]
    moments: Mapping[str, Row[Any]]


def _village(seen: Sight, home: str, units: Sequence[str], known: _Known) -> Village:
    online, total = (sum(known.counts[unit][which] for unit in units) for which in (0, 1))
    moments = [known.moments[unit] for unit in units if unit in known.moments]
    return Village(
        home,
        seen.names_of(home),
        AIRING[Planned.ON_AIR] if any(each.sounding for each in moments) else _state(online, total),
        online,
        total,
        min((each.coming for each in moments if each.coming), default=None),
        max((each.last for each in moments if each.last), default=None),
    )


_WAITING = (State.PLANNED, State.STORED, State.ARMED)
_SOUNDING = (State.STARTED,)
ORDER = ("bad", "wait", "busy", "ok", "off")


def _connected(session: Session, seen: Sight) -> dict[str, tuple[int, int]]:
    query = select(Speaker.unit_id, Speaker.online, func.count()).where(
        Speaker.unit_id.in_(seen.units), Speaker.revoked_at.is_(None), Speaker.pretend.is_(False)
    )
    found: dict[str, tuple[int, int]] = {}
    for unit, online, number in session.execute(query.group_by(Speaker.unit_id, Speaker.online)):
        before = found.get(unit, (0, 0))
        found[unit] = (before[0] + number * online, before[1] + number)
    return found


def _moments(session: Session, units: Iterable[str], now: datetime) -> dict[str, Row[Any]]:
    """By unit: when something comes, when something was last heard, and since when something sounds."""
    soon = and_(Airing.state == Planned.PLANNED, Airing.planned_at >= now, Delivery.state.in_(_WAITING))
    past = and_(Airing.planned_at.between(now - LAST_HEARD, now), Delivery.state.in_(PLAYED))
    sounding = and_(Airing.state == Planned.ON_AIR, Delivery.state.in_(_SOUNDING))
    query = select(
        Delivery.unit_id,
        func.min(case((soon, Airing.planned_at))).label("coming"),
        func.max(case((past, Airing.planned_at))).label("last"),
        func.max(case((sounding, Airing.planned_at))).label("sounding"),
    )
    query = query.join(Airing, Airing.id == Delivery.airing_id).where(Airing.standby.is_(False), real())
    # The bound is wide; without it all that was ever delivered in a unit is read.
    query = query.where(Delivery.unit_id.in_(list(units)), Delivery.expires > now - LAST_HEARD)
    return {row.unit_id: row for row in session.execute(query.group_by(Delivery.unit_id))}


def _state(online: int, total: int) -> Label:
    if online == total:
        return SPEAKER["online"]
    return SOME_OFFLINE if online else SPEAKER["offline"]
