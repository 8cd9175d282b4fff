"""What the rules of the air say of a moment, a day and a speaker; `book` holds what one pass of planning knows."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from broadcaster.domain.audience import Place
from broadcaster.domain.rules import free
from broadcaster.domain.rules.instants import instant, when
from broadcaster.domain.rules.stretches import Stretch, stretches
from broadcaster.services.hours import refusing
from broadcaster.services.hours.book import Book, is_alarm, sound_of
from broadcaster.store.tables import Announcement
from firmware_config.protocol import Exempt, Rules

SEARCHED = timedelta(days=14)


def require(
    session: Session,
    announcement: Announcement,
    audience: Sequence[Place],
    start: datetime,
    *,
    now: datetime,
    sound_ms: int,
    book: Book | None = None,
    but: str = "",
) -> None:
    """Raise why it may not be heard then by all of the audience, in words and with the next free time.

    Raises OutsideHours, OnHoliday, NearQuietSite, CategoryBarred, SessionTooLong, SessionsSpent, DaySpent or
    PauseTooShort; `params` of each hold `next` in words and `next_at` as ISO 8601 in UTC, empty when there is none.
    `but` = the airing that is judged again.
    """
    book = book or Book(session, now)
    barred = book.bars(announcement, audience, start, sound_ms=sound_ms, but=but)
    if barred:
        place = next(each for each in audience if each.speaker in barred)
        after = next_free(book, announcement, audience, max(start, now), sound_ms=sound_ms)
        raise refusing.refusal(book, announcement, place, barred[place.speaker], start, ms=sound_ms, after=after)


def next_free(
    book: Book, announcement: Announcement, audience: Sequence[Place], after: datetime, *, sound_ms: int
) -> datetime | None:
    """The earliest full minute from `after` on at which all of the audience may hear it; None = not within 14 days."""
    begin = max(after, announcement.not_before or after)
    until = min(begin + SEARCHED, (announcement.expires or begin + SEARCHED) - timedelta(milliseconds=sound_ms - 1))
    if is_alarm(announcement):
        return begin
    listeners = [listener for listener, _ in book.listeners(announcement, audience)]
    found = free.next_free(listeners, sound_of(announcement, begin, sound_ms), instant(until))
    return None if found is None else when(found)


def chains(session: Session, speakers: Iterable[Place], *, now: datetime) -> dict[str, tuple[Rules, ...]]:
    """Each speaker's chain of dated sets, as its manifest holds them."""
    book = Book(session, now)
    return {place.speaker: book.chain(place) for place in speakers}


def exempts(session: Session, speakers: Iterable[Place], *, now: datetime) -> dict[str, tuple[Exempt, ...]]:
    """What each speaker may be heard with outside its rules."""
    book = Book(session, now)
    return {place.speaker: book.exempts(place) for place in speakers}


def day(book: Book, place: Place, start: datetime, length: timedelta = timedelta(hours=24)) -> list[Stretch]:
    """When a speaker (or a unit, as a place without one) may be heard, and why not when it may not."""
    return stretches(book.chain(place), instant(start), instant(start + length))
