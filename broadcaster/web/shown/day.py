"""The next 24 hours in a unit: when it may be heard, what is planned, what is closed and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State
from broadcaster.domain.audience import Place
from broadcaster.domain.delivery import State as Standing
from broadcaster.domain.rules.instants import instant, when
from broadcaster.services.hours import asking
from broadcaster.services.hours.book import Book
from broadcaster.store.tables import Airing, Announcement, Delivery
from broadcaster.web.labels import BARRED, KLASS, N_, Label, label
from broadcaster.web.shown.sight import Sight
from firmware_config.protocol import Barred, Millis

HOURS = 24
HOUR_MS = 3_600_000
OPEN = N_("may be heard")
SHOWN = (State.PLANNED, State.ON_AIR, State.REFUSED)


@dataclass(frozen=True, slots=True)
class Planned:
    """One airing in the unit."""

    id: str
    title: str
    klass: Label
    at: datetime
    speakers: int
    barred: int
    """On so many of them it is refused."""
    x: int
    """Minutes from the beginning of the drawing."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the day; `why` in words, and the unit or the sites that say so."""

    start: str
    end: str
    open: bool
    why: str
    who: str
    x: int
    width: int
    tone: str
    airings: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """24 hours from a full hour on."""

    pieces: tuple[Piece, ...]
    ticks: tuple[str, ...]
    now_x: int


def next_day(session: Session, seen: Sight, place: Place, now: datetime) -> Day:
    """What may be heard and is planned where `place` hangs; a place without a speaker stands for its whole unit."""
    book = Book(session, now)
    zone = book.zone(place.unit)
    begin = instant(now) // HOUR_MS * HOUR_MS
    found = asking.day(book, place, when(begin), timedelta(hours=HOURS))
    airings = _planned(session, seen, place, begin)
    sites = ", ".join(site.name for site in book.sites(place))
    pieces = []
    for one in found:
        inside = [each for each in airings if one.start <= instant(each.at) < one.end]
        who = sites if one.bar is Barred.QUIET_SITE else seen.names_of(one.unit) if one.unit in book.names else ""
        pieces.append(
            Piece(
                start=_clock(one.start, zone),
                end=_clock(one.end, zone),
                open=one.bar is None,
                why=BARRED[one.bar] if one.bar else OPEN,
                who=who,
                x=(one.start - begin) // 60_000,
                width=(one.end - one.start) // 60_000,
                tone="open" if one.bar is None else "quiet" if one.bar is Barred.QUIET_SITE else "closed",
                airings=tuple(inside),
            )
        )
    ticks = tuple(_clock(begin + number * 6 * HOUR_MS, zone) for number in range(5))
    return Day(tuple(pieces), ticks, (instant(now) - begin) // 60_000)


def _planned(session: Session, seen: Sight, place: Place, begin: Millis) -> list[Planned]:
    hung = Delivery.speaker_id == place.speaker if place.speaker else Delivery.unit_id.in_(seen.tree.under(place.unit))
    barred = func.sum(cast(Delivery.state == Standing.REFUSED, Integer))
    rows = (
        select(Airing, Announcement.title, func.count(), barred)
        .join(Announcement, Announcement.id == Airing.announcement_id)
        .join(Delivery, Delivery.airing_id == Airing.id)
        .where(hung, Airing.state.in_(SHOWN), Airing.standby.is_(False))
        .where(Airing.planned_at >= when(begin), Airing.planned_at < when(begin + HOURS * HOUR_MS))
        # Else all that was ever delivered there is read, and looked up among the airings.
        .where(Delivery.expires >= when(begin))
        .group_by(Airing.id, Announcement.title)
        .order_by(Airing.planned_at, Airing.id)
    )
    return [
        Planned(
            id=airing.id,
            title=title,
            klass=label(KLASS, airing.klass),
            at=airing.planned_at,
            speakers=speakers,
            barred=refused,
            x=(instant(airing.planned_at) - begin) // 60_000,
        )
        for airing, title, speakers, refused in session.execute(rows)
    ]


def _clock(at: Millis, zone: str) -> str:
    return f"{when(at, zone):%H:%M}"
