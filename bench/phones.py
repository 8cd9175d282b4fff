"""Second factors for the two who answer for an emergency on a bench."""

from datetime import datetime

import pyotp
from cryptography.fernet import Fernet
from sqlalchemy import update
from sqlalchemy.orm import Session

from broadcaster.services.actor import Actor
from broadcaster.services.people.second_factor import Method, Second
from broadcaster.services.people.vault import Vault
from broadcaster.store.tables import Factor, Person

VAULT = Vault(Fernet.generate_key(), "https://localhost")
SECRET = pyotp.random_base32()


def give(session: Session, actor: Actor, now: datetime) -> None:
    """Somebody in the books, with a phone."""
    session.add(Person(id=actor.person_id, login=actor.person_id, name=actor.name, created_at=now))
    session.flush()
    session.add(
        Factor(
            id=actor.person_id,
            person_id=actor.person_id,
            kind=Method.TOTP,
            name="Phone",
            secret=VAULT.seal(SECRET),
            created_at=now,
            confirmed_at=now,
        )
    )


def second(session: Session, actor: Actor, now: datetime) -> Second:
    """The code of this moment; also again within half a minute, which no server of a commune allows."""
    session.execute(update(Factor).where(Factor.person_id == actor.person_id).values(last_step=None))
    return Second(Method.TOTP, pyotp.TOTP(SECRET).at(now))
