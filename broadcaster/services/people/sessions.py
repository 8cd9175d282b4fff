"""The browsers a person is signed in with: listed, ended, and how one that is half in gets in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from broadcaster.domain.errors import NotFound, NotSignedIn
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import hashed
from broadcaster.services.people import people, second_factor
from broadcaster.services.people.people import Browsing, SignedIn
from broadcaster.services.people.second_factor import Second
from broadcaster.services.people.vault import Vault
from broadcaster.store.tables import WebSession

NOTED_EVERY = timedelta(minutes=5)
"""How exactly one is told when a browser was last used."""


def of(session: Session, person_id: str, *, now: datetime) -> Sequence[WebSession]:
    """The browsers this person is signed in with, the newest first."""
    return session.scalars(_open(person_id, now).order_by(WebSession.created_at.desc())).all()


def end(session: Session, actor: Actor, session_id: str, *, now: datetime) -> None:
    """End one of one's own; ending it twice changes nothing. Raises NotFound."""
    found = session.get(WebSession, session_id)
    if found is None or found.person_id != actor.person_id:
        raise NotFound(what="session", id=session_id)
    if found.ended_at is None:
        found.ended_at = now
        _note(session, actor, actor.person_id, 1, now)


def end_others(session: Session, actor: Actor, secret: str, *, now: datetime) -> int:
    """End all of one's own but the one with this secret; say how many there were."""
    return end_all(session, actor, actor.person_id, now=now, but=hashed(secret))


def end_all(session: Session, actor: Actor, person_id: str, *, now: datetime, but: str = "") -> int:
    """End every session of a person; whether the actor may is decided by who calls this."""
    found = session.scalars(_open(person_id, now).where(WebSession.id_sha256 != but)).all()
    for each in found:
        each.ended_at = now
    # Whoever knows the password and not yet the second factor goes too.
    half = (WebSession.person_id == person_id, WebSession.half, WebSession.ended_at.is_(None))
    session.execute(update(WebSession).where(*half).values(ended_at=now))
    if found:
        _note(session, actor, person_id, len(found), now)
    return len(found)


def used(session: Session, secret: str, *, now: datetime) -> None:
    """Note that a browser was used."""
    session.execute(update(WebSession).where(WebSession.id_sha256 == hashed(secret)).values(last_used_at=now))


def half_of(session: Session, secret: str, *, now: datetime, origin: str = "") -> Browsing:
    """Who gave their password in this browser and still owes the second factor. Raises NotSignedIn."""
    found = session.get(WebSession, hashed(secret))
    if found is None or not found.half or found.ended_at or found.expires_at <= now:
        raise NotSignedIn
    try:
        actor = people.actor_of(session, found.person_id, origin=origin, now=now)
    except NotFound as error:
        raise NotSignedIn from error
    return Browsing(actor, found.csrf, found.created_at)


def complete(
    session: Session, secret: str, second: Second | None, vault: Vault, *, now: datetime, origin: str = ""
) -> SignedIn:
    """The other half: a new session in place of the half one. Raises NotSignedIn, and as `second_factor.verify`."""
    actor = half_of(session, secret, now=now, origin=origin).actor
    second_factor.verify(session, actor, second, vault, now=now)
    half = session.get_one(WebSession, hashed(secret))
    half.ended_at = now
    begun = people.sign_in(session, actor, agent=half.agent, now=now)
    session.get_one(WebSession, hashed(begun.secret)).proved_at = now
    return begun


def _open(person_id: str, now: datetime) -> Select[WebSession]:
    return select(WebSession).where(
        WebSession.person_id == person_id,
        WebSession.half.is_(False),
        WebSession.ended_at.is_(None),
        WebSession.expires_at > now,
    )


def _note(session: Session, actor: Actor, person_id: str, count: int, now: datetime) -> None:
    audit.record(session, actor, "end_sessions", ("person", person_id), now=now, details={"count": count})
