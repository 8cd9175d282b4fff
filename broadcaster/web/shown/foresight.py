"""What a change of the tree would change for whom, found by carrying it out in a transaction that is then forgotten."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State
from broadcaster.domain.atlas import Atlas
from broadcaster.domain.land import Land, home, leaves, path, under
from broadcaster.domain.permissions import Role
from broadcaster.domain.reorganising import DECIDING, carried
from broadcaster.domain.wishes import Kind, Wish
from broadcaster.services.hours.book import Book
from broadcaster.services.places import audiences, reorganising, reshaping, units
from broadcaster.store import places
from broadcaster.store.tables import (
    Airing,
    Announcement,
    AudienceEntry,
    Channel,
    Delivery,
    Grant,
    Group,
    Person,
    Site,
    Unit,
)
from broadcaster.web.i18n import language_name, say
from broadcaster.web.labels import N_, ROLE
from broadcaster.web.shown.rules import rule_sets
from broadcaster.web.shown.sight import Sight
from broadcaster.web.shown.unit_changes import ChangeBrief, brief

MOST_ADDRESSED = 50
RULES, LANGUAGES, APPROVING, ZONE = (
    N_("Rules of the air"),
    N_("Languages"),
    N_("Who approves"),
    N_("Time zone"),
)


Said = dict[str, tuple[str, ...]]
"""What holds in a unit, by heading."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One unit that is changed, or one that comes of it, with what it holds."""

    id: str
    name: str
    above: str
    """The unit it belongs to."""
    villages: tuple[str, ...]
    speakers: int
    people: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What holds in one part before and after, line by line."""

    name: str
    head: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleLine:
    """Somebody's role: "asks" must be answered, "may" can be, "widens" and "narrows" happen by themselves."""

    grant: str
    person: str
    role: str
    unit: str
    effect: str


@dataclass(frozen=True, slots=True)
class Addressed:
    """An announcement for a unit that is closed, or that reaches others afterwards."""

    id: str
    title: str
    unit: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What goes on as it is: how many there are of each."""

    heads: int
    """Roles on the villages."""
    airings: int
    channels: int
    groups: int
    sites: int
    feeds: int
    pages: int
    """Announcements whose listen-again page keeps its address."""


@dataclass(frozen=True, slots=True)
class Foresight:
    """All of it."""

    pieces: tuple[Piece, ...]
    outcome: tuple[Piece, ...]
    speakers: int
    told: int
    """Loudspeakers that learn of it; the others notice nothing."""
    turns: tuple[Turn, ...]
    refused: int
    """Airings already planned that the rules would not allow any more."""
    roles: tuple[RoleLine, ...]
    addressed: tuple[Addressed, ...]
    kept: Kept
    others: tuple[ChangeBrief, ...]
    """Planned changes that concern the same units."""

    @property
    def same_reach(self) -> bool:
        """Whether all that is planned reaches whom it reached before."""
        return all(one.before == one.after for one in self.addressed)


class Forgotten(Exception):
    """Ends the transaction in which something was only tried."""


def foresee(session: Session, seen: Sight, wish: Wish, language: str, now: datetime) -> Foresight:
    """Carry the wish out and tell what changed; whoever calls must forget the transaction.

    Raises NotAllowed, ChangeDoesNotFit.
    """
    found = reorganising.drawn(session, seen.actor, wish, roles=False)
    reorganising.fit(found)
    land, after = found.land, carried(found.land, found.plan.steps)
    people = {row.id: row.people for row in session.execute(select(Unit.id, Unit.people))}
    inside = places.tree(session)
    concerned = frozenset[str]().union(*map(inside.under, wish.units))
    told_before = {unit: _says(session, unit, language, now) for unit in wish.units}
    addressed_before = _addressed(session, wish, land, after, now)
    roles, kept = tuple(_roles(session, wish, land, after)), _kept(session, wish, concerned, now)
    others = tuple(brief(land, row, seen) for row in reorganising.waiting(session, wish.concerned))
    told = reshaping.take(session, seen.actor, wish, found.plan.steps, now=now)
    session.expire_all()
    told_after = {each: _says(session, each, language, now) for unit in wish.units for each in _later(wish, unit)}
    reached = Atlas(places.tree(session), places.speakers_in_service(session))
    pieces = tuple(_piece(land, unit, people) for unit in wish.units)
    return Foresight(
        pieces=pieces,
        outcome=tuple(_piece(after, unit, people) for unit in _outcome(wish)),
        speakers=sum(piece.speakers for piece in pieces),
        told=len(told.speakers),
        turns=tuple(_turns(wish, told_before, told_after, after)),
        refused=len(told.airings),
        roles=roles,
        addressed=tuple(_reaches(session, one, reached) for one in addressed_before),
        kept=kept,
        others=others,
    )


def _outcome(wish: Wish) -> Sequence[str]:
    if wish.kind is Kind.MERGE:
        return [wish.into or wish.id]
    return [part.id for part in wish.parts] or wish.units


def _piece(land: Land, unit: str, people: dict[str, int | None]) -> Piece:
    shown = sorted(leaves(land, unit), key=list(land).index)
    return Piece(
        id=unit,
        name=land[unit].name,
        above=land[above].name if (above := home(land, land[unit].parent)) else "",
        villages=tuple(land[each].name for each in shown),
        speakers=sum(land[each].speakers for each in under(land, unit)),
        people=_living(land, unit, people),
    )


def _living(land: Land, unit: str, people: dict[str, int | None]) -> int | None:
    if (own := people.get(unit)) is not None:
        return own
    below = (each.id for each in land.values() if each.parent == unit)
    known = [count for each in below if (count := _living(land, each, people)) is not None]
    return sum(known) if known else None


def _says(session: Session, unit: str, language: str, now: datetime) -> Said:
    """What holds in a unit, by heading."""
    sets = [one for one in rule_sets(session, unit, language, now) if not one.coming]
    lines = [f"{head}: {'; '.join(texts)}" for one in sets for head, texts in one.lines]
    above = places.lineage(session, unit)[::-1]
    spoken = units.languages_of(session, unit)
    approving = [each.name for each in above if each.policy]
    return {
        RULES: tuple(dict.fromkeys(lines)),
        LANGUAGES: tuple(language_name(language, tag) for tag in spoken) or (say(language, N_("as written")),),
        APPROVING: tuple(approving[:1]) or (say(language, N_("one person other than the writer")),),
        ZONE: (Book(session, now).zone(unit),),
    }


def _turns(wish: Wish, before: Mapping[str, Said], after: Mapping[str, Said], names: Land) -> Iterator[Turn]:
    for unit in wish.units:
        for later in _later(wish, unit):
            for head, old in before[unit].items():
                if sorted(old) != sorted(after[later][head]):
                    yield Turn(names[later].name, head, old, after[later][head])


def _later(wish: Wish, unit: str) -> Sequence[str]:
    return [part.id for part in wish.parts] or [unit]


def _roles(session: Session, wish: Wish, land: Land, after: Land) -> Iterator[RoleLine]:
    closing = {unit for unit in wish.units if after[unit].closed}
    rows = session.execute(
        select(Grant.id, Grant.role, Grant.unit_id, Person.name)
        .join(Person, Person.id == Grant.person_id)
        .where(Person.disabled_at.is_(None))
        .order_by(Grant.unit_id, Person.name, Grant.role)
    ).all()
    for row in rows:
        if row.unit_id in closing:
            asks = wish.kind is Kind.MERGE and Role(row.role) in DECIDING
            effect = "asks" if asks else "may"
        elif (effect := _effect(wish, land, after, row.unit_id)) == "":
            continue
        yield RoleLine(row.id, row.name, ROLE[row.role], land[row.unit_id].name, effect)


def _effect(wish: Wish, land: Land, after: Land, unit: str) -> str:
    """Whether a role on an open unit comes to hold for more or for less."""
    if unit not in land:
        return ""
    held = {each for each in wish.units if unit in path(land, each)}
    holds = {each for each in wish.units if unit in path(after, each)}
    return "widens" if holds > held else "narrows" if holds < held else ""


def _kept(session: Session, wish: Wish, inside: Collection[str], now: datetime) -> Kept:
    below = set(inside) - set(wish.units)

    def count(*where: Any) -> int:  # noqa: ANN401  (conditions of several kinds)
        return session.scalar(select(func.count()).where(*where)) or 0

    heard = select(Delivery.airing_id).where(Delivery.unit_id.in_(inside))
    return Kept(
        heads=count(Grant.unit_id.in_(below)),
        airings=count(Airing.id.in_(heard), Airing.state == State.PLANNED, Airing.planned_at > now),
        channels=count(Channel.unit_id.in_(inside), Channel.enabled),
        groups=count(Group.unit_id.in_(inside)),
        sites=count(Site.unit_id.in_(inside), Site.removed_at.is_(None)),
        feeds=count(Unit.id.in_(inside), Unit.feed.is_not(None)),
        pages=count(Announcement.unit_id.in_(inside), Announcement.decided_at.is_not(None)),
    )


def _addressed(session: Session, wish: Wish, land: Land, after: Land, now: datetime) -> list[Addressed]:
    """What is planned for a unit that is closed, or for one that gains or loses villages; with how many it reaches."""
    closing = {unit for unit in wish.units if after[unit].closed}
    ways = ({*path(land, unit)} ^ {*path(after, unit)} for unit in wish.units)
    about = closing.union(*ways) & land.keys()
    planned = select(Airing.announcement_id).where(Airing.state == State.PLANNED, Airing.planned_at > now)
    rows = session.execute(
        select(Announcement, AudienceEntry.ref)
        .join(AudienceEntry, AudienceEntry.announcement_id == Announcement.id)
        .where(AudienceEntry.kind == "unit", AudienceEntry.ref.in_(about), Announcement.id.in_(planned))
        .order_by(Announcement.title, Announcement.id)
        .limit(MOST_ADDRESSED)
    ).all()
    atlas = Atlas(places.tree(session), places.speakers_in_service(session))
    found = {row[0].id: (row[0], row[1]) for row in rows}
    return [
        Addressed(one.id, one.title, land[unit].name, len(atlas.resolve(audiences.choices(one))), 0)
        for one, unit in found.values()
    ]


def _reaches(session: Session, one: Addressed, atlas: Atlas) -> Addressed:
    choices = audiences.choices(session.get_one(Announcement, one.id))
    return Addressed(one.id, one.title, one.unit, one.before, len(atlas.resolve(choices)))
