"""People: who they are, what they may do, and the tokens, links and sessions they are recognised by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.domain.errors import (
    AlreadyExists,
    BadToken,
    LastOwner,
    LinkSpent,
    Malformed,
    NotAllowed,
    NotFound,
    NotYourself,
)
from broadcaster.domain.permissions import Action, Role
from broadcaster.domain.permissions import Grant as Right
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.ids import hashed, new_id, new_secret
from broadcaster.services.people import deputies
from broadcaster.store import places
from broadcaster.store.tables import Grant, Person, SignInLink, Token, WebSession
from firmware_config.protocol import valid_id

LOCALES = ("vi", "en", "fr")
LINK_LIFE = timedelta(minutes=30)
SESSION_LIFE = timedelta(hours=12)
HALF_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the secret for the cookie, which is not kept, and who it is for."""

    secret: str
    csrf: str
    expires: datetime
    actor: Actor
    half: bool = False
    """The second factor is still to come; until then it opens nothing."""


def create_person(
    session: Session, actor: Actor, *, login: str, name: str, unit_id: str | None, now: datetime, locale: str = "vi"
) -> Person:
    """Someone new, who may do nothing yet; the actor must tend the people of the unit (none = there is none yet)."""
    actor.require(Action.TEND_PEOPLE, places.path(session, unit_id) if unit_id else ())
    if not valid_id(login):
        raise Malformed(field="login", problem="a–z, 0–9, -")
    if not 1 <= len(line(name)) <= 200:
        raise Malformed(field="name", problem="1–200")
    if session.scalar(select(Person.id).where(Person.login == login)):
        raise AlreadyExists(id=login)
    person = Person(id=new_id(now), login=login, name=line(name), locale=_locale(locale), created_at=now)
    session.add(person)
    session.flush()
    audit.record(session, actor, "create", ("person", person.id), now=now, unit=unit_id, details={"login": login})
    return person


def grant(session: Session, actor: Actor, person_id: str, role: str, unit_id: str, *, now: datetime) -> None:
    """Give a role on a unit and everything under it; giving it twice changes nothing."""
    actor.require(Action.TEND_PEOPLE, places.path(session, unit_id))
    person, wanted = standing(session, person_id), _role(role)
    if _grant(session, person.id, wanted, unit_id) is not None:
        return
    session.add(
        Grant(
            id=new_id(now),
            person_id=person.id,
            role=wanted,
            unit_id=unit_id,
            granted_by=actor.person_id,
            granted_at=now,
        )
    )
    session.flush()
    audit.record(session, actor, "grant", ("person", person.id), now=now, unit=unit_id, details={"role": wanted})


def take_back(session: Session, actor: Actor, person_id: str, role: str, unit_id: str, *, now: datetime) -> None:
    """Take a role back. Raises LastOwner rather than leave the unit without one."""
    actor.require(Action.TEND_PEOPLE, places.path(session, unit_id))
    found = _grant(session, person_id, _role(role), unit_id)
    if found is None:
        raise NotFound(what="grant", id=role)
    if found.role == Role.OWNER:
        _require_another_owner(session, person_id, unit_id)
    session.delete(found)
    session.flush()
    audit.record(session, actor, "take_back", ("person", person_id), now=now, unit=unit_id, details={"role": role})


def actor_of(session: Session, person_id: str, *, origin: str, now: datetime | None = None) -> Actor:
    """A person as an actor, with the grants of this moment, and with `now` those held as a deputy too.

    Raises NotFound for one unknown or disabled.
    """
    person = standing(session, person_id)
    rows = session.execute(select(Grant.role, Grant.unit_id).where(Grant.person_id == person.id))
    grants = [Right(Role(row.role), row.unit_id) for row in rows]
    if now is not None:
        grants += deputies.rights(session, person.id, now=now)
    rights = sorted(grants, key=lambda right: (right.unit, right.role, right.deputy_for))
    return Actor(person.id, person.name, tuple(rights), origin, person.locale)


def create_token(
    session: Session,
    actor: Actor,
    person_id: str,
    *,
    name: str,
    now: datetime,
    expires: datetime | None = None,
    scope: str = "",
) -> str:
    """A bearer token, returned this once. A token acts as its person, so nobody makes one for somebody else."""
    _only_oneself(actor, person_id)
    secret = new_secret()
    token = Token(
        id=new_id(now),
        person_id=standing(session, person_id).id,
        name=line(name)[:200],
        secret_sha256=hashed(secret),
        scope=scope,
        created_at=now,
        expires_at=expires,
    )
    session.add(token)
    session.flush()
    audit.record(session, actor, "create", ("token", token.id), now=now, details={"person": person_id, "name": name})
    return secret


def revoke_token(session: Session, actor: Actor, token_id: str, *, now: datetime) -> None:
    """End a token of one's own."""
    token = session.get(Token, token_id)
    if token is None:
        raise NotFound(what="token", id=token_id)
    _only_oneself(actor, token.person_id)
    token.revoked_at = token.revoked_at or now
    audit.record(session, actor, "revoke", ("token", token.id), now=now)


def actor_for_token(session: Session, secret: str, *, now: datetime, origin: str = "", scope: str = "") -> Actor:
    """Whom a token of this scope stands for. Raises BadToken."""
    token = session.scalar(select(Token).where(Token.secret_sha256 == hashed(secret), Token.scope == scope))
    if token is None or token.revoked_at or (token.expires_at and token.expires_at <= now):
        raise BadToken
    try:
        return actor_of(session, token.person_id, origin=origin, now=now)
    except NotFound as error:
        raise BadToken from error


def one_time_link(session: Session, actor: Actor, person_id: str, *, now: datetime, life: timedelta = LINK_LIFE) -> str:
    """The secret of a link that signs its person in, once. Only for oneself, or from the server's command line."""
    _only_oneself(actor, person_id)
    secret, person = new_secret(), standing(session, person_id)
    session.add(SignInLink(secret_sha256=hashed(secret), person_id=person.id, created_at=now, expires_at=now + life))
    session.flush()
    audit.record(session, actor, "invite", ("person", person.id), now=now)
    return secret


def owner_of_link(session: Session, secret: str, *, now: datetime) -> Person:
    """Whom a link would sign in, without using it. Raises LinkSpent."""
    link = session.get(SignInLink, hashed(secret))
    if link is None or link.used_at or link.expires_at <= now:
        raise LinkSpent
    return session.get_one(Person, link.person_id)


def redeem_link(session: Session, secret: str, *, now: datetime, origin: str = "", agent: str = "") -> SignedIn:
    """Sign in with a link. Raises LinkSpent for one that is unknown, used or too old."""
    spent = session.execute(
        update(SignInLink)
        .where(SignInLink.secret_sha256 == hashed(secret), SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
        .returning(SignInLink.person_id)
    ).scalar()
    if spent is None:
        raise LinkSpent
    try:
        return sign_in(session, actor_of(session, spent, origin=origin, now=now), agent=agent, now=now)
    except NotFound as error:
        raise LinkSpent from error


def sign_in(session: Session, actor: Actor, *, now: datetime, agent: str = "", half: bool = False) -> SignedIn:
    """A new session in a browser that calls itself so; of who still owes a second factor only half a one."""
    expires = now + (HALF_LIFE if half else SESSION_LIFE)
    signed_in = SignedIn(new_secret(), new_secret(), expires, actor, half)
    session.add(
        WebSession(
            id_sha256=hashed(signed_in.secret),
            person_id=actor.person_id,
            csrf=signed_in.csrf,
            origin=actor.origin[:200],
            agent=line(agent)[:200],
            created_at=now,
            last_used_at=now,
            half=half,
            expires_at=signed_in.expires,
        )
    )
    session.flush()
    if not half:
        audit.record(session, actor, "sign_in", ("person", actor.person_id), now=now)
    return signed_in


@dataclass(frozen=True, slots=True)
class Browsing:
    """Whose browser it is, the secret its forms must carry, and since when they are signed in."""

    actor: Actor
    csrf: str
    since: datetime
    used: datetime | None = None
    """When it was last noted that they are here."""


def session_of(session: Session, secret: str, *, now: datetime, origin: str = "") -> Browsing | None:
    """Whose browser this is; None when it is nobody's any more."""
    found = session.get(WebSession, hashed(secret))
    if found is None or found.half or found.ended_at or found.expires_at <= now:
        return None
    try:
        actor = actor_of(session, found.person_id, origin=origin, now=now)
        return Browsing(actor, found.csrf, found.created_at, found.last_used_at)
    except NotFound:
        return None


def sign_out(session: Session, secret: str, *, now: datetime) -> None:
    """End a session; one that is not there has ended already."""
    found = session.get(WebSession, hashed(secret))
    if found is not None and not found.ended_at:
        found.ended_at = now
        audit.record(
            session,
            actor_of(session, found.person_id, origin=found.origin),
            "sign_out",
            ("person", found.person_id),
            now=now,
        )


def tokens_of(session: Session, person_id: str, *, now: datetime) -> Sequence[Token]:
    """The access tokens of a person that still open something."""
    mine = select(Token).where(Token.person_id == person_id, Token.revoked_at.is_(None))
    return [
        each for each in session.scalars(mine.order_by(Token.id)) if each.expires_at is None or each.expires_at > now
    ]


def set_locale(session: Session, actor: Actor, locale: str, *, now: datetime) -> None:
    """Remember the language a person reads."""
    standing(session, actor.person_id).locale = _locale(locale)
    audit.record(session, actor, "locale", ("person", actor.person_id), now=now, details={"locale": locale})


def require_over(session: Session, actor: Actor, person_id: str) -> str | None:
    """A unit where the person works; the actor must tend the people wherever they do. Raises NotAllowed."""
    units = session.scalars(select(Grant.unit_id).where(Grant.person_id == person_id).order_by(Grant.unit_id)).all()
    for unit_id in units:
        actor.require(Action.TEND_PEOPLE, places.path(session, unit_id))
    if not units and actor.person_id != SYSTEM.person_id:
        raise NotAllowed(action=Action.TEND_PEOPLE)
    return next(iter(units), None)


def disable(session: Session, actor: Actor, person_id: str, *, now: datetime) -> None:
    """End a person's access at once, their sessions and the links not used yet; their roles wait for them.

    The actor must tend people wherever that person has a role. Raises NotAllowed, NotYourself, LastOwner, NotFound.
    """
    person = standing(session, person_id)
    unit = require_over(session, actor, person_id)
    if actor.person_id == person_id:
        raise NotYourself
    for owned in session.scalars(select(Grant.unit_id).where(Grant.person_id == person_id, Grant.role == Role.OWNER)):
        _require_another_owner(session, person_id, owned)
    person.disabled_at = now
    for table, ended in ((WebSession, WebSession.ended_at), (SignInLink, SignInLink.used_at)):
        session.execute(update(table).where(table.person_id == person_id, ended.is_(None)).values({ended: now}))
    audit.record(session, actor, "disable", ("person", person_id), now=now, unit=unit)


def _require_another_owner(session: Session, person_id: str, unit_id: str) -> None:
    others = select(Grant.id).join(Person, Person.id == Grant.person_id)
    others = others.where(Grant.role == Role.OWNER, Grant.unit_id == unit_id, Grant.person_id != person_id)
    if session.scalar(others.where(Person.disabled_at.is_(None)).limit(1)) is None:
        raise LastOwner


def _only_oneself(actor: Actor, person_id: str) -> None:
    if actor.person_id not in {person_id, SYSTEM.person_id}:
        raise NotAllowed(action=Action.TEND_PEOPLE)


def standing(session: Session, person_id: str) -> Person:
    """Somebody whose access has not ended. Raises NotFound."""
    person = session.get(Person, person_id)
    if person is None or person.disabled_at:
        raise NotFound(what="person", id=person_id)
    return person


def _locale(locale: str) -> str:
    if locale not in LOCALES:
        raise Malformed(field="locale", problem=", ".join(LOCALES))
    return locale


def _role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError as error:
        raise Malformed(field="role", problem=", ".join(Role)) from error


def _grant(session: Session, person_id: str, role: Role, unit_id: str) -> Grant | None:
    return session.scalar(
        select(Grant).where(Grant.person_id == person_id, Grant.role == role, Grant.unit_id == unit_id)
    )
