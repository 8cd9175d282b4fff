"""The calendar: what was planned, aired or refused on each day, and what schedules will plan on days to come."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel.dates import format_date
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State as Planned
from broadcaster.domain.announcement import State
from broadcaster.domain.audience import Choice, ChoiceKind, resolve
from broadcaster.domain.months import midnight
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import public_holidays, rule_of, zone_named
from broadcaster.domain.schedule.almanac import Span, days, holiday_names, lunar_short
from broadcaster.services.airtime.schedules import WRITTEN_BY_HAND
from broadcaster.store import places
from broadcaster.store.tables import Airing, Announcement, AudienceEntry, Delivery, Schedule, Speaker
from broadcaster.web.i18n import ZONE, say
from broadcaster.web.labels import AIRING, KLASS, N_, REASON, Label, label
from broadcaster.web.shown.sight import Sight

MOST = 2_000
"""Airings of one page: two months of thirty a day."""
MOST_SCHEDULES = 400
HOLIDAY = N_("Public holiday")
FORESEEN = Label(N_("To be planned"), "ring", "off")
ONE_DAY = timedelta(days=1)
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Entry:
    """One airing on its day; `move` is where its time is changed, empty where this person may not or it is over."""

    at: datetime
    hour: str
    title: str
    href: str
    klass: Label
    state: Label
    reason: str
    move: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar."""

    day: date
    name: str
    lunar: str
    holiday: str
    today: bool
    other: bool
    """It belongs to the month before or after."""
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked at: days, and perhaps only one unit or one loudspeaker."""

    span: Span
    at: date
    unit: str = ""
    speaker: str = ""


def calendar(session: Session, seen: Sight, wanted: Wanted, language: str, now: datetime) -> list[Day]:
    """Each day with all that airs on it, in the order of the clock."""
    shown = days(wanted.span, wanted.at)
    stretch = midnight(shown[0], ZONE), midnight(shown[-1] + ONE_DAY, ZONE)
    entries = [*_airings(session, seen, wanted, stretch, now), *_foreseen(session, seen, wanted, stretch)]
    by_day: dict[date, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: (one.at, one.title)):
        by_day.setdefault(entry.at.astimezone(ZONE).date(), []).append(entry)
    today = now.astimezone(ZONE).date()
    return [
        Day(
            day,
            str(format_date(day, "EEE d/M", locale=language)),
            lunar_short(day),
            _holiday(day, language),
            day == today,
            wanted.span is Span.MONTH and day.month != wanted.at.month,
            tuple(by_day.get(day, ())),
        )
        for day in shown
    ]


def _holiday(day: date, language: str) -> str:
    if day not in public_holidays(day.year):
        return ""
    # The library has no French.
    return say(language, HOLIDAY) if language == "fr" else holiday_names(day.year, language).get(day, HOLIDAY)


def _airings(session: Session, seen: Sight, wanted: Wanted, shown: Stretch, now: datetime) -> Iterable[Entry]:
    begin, end = shown
    query = (
        select(
            Airing.id,
            Airing.planned_at,
            Airing.state,
            Airing.cancel_reason,
            Airing.klass,
            Airing.schedule_id,
            Schedule.kind,
            Announcement.title,
            Announcement.unit_id,
        )
        .join(Announcement, Announcement.id == Airing.announcement_id)
        .join(Schedule, Schedule.id == Airing.schedule_id)
        .where(Airing.planned_at >= begin, Airing.planned_at < end, Airing.standby.is_(False))
        .where(seen.announcements(), *_there(seen, wanted))
    )
    for row in session.execute(query.order_by(Airing.planned_at).limit(MOST)):
        coming = (
            row.planned_at > now and row.state in {Planned.PLANNED, Planned.REFUSED} and row.kind in WRITTEN_BY_HAND
        )
        yield Entry(
            at=row.planned_at,
            hour=f"{row.planned_at.astimezone(ZONE):%H:%M}",
            title=row.title,
            href=f"/airings/{row.id}",
            klass=label(KLASS, row.klass),
            state=label(AIRING, row.state),
            reason=REASON.get(row.cancel_reason, row.cancel_reason),
            move=f"/schedules/{row.schedule_id}" if coming and seen.allows(Action.AIR, row.unit_id) else "",
        )


def _there(seen: Sight, wanted: Wanted) -> list[ColumnElement[bool]]:
    heard = select(Delivery.airing_id).where(Delivery.airing_id == Airing.id)
    if wanted.speaker:
        return [heard.where(Delivery.speaker_id == wanted.speaker).exists()]
    if wanted.unit:
        return [heard.where(Delivery.unit_id.in_(seen.tree.under(wanted.unit))).exists()]
    return []


def _foreseen(session: Session, seen: Sight, wanted: Wanted, shown: Stretch) -> Iterable[Entry]:
    """What approved schedules mean beyond what the planner has laid out."""
    begin, end = shown
    query = (
        select(Schedule, Announcement.title, Announcement.klass, Announcement.unit_id, Announcement.expires)
        .join(Announcement, Announcement.id == Schedule.announcement_id)
        .where(Announcement.state == State.APPROVED, seen.announcements())
        .where(Schedule.kind.in_(WRITTEN_BY_HAND), Schedule.ended_at.is_(None), Schedule.starts < end)
        .where(or_(Schedule.planned_through.is_(None), Schedule.planned_through < end))
        .where(or_(Schedule.until.is_(None), Schedule.until > begin))
        .where(or_(Announcement.expires.is_(None), Announcement.expires > begin))
        .order_by(Schedule.id.desc())
        .limit(MOST_SCHEDULES)
    )
    found = session.execute(query).all()
    heard = _heard(session, seen, wanted, {row.Schedule.announcement_id for row in found})
    for schedule, title, klass, unit, expires in found:
        if heard is not None and schedule.announcement_id not in heard:
            continue
        first = max(begin, schedule.planned_through or schedule.starts, schedule.starts)
        last = min(end, schedule.until or end, expires or end)
        may = seen.allows(Action.AIR, unit)
        href = f"/schedules/{schedule.id}" if may else f"/announcements/{schedule.announcement_id}"
        for at in _moments(schedule.kind, json.dumps(schedule.rule), schedule.starts, (first, last), schedule.zone):
            yield Entry(
                at,
                f"{at.astimezone(ZONE):%H:%M}",
                title,
                href,
                label(KLASS, klass),
                FORESEEN,
                "",
                href if may else "",
            )


@lru_cache(maxsize=2_048)
def _moments(kind: str, rule: str, starts: datetime, within: Stretch, zone: str) -> tuple[datetime, ...]:
    """The moments of a schedule; the same rule is reckoned once for all who look at the same days."""
    found = rule_of(kind, json.loads(rule), starts).between(*within, zone_named(zone))
    return tuple(moment.at for moment in found)


def _heard(session: Session, seen: Sight, wanted: Wanted, announcements: set[str]) -> set[str] | None:
    """Which of these are heard in the unit or on the loudspeaker; None = all will do."""
    if not (wanted.unit or wanted.speaker) or not announcements:
        return None
    chosen: dict[str, list[Choice]] = {}
    for entry in session.scalars(select(AudienceEntry).where(AudienceEntry.announcement_id.in_(announcements))):
        chosen.setdefault(entry.announcement_id, []).append(
            Choice(ChoiceKind(entry.kind), entry.heard_at, entry.include)
        )
    under = seen.tree.under(wanted.unit) if wanted.unit else frozenset()
    tree = places.tree(session)
    here = [
        place
        for place in places.speakers_in_service(session)
        if (place.speaker == wanted.speaker if wanted.speaker else place.unit in under)
    ]
    return {one for one, choices in chosen.items() if resolve(choices, tree, here)}


@dataclass(frozen=True, slots=True)
class Choosing:
    """The units and loudspeakers to choose among, as (id, name)."""

    units: Sequence[tuple[str, str]]
    speakers: Sequence[tuple[str, str]]


MOST_CHOICES = 120


def choosing(session: Session, seen: Sight, unit: str) -> Choosing:
    """The way down to the unit chosen and what lies directly below it; the loudspeakers in it, where they are few."""
    above = [each for each in seen.tree.path(unit) if each in seen.units - seen.closed] if unit else sorted(seen.tops)
    ground = unit or (above[0] if len(above) == 1 else "")
    below = [each for each in seen.units - seen.closed if ground and seen.parent(each) == ground]
    below.sort(key=seen.names_of)
    units = [(each, seen.names_of(each)) for each in dict.fromkeys([*above, *below[:MOST_CHOICES]])]
    inside = seen.tree.under(ground) if ground else seen.units
    query = select(Speaker.id, Speaker.name).where(Speaker.unit_id.in_(inside), Speaker.revoked_at.is_(None))
    rows = session.execute(query.order_by(Speaker.name).limit(MOST_CHOICES + 1)).all()
    return Choosing(units, [(row.id, row.name) for row in rows] if len(rows) <= MOST_CHOICES else ())
