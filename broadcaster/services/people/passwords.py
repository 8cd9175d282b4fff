"""Coming in by a name and a password: the same answer after the same time, whoever it is that is asked for."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import passwords as rules
from broadcaster.domain.errors import NotAllowed, SignInTooOld, WrongPassword
from broadcaster.domain.permissions import Action
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.people import people, proving, second_factor, sessions, throttle
from broadcaster.services.people.factors import FRESH_SIGN_IN
from broadcaster.services.people.people import SignedIn
from broadcaster.services.people.proving import Here
from broadcaster.services.people.second_factor import Second
from broadcaster.store import whatever_happens
from broadcaster.store.tables import Person, WebSession

# 19 MiB, two passes: the least OWASP advises, so that a small server bears a morning when all come at once.
HASH = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))


@dataclass(frozen=True, slots=True)
class Attempt:
    """A name and a password that were looked at; nothing is changed yet."""

    login: str
    origin: str
    person_id: str | None
    """Whose it is, when the password is right."""
    known: bool
    """Whether this person came in from this address before."""
    renewed: str | None = field(repr=False)
    """The hash by today's parameters, where the one kept is older."""


def set_password(session: Session, actor: Actor, person_id: str, password: str, *, now: datetime) -> None:
    """Keep the hash of a new password; for oneself, or from the server itself.

    Raises PasswordTooShort, PasswordTooLong, PasswordGuessable, NotAllowed, NotFound.
    """
    if actor.person_id not in {person_id, SYSTEM.person_id}:
        raise NotAllowed(action=Action.TEND_PEOPLE)
    person = people.standing(session, person_id)
    password = line(password)
    rules.check(password, about=(person.login, *person.name.split(), person.name))
    person.password = HASH.hash(password)
    audit.record(session, actor, "password", ("person", person.id), now=now)


def is_right(person: Person | None, password: str) -> tuple[bool, str | None]:
    """Whether it is this person's password, and its hash by today's parameters if the one kept is older.

    For nobody, and for one without a password, it takes as long.
    """
    kept = person.password if person is not None and not person.disabled_at else ""
    try:
        right, renewed = HASH.verify_and_update(line(password)[: rules.LONGEST + 1], kept or _nobodys())
    except UnknownHashError:
        return False, None
    return right and bool(kept), renewed if kept else None


def look(session: Session, login: str, password: str, *, now: datetime, origin: str) -> Attempt:
    """Take the slow step, which needs no transaction that others wait for. Raises TooManyTries, WrongPassword."""
    login = line(login).lower()[:64]
    if not login or not line(password):
        raise WrongPassword
    person = session.scalar(select(Person).where(Person.login == login))
    known = person is not None and _was_here(session, person.id, origin)
    throttle.check(session, throttle.gates(login, origin, known=known), now=now)
    right, renewed = is_right(person, password)
    return Attempt(login, origin, person.id if person is not None and right else None, known, renewed)


def enter(session: Session, attempt: Attempt, *, now: datetime, agent: str = "") -> SignedIn:
    """Sign in who was right, by half where a second factor is still to come; count who was wrong.

    Raises WrongPassword, TooManyTries.
    """
    wanted = throttle.gates(attempt.login, attempt.origin, known=attempt.known)
    throttle.check(session, wanted, now=now)
    if attempt.person_id is None:
        # The refusal undoes this transaction, and what was tried must count all the same.
        whatever_happens.note(session, partial(_count, attempt=attempt, now=now))
        raise WrongPassword
    throttle.succeed(session, attempt.login, attempt.origin)
    person = people.standing(session, attempt.person_id)
    person.password = attempt.renewed or person.password
    actor = people.actor_of(session, person.id, origin=attempt.origin, now=now)
    half = bool(second_factor.standing(session, person.id))
    return people.sign_in(session, actor, agent=agent, half=half, now=now)


def knows_old(session: Session, actor: Actor, old: str, *, now: datetime) -> bool | None:
    """Whether they gave the password they have; None where they gave none. Raises TooManyTries."""
    if not old:
        return None
    throttle.check(session, [_own_gate(actor)], now=now)
    return is_right(people.standing(session, actor.person_id), old)[0]


def change(
    session: Session, here: Here, new: str, *, knows: bool | None, second: Second | None, since: datetime, now: datetime
) -> None:
    """Another password of one's own, by the old one or a second factor given lately; others are signed out by it.

    Who never had one must have signed in lately (`since`). Raises WrongPassword, TooManyTries, ProofNeeded, NoFactor,
    SignInTooOld, and what `second_factor.verify` and `set_password` do.
    """
    person = people.standing(session, here.actor.person_id)
    if knows is False:
        throttle.check(session, [_own_gate(here.actor)], now=now)
        whatever_happens.note(session, partial(_count_own, actor=here.actor, now=now))
        raise WrongPassword
    if knows is None:
        _prove_otherwise(session, here, person, second=second, since=since, now=now)
    set_password(session, here.actor, person.id, new, now=now)
    sessions.end_others(session, here.actor, here.secret, now=now)


def check(session: Session, login: str, password: str, *, now: datetime, origin: str) -> SignedIn:
    """Both at once, inside one transaction. Raises WrongPassword, TooManyTries."""
    return enter(session, look(session, login, password, now=now, origin=origin), now=now)


def _prove_otherwise(
    session: Session, here: Here, person: Person, *, second: Second | None, since: datetime, now: datetime
) -> None:
    if proving.is_fresh(session, here, now=now):
        return
    if person.password or second_factor.standing(session, person.id):
        proving.demand(session, here, second, now=now)
    elif since < now - FRESH_SIGN_IN:
        raise SignInTooOld


def _own_gate(actor: Actor) -> throttle.Gate:
    return throttle.Gate(f"own {actor.person_id}", 5)


def _count_own(session: Session, *, actor: Actor, now: datetime) -> None:
    throttle.fail(session, [_own_gate(actor)], now=now)


@cache
def _nobodys() -> str:
    return HASH.hash("nobody has this password")


def _was_here(session: Session, person_id: str, origin: str) -> bool:
    here = select(WebSession.person_id).where(
        WebSession.person_id == person_id, WebSession.origin == origin, WebSession.half.is_(False)
    )
    return session.scalar(here.limit(1)) is not None


def _count(session: Session, *, attempt: Attempt, now: datetime) -> None:
    wanted = throttle.gates(attempt.login, attempt.origin, known=attempt.known)
    if not throttle.fail(session, wanted, now=now):
        return
    person = session.scalar(select(Person).where(Person.login == attempt.login))
    if person is not None:
        audit.record(session, SYSTEM.at(attempt.origin), "sign_in_blocked", ("person", person.id), now=now)
