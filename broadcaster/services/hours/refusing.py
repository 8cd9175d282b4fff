"""Why something may not be heard, as a refusal that spells it out."""

from datetime import datetime

from broadcaster.domain.audience import Place
from broadcaster.domain.errors import (
    CategoryBarred,
    DaySpent,
    LoaError,
    NearQuietSite,
    OnHoliday,
    OutsideHours,
    PauseTooShort,
    SessionsSpent,
    SessionTooLong,
)
from broadcaster.domain.rules.instants import instant, when
from broadcaster.domain.rules.limits import hours_words
from broadcaster.domain.rules.tightening import spans
from broadcaster.domain.rules.words import NONE_SOON, moment_words, said
from broadcaster.domain.said import Said
from broadcaster.services.hours.book import Book, sound_of
from broadcaster.store.tables import Announcement
from firmware_config.protocol import Barred, Holidays, Hours, Rules, in_force

KINDS: dict[Barred, type[LoaError]] = {
    Barred.OUTSIDE_HOURS: OutsideHours,
    Barred.HOLIDAY: OnHoliday,
    Barred.QUIET_SITE: NearQuietSite,
    Barred.CATEGORY: CategoryBarred,
    Barred.SESSION_LENGTH: SessionTooLong,
    Barred.SESSIONS_SPENT: SessionsSpent,
    Barred.DAY_SPENT: DaySpent,
    Barred.PAUSE: PauseTooShort,
}
MINUTES = {
    Barred.SESSION_LENGTH: "session_minutes",
    Barred.DAY_SPENT: "day_minutes",
    Barred.PAUSE: "pause_minutes",
}


def refusal(
    book: Book,
    announcement: Announcement,
    place: Place,
    bar: Barred,
    start: datetime,
    *,
    ms: int,
    after: datetime | None,
) -> LoaError:
    """The refusal of a sound that is barred on one speaker; `after` = when it may be heard."""
    ((listener, _),) = book.listeners(announcement, [place], start)
    sound, unit = listener.blame(sound_of(announcement, start, ms))
    ruling = next(each for each in in_force(listener.chain, sound.start) if each.unit == unit)
    zone = book.zone(place.unit)
    heard_at = when(sound.start, zone)
    params: dict[str, str | int] = {
        "unit": book.names.get(unit, book.names[place.unit]),
        "start": said(lambda language: moment_words(heard_at, language)),
        "next": next_words(after, zone),
        "next_at": after.isoformat() if after else "",
        "category": announcement.category,
        **_details(book, place, bar, ruling, heard_at),
    }
    return KINDS[bar](**params)


def next_words(after: datetime | None, zone: str) -> Said:
    """The next free time with its date, or that there is none soon."""
    if after is None:
        return NONE_SOON
    shown = when(instant(after), zone)
    return said(lambda language: moment_words(shown, language, dated=True))


def _details(book: Book, place: Place, bar: Barred, ruling: Rules, at: datetime) -> dict[str, str | int]:
    if bar is Barred.OUTSIDE_HOURS:
        return {"hours": _hours(ruling.hours, ruling, at)}
    if bar is Barred.QUIET_SITE:
        return _quiet(book, place, ruling, at)
    if bar is Barred.SESSIONS_SPENT:
        return {"sessions": ruling.sessions_day}
    return {"minutes": getattr(ruling, MINUTES[bar])} if bar in MINUTES else {}


def _quiet(book: Book, place: Place, ruling: Rules, at: datetime) -> dict[str, str | int]:
    """The site whose hours it is, or the rules themselves where they name quiet hours without a site."""
    found = {site.name: [Hours.from_json(window) for window in site.quiet["hours"]] for site in book.sites(place)}
    day, season = at.weekday(), at.month * 100 + at.day
    today = {name: windows for name, windows in found.items() if spans(windows, day, season)}
    name = ", ".join(today) or book.names[place.unit]
    windows = [window for each in today.values() for window in each] or list(ruling.quiet)
    return {"site": name, "hours": _hours(windows, ruling, at)}


def _hours(windows: list[Hours] | tuple[Hours, ...], ruling: Rules, at: datetime) -> Said:
    today = at.year * 10_000 + at.month * 100 + at.day
    sunday = ruling.holidays is Holidays.SUNDAY and today in ruling.holiday_dates
    found = spans(windows, 6 if sunday else at.weekday(), at.month * 100 + at.day)
    return said(lambda language: hours_words(found, language))
