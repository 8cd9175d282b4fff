"""Proving once more that it is oneself: by a code of one's phone (RFC 6238), or by a passkey (WebAuthn)."""

import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.domain.errors import CodeUsed, FactorBlocked, NoFactor, SecondFactorNeeded, WrongCode
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.people import passkeys
from broadcaster.services.people.vault import Vault
from broadcaster.store import whatever_happens
from broadcaster.store.tables import Factor, Person

STEP = 30
"""Seconds a code is shown."""
DRIFT = 1
"""Steps that a phone's clock may be off, either way."""
TRIES = 5
BLOCK = timedelta(minutes=5)


class Method(StrEnum):
    """How somebody proved that it is they."""

    TOTP = "totp"
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class Second:
    """What somebody gives as a second factor: the six digits, or the passkey's answer as JSON."""

    kind: Method
    answer: str


def verify(
    session: Session, actor: Actor, second: Second | None, vault: Vault, *, now: datetime, about: str = passkeys.ACCOUNT
) -> Method:
    """Accept one of the actor's own factors, once; `about` is what a passkey was asked to answer for.

    Raises NoFactor, SecondFactorNeeded, WrongCode, CodeUsed, FactorBlocked, PasskeyRefused, FactorUnreadable.
    """
    mine = standing(session, actor.person_id)
    if not mine:
        raise NoFactor
    if second is None or not second.answer:
        raise SecondFactorNeeded
    if second.kind is Method.PASSKEY:
        passkeys.check(session, actor.person_id, second.answer, vault, about=about, now=now)
    else:
        secrets = {each.id: vault.unseal(each.secret or b"") for each in mine if each.kind == Method.TOTP}
        _check_code(session, actor, secrets, second.answer, now)
    return second.kind


def standing(session: Session, person_id: str) -> Sequence[Factor]:
    """The factors of a person that count: proved once, and not removed."""
    wanted = select(Factor).where(
        Factor.person_id == person_id, Factor.confirmed_at.is_not(None), Factor.removed_at.is_(None)
    )
    return session.scalars(wanted.order_by(Factor.id)).all()


def step_of(code: str, secret: str, now: datetime) -> int | None:
    """The 30-second step whose code this is, around now; None when it is none of them."""
    digits, generator, here = "".join(code.split()), pyotp.TOTP(secret), int(now.timestamp()) // STEP
    for step in range(here - DRIFT, here + DRIFT + 1):
        if hmac.compare_digest(generator.generate_otp(step).encode(), digits.encode()):
            return step
    return None


def _check_code(session: Session, actor: Actor, secrets: Mapping[str, str], code: str, now: datetime) -> None:
    person = session.get_one(Person, actor.person_id, with_for_update=True, populate_existing=True)
    if person.factor_blocked_until and person.factor_blocked_until > now:
        left = person.factor_blocked_until - now
        raise FactorBlocked(minutes=math.ceil(left / timedelta(minutes=1)))
    for factor_id, secret in secrets.items():
        step = step_of(code, secret, now)
        if step is None:
            continue
        if not _take(session, factor_id, step, now):
            raise CodeUsed
        person.factor_failures, person.factor_blocked_until = 0, None
        return
    # The refusal undoes this transaction, and what was tried must count all the same.
    whatever_happens.note(session, partial(_count_failure, actor=actor, now=now))
    raise WrongCode


def _take(session: Session, factor_id: str, step: int, now: datetime) -> bool:
    unused = (Factor.last_step.is_(None)) | (Factor.last_step < step)
    taken = update(Factor).where(Factor.id == factor_id, unused).values(last_step=step, last_used_at=now)
    return bool(session.scalar(taken.returning(Factor.id)))


def _count_failure(session: Session, *, actor: Actor, now: datetime) -> None:
    person = session.get_one(Person, actor.person_id, with_for_update=True, populate_existing=True)
    person.factor_failures += 1
    if person.factor_failures >= TRIES:
        person.factor_failures, person.factor_blocked_until = 0, now + BLOCK
    action = "factor_blocked" if person.factor_blocked_until == now + BLOCK else "wrong_code"
    audit.record(session, actor, action, ("person", person.id), now=now)
