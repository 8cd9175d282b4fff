"""What a schedule would mean: its next times, and which of them the rules of the air bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from broadcaster.domain.errors import (
    EmptyAudience,
    EndBeforeStart,
    ExpiredAnnouncement,
    InThePast,
    LoaError,
    ScheduleEmpty,
)
from broadcaster.domain.schedule import At, Kind, Moment, Recurrence, moment, rule_of, zone_named
from broadcaster.domain.schedule.checks import check, first
from broadcaster.services.airtime.knowledge import Knowledge
from broadcaster.services.airtime.meeting import met
from broadcaster.services.hours import asking
from broadcaster.services.places import audiences, units
from broadcaster.store.tables import Announcement, Schedule

SHOWN = 5
# A form knows only whole minutes: the minute that is running may still be chosen.
GRACE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Coming:
    """One time to come; `bar` is why it will not be heard then, with the next free time in its `params`."""

    moment: Moment
    bar: LoaError | None = None
    meets: tuple[str, ...] = ()
    """The titles of what is planned there at the same time: loudspeakers play one after the other."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A schedule as it would be stored, and its next times."""

    kind: Kind
    rule: At | Recurrence
    starts: datetime
    until: datetime | None
    zone: ZoneInfo
    next: Sequence[Coming]


def foresee(
    session: Session,
    announcement: Announcement,
    given: Mapping[str, Any],
    *,
    starts: datetime | None,
    until: datetime | None,
    now: datetime,
    about_ms: int = 0,
) -> Preview:
    """A recurrence, or with nothing given once at `starts`; raises what the rule deserves.

    `about_ms` is how long it may sound, where its sound is not made yet.
    """
    zone = zone_named(units.zone_of(session, announcement.unit_id))
    _check_times(announcement, starts, until, zone, now)
    begin = max(starts or now, now)
    if given:
        rule = Recurrence.from_json(given).starting((starts or now).astimezone(zone).date())
        check(rule, begin, until, zone)
        moments = [moment(at, zone) for at in first(rule, begin, until, zone, SHOWN)]
        coming = _judged(session, announcement, moments, now, about_ms)
        return Preview(Kind.RECURRING, rule, begin, until, zone, coming)
    if starts is None:
        raise ScheduleEmpty
    if starts <= now - GRACE:
        raise InThePast(when=_shown(starts, zone))
    coming = _judged(session, announcement, [moment(begin, zone)], now, about_ms)
    return Preview(Kind.AT, At(begin), begin, None, zone, coming)


def upcoming(row: Schedule, *, now: datetime, many: int = SHOWN) -> list[Moment]:
    """The next times of a stored schedule on the village clock."""
    zone = zone_named(row.zone)
    rule = rule_of(row.kind, row.rule, row.starts)
    if isinstance(rule, Recurrence):
        return [moment(at, zone) for at in first(rule, max(now, row.starts), row.until, zone, many)]
    return [moment(row.starts, zone)] if row.starts > now else []


def _check_times(
    announcement: Announcement, starts: datetime | None, until: datetime | None, zone: ZoneInfo, now: datetime
) -> None:
    if starts is not None and until is not None and until <= starts:
        raise EndBeforeStart(start=_shown(starts, zone), end=_shown(until, zone))
    if until is not None and until <= now:
        raise InThePast(when=_shown(until, zone))
    expires = announcement.expires
    if expires is not None and max(starts or now, now) >= expires:
        raise ExpiredAnnouncement(when=_shown(expires, zone))


def _judged(
    session: Session, announcement: Announcement, moments: Sequence[Moment], now: datetime, about_ms: int
) -> list[Coming]:
    try:
        audience = audiences.resolve(session, audiences.choices(announcement))
    except EmptyAudience:
        # A draft may be scheduled before the loudspeakers of a village are put up.
        return [Coming(each) for each in moments]
    know = Knowledge(session, now)
    book, ms = know.book, max(know.sound_ms(announcement, audience), about_ms)

    def bar(at: datetime) -> LoaError | None:
        try:
            asking.require(session, announcement, audience, at, now=now, book=book, sound_ms=ms)
        except LoaError as error:
            return error
        return None

    speakers = [place.speaker for place in audience]
    meetings = met(session, announcement.id, speakers, [each.at for each in moments], sound_ms=ms)
    return [Coming(each, bar(each.at), titles) for each, titles in zip(moments, meetings, strict=True)]


def _shown(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%d/%m/%Y %H:%M")
