"""What the people of a village find under its name: what was said lately, what comes next, and any alert on top."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from broadcaster.domain.airing import State
from broadcaster.domain.announcement import State as Approval
from broadcaster.domain.errors import UnknownUnit
from broadcaster.domain.land import Land, common_parent, home, leads_to, leaves, path
from broadcaster.domain.residents import on_top
from broadcaster.domain.words import plain
from broadcaster.services.outlets import listen_again
from broadcaster.services.outlets.concerned import Concerned, all_of, any_of, audience_of
from broadcaster.services.outlets.listen_again import Page
from broadcaster.store import places
from broadcaster.store.heard import begun, was_aired
from broadcaster.store.tables import Airing, Announcement, Unit, Version
from firmware_config.protocol import Kind, Klass

AHEAD = timedelta(days=2)
MOST_AHEAD, MOST_PLANNED, MOST_ALERTS = 40, 500, 5
ALERTS_BEHIND = timedelta(days=30)
"""No alert is on top for longer than this."""
AT_ONCE = 10
FINISHED = (Approval.APPROVED, Approval.WITHDRAWN, Approval.EXPIRED)
NEWEST = (Airing.planned_at.desc(), Airing.id.desc())
SEARCHED = 1_000
"""So many of the latest are looked through."""


@dataclass(frozen=True, slots=True)
class Named:
    """A unit and what it is called."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """An announcement as residents may read it, and its latest airing."""

    page: Page
    airing: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Coming:
    """What will be heard; of an approved announcement no more than its name is told before."""

    airing: str
    made: datetime
    at: datetime
    ms: int
    public_id: str
    title: str
    klass: str
    kind: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A unit's name and all that will be heard there."""

    name: str
    coming: tuple[Coming, ...]


@dataclass(frozen=True, slots=True)
class Village:
    """Everything the page of a unit shows."""

    id: str
    name: str
    above: tuple[Named, ...]
    """The topmost first."""
    within: tuple[Named, ...]
    """Its villages; then only what they are told as one is shown."""
    languages: tuple[str, ...]
    """In which order it hears them."""
    alerts: tuple[Said, ...]
    said: tuple[Said, ...]
    """The latest first, without the alerts."""
    coming: tuple[Coming, ...]
    older: str
    """After which airing the next page begins; empty on the last one."""

    @property
    def alarmed(self) -> bool:
        """Whether any alert still holds: nobody was told that it was wrong or is over."""
        return any(not (one.page.called or one.page.withdrawn) for one in self.alerts)


def village(
    session: Session, unit_id: str, *, now: datetime, after: str = "", words: str = "", most: int = AT_ONCE
) -> Village:
    """The page of a unit, from the airing `after` on, or what fits some words. Raises UnknownUnit.

    A closed unit has none; `moved_to` says where its people look now.
    """
    land = _land_of(session, unit_id)
    inside = tuple(_named(land, each) for each in land if each in leaves(land, unit_id))
    anybody = any_of(session, land, unit_id)
    told = all_of(land, unit_id) if inside else anybody
    alerts = () if after or words else _alerts(session, anybody, now)
    above = {each.page.public_id for each in alerts}
    # One more than a page holds tells whether there is another.
    found = list(islice(_said(session, told, now, after, words), most + 1))
    return Village(
        id=unit_id,
        name=land[unit_id].name,
        above=tuple(_named(land, each) for each in path(land, unit_id)[:-1] if not land[each].closed),
        within=inside,
        languages=_languages(session, path(land, unit_id)),
        alerts=alerts,
        said=tuple(one for one in found[:most] if one.page.public_id not in above),
        coming=() if after or words else coming(session, told, now=now, until=now + AHEAD),
        older=found[most - 1].airing if len(found) > most else "",
    )


def moved_to(session: Session, unit_id: str) -> str:
    """Where the people of a closed unit look now: the unit it became part of, or the one above its parts.

    Raises UnknownUnit; of an open one it is that itself.
    """
    land = places.land(session)
    if unit_id not in land:
        raise UnknownUnit(id=unit_id[:64])
    found = leads_to(land, unit_id)
    above = found[0] if len(found) == 1 else home(land, common_parent(land, found) or unit_id)
    if above is None:
        raise UnknownUnit(id=unit_id[:64])
    return above


def planned(session: Session, unit_id: str, *, now: datetime) -> Planned:
    """All that is planned in a unit, as far ahead as it is. Raises UnknownUnit as `village` does."""
    land = _land_of(session, unit_id)
    told = all_of(land, unit_id) if leaves(land, unit_id) else any_of(session, land, unit_id)
    return Planned(land[unit_id].name, coming(session, told, now=now, until=None, most=MOST_PLANNED))


def _land_of(session: Session, unit_id: str) -> Land:
    land = places.land(session)
    if unit_id not in land or land[unit_id].closed:
        raise UnknownUnit(id=unit_id[:64])
    return land


def coming(
    session: Session, told: Concerned, *, now: datetime, until: datetime | None, most: int = MOST_AHEAD
) -> tuple[Coming, ...]:
    """What will be heard from now on, the next first; of a changed text, nothing until it is approved."""
    rows = (
        select(Airing, Announcement.public_id, Announcement.title)
        .join(Announcement, Announcement.id == Airing.announcement_id)
        .where(Announcement.state == Approval.APPROVED, Announcement.revision == Airing.revision)
        .where(Airing.state == State.PLANNED, Airing.standby.is_(False), ~begun(Airing, now), told.addressed())
        .order_by(Airing.planned_at, Airing.order, Airing.id)
        .limit(most)
    )
    if until:
        rows = rows.where(Airing.planned_at <= until)
    return tuple(
        Coming(
            airing.id,
            airing.created_at,
            airing.begins,
            airing.sound_ms,
            public_id,
            title,
            airing.klass,
            airing.kind,
        )
        for airing, public_id, title in session.execute(rows)
    )


def _named(land: Land, unit_id: str) -> Named:
    return Named(unit_id, land[unit_id].name)


def _languages(session: Session, above: Sequence[str]) -> tuple[str, ...]:
    own = {row.id: row.languages for row in session.execute(select(Unit.id, Unit.languages).where(Unit.id.in_(above)))}
    return tuple(next((own[each] for each in reversed(above) if own[each]), ()))


def _latest(
    session: Session, told: Concerned, now: datetime, after: str, words: str
) -> Iterator[tuple[Announcement, Airing]]:
    """Each announcement with its latest airing, the latest first."""
    rows = select(Announcement, Airing).join(Airing, Airing.announcement_id == Announcement.id)
    rows = rows.where(_last_aired(now), _perhaps(told))
    last = session.get(Airing, after) if after else None
    if last is not None:
        before = and_(Airing.planned_at == last.planned_at, Airing.id < last.id)
        rows = rows.where(or_(Airing.planned_at < last.planned_at, before))
    if words:
        rows = rows.where(Announcement.id.in_(_fitting(session, told, now, words)))
    # Some of them residents may not read, and they fill no page.
    for row in session.execute(rows.order_by(*NEWEST).limit(3 * AT_ONCE + 10)):
        yield row[0], row[1]


def _perhaps(told: Concerned) -> ColumnElement[bool]:
    """That it is for them; whom a draft that came after is for says nothing of what was heard."""
    return or_(told.addressed(), Announcement.state.not_in(FINISHED))


def _last_aired(now: datetime) -> ColumnElement[bool]:
    other = aliased(Airing)
    later = or_(other.planned_at > Airing.planned_at, and_(other.planned_at == Airing.planned_at, other.id > Airing.id))
    again = exists().where(other.announcement_id == Airing.announcement_id, was_aired(other, now), later)
    return and_(was_aired(Airing, now), ~again)


def _fitting(session: Session, told: Concerned, now: datetime, words: str) -> Sequence[str]:
    """Those whose words may fit, by what stands in their rows; of a draft that came after, the page itself decides."""
    wanted = plain(words).split()
    heard = select(Announcement.id, Announcement.title, Announcement.state).join(
        Airing, Airing.announcement_id == Announcement.id
    )
    known = session.execute(heard.where(_last_aired(now), _perhaps(told)).order_by(*NEWEST).limit(SEARCHED)).all()
    texts = select(Version.announcement_id, Version.text).where(Version.announcement_id.in_([row.id for row in known]))
    said: dict[str, list[str]] = {row.id: [row.title] for row in known}
    for announcement, text in session.execute(texts):
        said[announcement].append(text)
    return [row.id for row in known if row.state not in FINISHED or _fits(wanted, said[row.id])]


def _said(session: Session, told: Concerned, now: datetime, after: str, words: str) -> Iterator[Said]:
    wanted = plain(words).split()
    for announcement, airing in _latest(session, told, now, after, words):
        page = listen_again.page_of(session, announcement)
        if page is None or not _theirs(session, told, announcement, page):
            continue
        if _fits(wanted, [page.title, *(each.text for each in page.passages)]):
            yield Said(page, airing.id, airing.planned_at)


def _theirs(session: Session, told: Concerned, announcement: Announcement, page: Page) -> bool:
    if announcement.state in FINISHED:
        return True
    audience = audience_of(session, announcement.id, page.revision)
    return audience is not None and told.means(audience)


def _fits(wanted: Sequence[str], texts: Sequence[str]) -> bool:
    said = plain(" ".join(texts)) if wanted else ""
    return all(word in said for word in wanted)


def _alerts(session: Session, anybody: Concerned, now: datetime) -> tuple[Said, ...]:
    """Emergencies that run, and those that people were lately told otherwise about."""
    mine = (Announcement.klass == Klass.EMERGENCY, Announcement.kind == Kind.LIVE, Announcement.part_of_id.is_(None))
    rows = select(Announcement, Airing).join(Airing, Airing.announcement_id == Announcement.id)
    rows = rows.where(*mine, was_aired(Airing, now), Airing.planned_at > now - ALERTS_BEHIND, anybody.addressed())
    found: dict[str, Said] = {}
    for announcement, airing in session.execute(rows.order_by(*NEWEST).limit(100)):
        page = listen_again.page_of(session, announcement) if announcement.id not in found else None
        if page and on_top(airing.planned_at, announcement.expires, _ended(announcement, page), now):
            found[announcement.id] = Said(page, airing.id, airing.planned_at)
    return tuple(found.values())[:MOST_ALERTS]


def _ended(announcement: Announcement, page: Page) -> datetime | None:
    told = [each.at for each in page.called]
    return max([*told, *([announcement.withdrawn_at] if announcement.withdrawn_at else [])], default=None)
