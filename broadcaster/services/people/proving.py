"""A second factor given lately: what changes people and keys asks for it, and then for ten minutes no more."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.errors import ProofNeeded
from broadcaster.services.actor import Actor
from broadcaster.services.ids import hashed
from broadcaster.services.people import second_factor
from broadcaster.services.people.factors import FRESH_SIGN_IN
from broadcaster.services.people.second_factor import Second
from broadcaster.services.people.vault import Vault
from broadcaster.store.tables import WebSession


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody in one browser."""

    actor: Actor
    secret: str = field(repr=False)
    """Of the browser's cookie."""
    vault: Vault


def is_fresh(session: Session, here: Here, *, now: datetime) -> bool:
    """Whether a second factor was given in this browser within the last ten minutes."""
    found = session.get(WebSession, hashed(here.secret))
    return found is not None and found.proved_at is not None and found.proved_at > now - FRESH_SIGN_IN


def require(session: Session, here: Here, second: Second | None, *, now: datetime) -> None:
    """Return if it was given lately, or is given now; who has none is let through, and told elsewhere to get one.

    Raises ProofNeeded, and what `second_factor.verify` does.
    """
    if not second_factor.standing(session, here.actor.person_id) or is_fresh(session, here, now=now):
        return
    demand(session, here, second, now=now)


def demand(session: Session, here: Here, second: Second | None, *, now: datetime) -> None:
    """The same, of everybody and now. Raises ProofNeeded, NoFactor, and what `second_factor.verify` does."""
    if second is None or not second.answer:
        raise ProofNeeded
    second_factor.verify(session, here.actor, second, here.vault, now=now)
    session.get_one(WebSession, hashed(here.secret)).proved_at = now
