"""The people somebody looks after: found by name, place and role, and what is known of one of them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import NotFound
from broadcaster.domain.permissions import Action
from broadcaster.domain.words import plain
from broadcaster.services.people import invitations, open_id, second_factor, sessions
from broadcaster.store.tables import Factor, Grant, Person, SignInLink, WebSession
from broadcaster.web.labels import N_, ROLE, Label
from broadcaster.web.shown.sight import Sight

MAY = Action.TEND_PEOPLE
# The same names are looked through at every visit.
folded = lru_cache(maxsize=20_000)(plain)
PAGE = 50
MOST_CHOICES = 400
WORKS = Label(N_("Works here"), "check", "ok")
WAITED_FOR = Label(N_("Has not come yet"), "clock", "wait")
CLOSED = Label(N_("Closed"), "cross", "off")


class Account(Protocol):
    """A person's row, or what was read of it."""

    @property
    def name(self) -> str: ...
    @property
    def login(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def disabled_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Held:
    """One role in one unit."""

    role: str
    role_text: str
    unit: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class Row:
    """One person in the list."""

    id: str
    name: str
    login: str
    held: tuple[Held, ...]
    state: Label
    factors: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for."""

    words: str = ""
    unit: str = ""
    role: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """One page of those found."""

    rows: tuple[Row, ...]
    total: int
    pages: int


@dataclass(frozen=True, slots=True)
class One:
    """All that is known of one person."""

    person: Person
    held: tuple[Held, ...]
    elsewhere: int
    """Roles in places that whoever looks does not tend."""
    state: Label
    never_here: bool
    link_until: datetime | None
    """An invitation still waits to be opened until then."""
    factors: int
    sessions: int
    identities: int


def choices(seen: Sight) -> list[tuple[str, str]]:
    """Units to choose from, each below the one it belongs to; of a whole province only the upper two levels."""
    deepest = 99 if len(seen.units) <= MOST_CHOICES else 1
    return [(unit, "\u2003" * depth + seen.names_of(unit)) for unit, depth in seen.walk() if depth <= deepest]


def found(session: Session, seen: Sight, wanted: Wanted) -> Found:
    """Those with a role within sight; names match without diacritics, a unit stands for all below it."""
    held = _held(session, seen)
    people = session.execute(
        select(Person.id, Person.name, Person.login, Person.phone, Person.password, Person.disabled_at)
    ).all()
    kept = [row for row in people if row.id in held and _fits(row, held[row.id], seen, wanted)]
    # By the last word, as people are called in Vietnam.
    kept.sort(key=lambda row: (folded(row.name).rpartition(" ")[2], folded(row.name)))
    pages = max(1, -(-len(kept) // PAGE))
    at = (min(max(wanted.page, 1), pages) - 1) * PAGE
    shown = kept[at : at + PAGE]
    ids = [row.id for row in shown]
    factors, here = _with_factors(session, ids), _were_here(session, ids)
    rows = tuple(
        Row(row.id, row.name, row.login, tuple(held[row.id]), _state(row, here=row.id in here), row.id in factors)
        for row in shown
    )
    return Found(rows, len(kept), pages)


def one(session: Session, seen: Sight, person_id: str, *, now: datetime) -> One:
    """One of them. Raises NotFound for who has no role within sight."""
    person = session.get(Person, person_id)
    grants = session.scalars(select(Grant).where(Grant.person_id == person_id)).all()
    mine = [_as_held(row, seen) for row in grants if row.unit_id in seen.units]
    if person is None or not mine:
        raise NotFound(what="person", id=person_id)
    never = invitations.never_here(session, person)
    waiting = select(func.max(SignInLink.expires_at)).where(
        SignInLink.person_id == person_id, SignInLink.invites, SignInLink.used_at.is_(None), SignInLink.expires_at > now
    )
    return One(
        person=person,
        held=tuple(sorted(mine, key=lambda each: (each.unit_name, each.role))),
        elsewhere=len(grants) - len(mine),
        state=_state(person, here=not never),
        never_here=never,
        link_until=session.scalar(waiting) if never else None,
        factors=len(second_factor.standing(session, person_id)),
        sessions=len(sessions.of(session, person_id, now=now)),
        identities=len(open_id.of(session, person_id)),
    )


def _held(session: Session, seen: Sight) -> dict[str, list[Held]]:
    held: dict[str, list[Held]] = defaultdict(list)
    for row in session.execute(select(Grant.person_id, Grant.role, Grant.unit_id)):
        if row.unit_id in seen.units:
            held[row.person_id].append(Held(row.role, ROLE[row.role], row.unit_id, seen.names_of(row.unit_id)))
    return held


def _as_held(row: Grant, seen: Sight) -> Held:
    return Held(row.role, ROLE[row.role], row.unit_id, seen.names_of(row.unit_id))


def _fits(row: Account, held: list[Held], seen: Sight, wanted: Wanted) -> bool:
    text = f"{folded(row.name)} {row.login} {row.phone}"
    if not all(word in text for word in folded(wanted.words).split()):
        return False
    return any(
        (not wanted.role or it.role == wanted.role) and (not wanted.unit or wanted.unit in seen.tree.path(it.unit))
        for it in held
    )


def _state(row: Account, *, here: bool) -> Label:
    if row.disabled_at is not None:
        return CLOSED
    return WORKS if here or row.password else WAITED_FOR


def _with_factors(session: Session, ids: list[str]) -> set[str]:
    stands = (Factor.confirmed_at.is_not(None), Factor.removed_at.is_(None))
    return set(session.scalars(select(Factor.person_id).where(Factor.person_id.in_(ids), *stands)))


def _were_here(session: Session, ids: list[str]) -> set[str]:
    return set(session.scalars(select(WebSession.person_id).where(WebSession.person_id.in_(ids)).distinct()))
