"""Inviting: a link for one who was never here, which opens by choosing a password; shown once to who invites."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from broadcaster.domain.errors import AlreadyExists, LinkSpent, Malformed, WasHereBefore
from broadcaster.domain.people_list import login_for
from broadcaster.domain.permissions import Action
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import hashed, new_secret
from broadcaster.services.people import passwords, people
from broadcaster.services.people.people import SignedIn
from broadcaster.store import places
from broadcaster.store.tables import Grant, Identity, Person, SignInLink, Token, WebSession

LIFE = timedelta(days=7)
NEVER_HERE = (
    Person.password == "",
    *(~exists().where(table.person_id == Person.id) for table in (WebSession, Token, Identity)),
)


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was invited, and the secret of their link, which is not kept."""

    person_id: str
    name: str
    login: str
    secret: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom to invite as what."""

    name: str
    unit_id: str
    role: str
    login: str = ""
    """Made of the name where it is left empty."""
    mail: str = ""
    """How an OpenID Connect provider may name them; only who was never here has one."""


def invite(session: Session, actor: Actor, wish: Wish, *, now: datetime) -> Invited:
    """An account with a role, and its link.

    Raises NotAllowed, Malformed, AlreadyExists, UnknownUnit.
    """
    login = line(wish.login).lower() or _free_login(session, wish.name)
    person = people.create_person(session, actor, login=login, name=wish.name, unit_id=wish.unit_id, now=now)
    people.grant(session, actor, person.id, wish.role, wish.unit_id, now=now)
    if wish.mail:
        expect_mail(session, person, wish.mail)
    return _link(session, actor, person, now, wish.unit_id)


def again(session: Session, actor: Actor, person_id: str, *, now: datetime) -> Invited:
    """Another link for who never came, in place of those before. Raises NotAllowed, NotFound, WasHereBefore."""
    person = people.standing(session, person_id)
    unit = people.require_over(session, actor, person_id)
    if not never_here(session, person):
        raise WasHereBefore
    return _link(session, actor, person, now, unit)


def never_here(session: Session, person: Person) -> bool:
    """Whether nobody has ever acted as this person: only then may somebody else hold a key to the account."""
    return session.scalar(select(Person.id).where(Person.id == person.id, *NEVER_HERE)) is not None


def expect_mail(session: Session, person: Person, mail: str) -> None:
    """Let the provider's word that somebody owns this address stand for the invitation. Raises Malformed,
    AlreadyExists, WasHereBefore.
    """
    mail = line(mail).lower()
    if not (0 < mail.find("@") < len(mail) - 1 and len(mail) <= 200 and " " not in mail):
        raise Malformed(field="mail", problem="ten@xa.gov.vn")
    if not never_here(session, person):
        raise WasHereBefore
    if session.scalar(select(Person.id).where(Person.mail == mail, Person.id != person.id)):
        raise AlreadyExists(id=mail)
    person.mail = mail


def invited(session: Session, secret: str, *, now: datetime) -> Person | None:
    """Whom an invitation is for; None where the link is one that signs in at once. Raises LinkSpent."""
    person = people.owner_of_link(session, secret, now=now)
    return person if session.get_one(SignInLink, hashed(secret)).invites else None


def accept(
    session: Session, secret: str, password: str, *, now: datetime, origin: str = "", agent: str = ""
) -> SignedIn:
    """Choose the password and come in. Raises LinkSpent, PasswordTooShort, PasswordTooLong, PasswordGuessable."""
    person = invited(session, secret, now=now)
    if person is None or person.disabled_at:
        raise LinkSpent
    actor = people.actor_of(session, person.id, origin=origin, now=now)
    passwords.set_password(session, actor, person.id, password, now=now)
    begun = people.redeem_link(session, secret, now=now, origin=origin, agent=agent)
    settle(session, person, now=now)
    return begun


def settle(session: Session, person: Person, *, now: datetime) -> None:
    """Whoever has come needs no invitation any more, and is not to be known by an address somebody else wrote."""
    person.mail = ""
    _spend(session, [person.id], now)


def links_for(session: Session, actor: Actor, person_ids: Collection[str], *, now: datetime) -> list[Invited]:
    """A new link for each of these who never came, by name; others are left out. Raises NotAllowed."""
    asked = set(person_ids)
    units: dict[str, str] = {}
    for row in session.execute(select(Grant.person_id, Grant.unit_id)):
        if row.person_id in asked:
            units[row.person_id] = row.unit_id
    for unit in set(units.values()):
        actor.require(Action.TEND_PEOPLE, places.path(session, unit))
    waiting = select(Person).where(Person.disabled_at.is_(None), *NEVER_HERE).order_by(Person.name, Person.id)
    asked_again = [each for each in session.scalars(waiting) if each.id in units]
    _spend(session, [person.id for person in asked_again], now)
    return [_new_link(session, actor, person, now, units[person.id]) for person in asked_again]


def _link(session: Session, actor: Actor, person: Person, now: datetime, unit: str | None) -> Invited:
    _spend(session, [person.id], now)
    return _new_link(session, actor, person, now, unit)


def _new_link(session: Session, actor: Actor, person: Person, now: datetime, unit: str | None) -> Invited:
    secret, expires = new_secret(), now + LIFE
    session.add(
        SignInLink(secret_sha256=hashed(secret), person_id=person.id, invites=True, created_at=now, expires_at=expires)
    )
    audit.record(session, actor, "invite_new", ("person", person.id), now=now, unit=unit)
    return Invited(person.id, person.name, person.login, secret, expires)


def _spend(session: Session, person_ids: list[str], now: datetime) -> None:
    open_still = (SignInLink.invites, SignInLink.used_at.is_(None))
    session.execute(update(SignInLink).where(SignInLink.person_id.in_(person_ids), *open_still).values(used_at=now))


def _free_login(session: Session, name: str) -> str:
    return login_for(line(name), set(session.scalars(select(Person.login))))
