"""The phones of the demo's people, which show the codes that a live emergency asks them for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp
from sqlalchemy import select, update

from broadcaster.app import Ground, utc_now
from broadcaster.demo.client import Client
from broadcaster.services.ids import new_id
from broadcaster.services.people.second_factor import Method
from broadcaster.services.people.vault import Vault
from broadcaster.store.tables import Factor, Person


@dataclass(frozen=True, slots=True)
class Phone:
    """One person's phone."""

    ground: Ground
    person: str
    secret: str

    def factor(self) -> dict[str, str]:
        """What a request carries of it, now; also again within half a minute, which no server of a commune allows."""
        with self.ground.database.transaction() as session:
            session.execute(update(Factor).where(Factor.person_id == self.person).values(last_step=None))
        return {"code": pyotp.TOTP(self.secret).at(utc_now())}


def give(ground: Ground, login: str) -> Phone:
    """Give one of the demo's people a phone of their own."""
    vault, secret, now = ground.home.vault(ground.settings.console_url), pyotp.random_base32(), utc_now()
    with ground.database.transaction() as session:
        person = session.scalars(select(Person.id).where(Person.login == login)).one()
        session.add(_factor(person, secret, vault, now))
    return Phone(ground, person, secret)


def _factor(person: str, secret: str, vault: Vault, now: datetime) -> Factor:
    return Factor(
        id=new_id(now),
        person_id=person,
        kind=Method.TOTP,
        name="Điện thoại",
        secret=vault.seal(secret),
        created_at=now,
        confirmed_at=now,
    )


def approve(clerk: Client, approver: Client, draft: str, *, phones: tuple[Phone, Phone]) -> dict[str, Any]:
    """Submit and approve a draft, each with the code of their own phone."""
    one, two = phones
    submitted = clerk.post(f"/announcements/{draft}/submit", {"second_factor": one.factor()})
    body = {"content_sha256": submitted["content_sha256"], "second_factor": two.factor()}
    found: dict[str, Any] = approver.post(f"/announcements/{draft}/approve", body)
    return found
