"""Coming in with an account of an OpenID Connect provider: known by (issuer, subject), never made by the provider."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from broadcaster.domain.errors import IdentityTaken, LinkSpent, NotFound, ProviderRefused, UnknownIdentity
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import hashed, new_secret
from broadcaster.services.people import invitations, people, second_factor
from broadcaster.services.people.people import SignedIn
from broadcaster.store.tables import Identity, Person, SignInLink, SignInRequest

LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Known:
    """What the provider vouches for."""

    issuer: str
    subject: str
    name: str = ""
    mail: str = ""
    """Only one that the provider has verified."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes to the provider with somebody, and what must come back."""

    state: str = field(repr=False)
    nonce: str
    verifier: str = field(repr=False)


class Provider(Protocol):
    """The one provider this console trusts."""

    label: str
    """What its accounts are called on the button."""

    def address(self, sent: Sent) -> str:
        """Where to send the browser. Raises ProviderSilent."""

    def identify(self, code: str, returned: "Returned", *, now: datetime) -> Known:
        """Who came back with this code. Raises ProviderSilent, ProviderRefused."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A request whose browser is back: what the answer is checked with, and what it is for."""

    nonce: str
    verifier: str = field(repr=False)
    person_id: str | None
    link_sha256: str | None


def begin(session: Session, *, now: datetime, invitation: str = "", account: str | None = None) -> Sent:
    """Remember whom we sent away; with an invitation, or for the account of who is signed in. Raises LinkSpent."""
    session.execute(delete(SignInRequest).where(SignInRequest.expires_at < now - LIFE))
    person_id, link = account, None
    if invitation:
        invited = invitations.invited(session, invitation, now=now)
        if invited is None:
            raise LinkSpent
        person_id, link = invited.id, hashed(invitation)
    sent = Sent(new_secret(), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
    session.add(
        SignInRequest(
            state_sha256=hashed(sent.state),
            nonce=sent.nonce,
            verifier=sent.verifier,
            person_id=person_id,
            link_sha256=link,
            created_at=now,
            expires_at=now + LIFE,
        )
    )
    session.flush()
    return sent


def returned(session: Session, state: str, *, now: datetime) -> Returned:
    """Use a request up. Raises ProviderRefused for one that is unknown, used or too old."""
    spent = update(SignInRequest).where(
        SignInRequest.state_sha256 == hashed(state), SignInRequest.used_at.is_(None), SignInRequest.expires_at > now
    )
    row = session.execute(
        spent.values(used_at=now).returning(
            SignInRequest.nonce, SignInRequest.verifier, SignInRequest.person_id, SignInRequest.link_sha256
        )
    ).first()
    if row is None:
        raise ProviderRefused
    return Returned(row.nonce, row.verifier, row.person_id, row.link_sha256)


def enter(
    session: Session, known: Known, request: Returned, *, now: datetime, origin: str = "", agent: str = ""
) -> SignedIn:
    """Sign in who is known by it, or from now on is. Raises UnknownIdentity, IdentityTaken, LinkSpent."""
    found = session.get(Identity, (known.issuer, known.subject))
    person_id = found.person_id if found else _expected(session, known, request, now)
    if request.person_id is not None and person_id != request.person_id:
        raise IdentityTaken
    try:
        actor = people.actor_of(session, person_id, origin=origin, now=now)
    except NotFound as error:
        raise UnknownIdentity(name=known.name or known.subject) from error
    if found is None:
        _link(session, actor, known, now)
    half = bool(second_factor.standing(session, person_id))
    return people.sign_in(session, actor, agent=agent, half=half, now=now)


def of(session: Session, person_id: str) -> list[Identity]:
    """By which accounts a person is known."""
    return list(session.scalars(select(Identity).where(Identity.person_id == person_id).order_by(Identity.created_at)))


def forget(session: Session, actor: Actor, *, now: datetime) -> None:
    """Be known by none any more."""
    session.execute(delete(Identity).where(Identity.person_id == actor.person_id))
    audit.record(session, actor, "identity_forget", ("person", actor.person_id), now=now)


def _expected(session: Session, known: Known, request: Returned, now: datetime) -> str:
    if request.link_sha256 is not None:
        link = session.get(SignInLink, request.link_sha256)
        if link is None or link.used_at or link.expires_at <= now:
            raise LinkSpent
        return link.person_id
    if request.person_id is not None:
        return request.person_id
    waiting = session.scalars(select(Person).where(Person.mail == known.mail.lower())).all() if known.mail else []
    if len(waiting) != 1 or not invitations.never_here(session, waiting[0]):
        raise UnknownIdentity(name=known.name or known.mail or known.subject)
    return waiting[0].id


def _link(session: Session, actor: Actor, known: Known, now: datetime) -> None:
    identity = Identity(issuer=known.issuer, subject=known.subject, person_id=actor.person_id, created_at=now)
    session.add(identity)
    invitations.settle(session, session.get_one(Person, actor.person_id), now=now)
    audit.record(session, actor, "identity", ("person", actor.person_id), now=now)
