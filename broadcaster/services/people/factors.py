"""One's own second factors: added, proved once, named, removed; nobody does it for somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.domain.errors import Malformed, NotFound, SignInTooOld, TooManyFactors, WrongCode
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.people import passkeys, people, second_factor
from broadcaster.services.people.second_factor import Method, Second
from broadcaster.services.people.vault import Vault
from broadcaster.store.tables import Factor, Person, WebSession

FRESH_SIGN_IN = timedelta(minutes=10)
MOST = 5
ISSUER = "Loa"
CODES, KEY = "Mã trên điện thoại", "Khoá bảo mật"
"""What a factor is called until its owner names it."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody signed in who looks after their own second factors."""

    actor: Actor
    signed_in_at: datetime
    vault: Vault


@dataclass(frozen=True, slots=True)
class Begun:
    """A generator of codes that is not proved yet, and what its phone must be told."""

    id: str
    secret: str
    uri: str


def mine(session: Session, person_id: str) -> Sequence[Factor]:
    """What a person has, without what was never proved."""
    return second_factor.standing(session, person_id)


def begin_codes(session: Session, account: Account, *, second: Second | None = None, now: datetime) -> Begun:
    """A new secret for the phone; it counts for nothing until `confirm_codes`. Raises as `_may_add`."""
    _may_add(session, account, second, now)
    # What was begun and never finished is of no use to anybody.
    unproved = (Factor.person_id == account.actor.person_id, Factor.confirmed_at.is_(None))
    session.execute(update(Factor).where(*unproved, Factor.removed_at.is_(None)).values(removed_at=now))
    secret = pyotp.random_base32()
    made = Factor(
        id=new_id(now),
        person_id=account.actor.person_id,
        kind=Method.TOTP,
        name=CODES,
        secret=account.vault.seal(secret),
        created_at=now,
    )
    session.add(made)
    session.flush()
    return _begun(account, made)


def begun(session: Session, account: Account) -> Begun | None:
    """The generator of codes that waits for its first code."""
    wanted = select(Factor).where(
        Factor.person_id == account.actor.person_id,
        Factor.kind == Method.TOTP,
        Factor.confirmed_at.is_(None),
        Factor.removed_at.is_(None),
    )
    found = session.scalar(wanted.order_by(Factor.id.desc()).limit(1))
    return _begun(account, found) if found else None


def confirm_codes(session: Session, account: Account, factor_id: str, code: str, *, now: datetime) -> Factor:
    """Prove that the phone shows the right codes; from now on it counts. Raises WrongCode, NotFound, SignInTooOld."""
    _fresh(account, now)
    found = _own(session, account.actor, factor_id)
    if found.confirmed_at is not None:
        return found
    step = second_factor.step_of(code, account.vault.unseal(found.secret or b""), now)
    if step is None:
        raise WrongCode
    found.confirmed_at, found.last_step, found.last_used_at = now, step, now
    _note(session, account.actor, "factor_add", found, now)
    return found


def add_passkey(
    session: Session, account: Account, answer: str, *, name: str = "", second: Second | None = None, now: datetime
) -> Factor:
    """Keep a passkey the browser just made. Raises PasskeyRefused, and as `_may_add`."""
    _may_add(session, account, second, now)
    credential_id, public_key, count = passkeys.accept_new(session, account.actor, answer, account.vault, now=now)
    made = Factor(
        id=new_id(now),
        person_id=account.actor.person_id,
        kind=Method.PASSKEY,
        name=line(name)[:60] or KEY,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=count,
        created_at=now,
        confirmed_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, account.actor, "factor_add", made, now)
    return made


def rename(session: Session, actor: Actor, factor_id: str, name: str, *, now: datetime) -> Factor:
    """Call it otherwise."""
    found = _own(session, actor, factor_id)
    if not 1 <= len(line(name)) <= 60:
        raise Malformed(field="name", problem="1–60")
    found.name = line(name)
    _note(session, actor, "factor_rename", found, now)
    return found


def remove(session: Session, account: Account, factor_id: str, second: Second | None, *, now: datetime) -> None:
    """Remove one of one's own, proving oneself by any of them. Raises what `second_factor.verify` does."""
    found = _own(session, account.actor, factor_id)
    second_factor.verify(session, account.actor, second, account.vault, now=now)
    found.removed_at = now
    _note(session, account.actor, "factor_remove", found, now)


def reset(session: Session, actor: Actor, person_id: str, *, now: datetime) -> int:
    """Remove every factor of somebody who lost their phone, and sign them out everywhere; say how many there were.

    For whoever tends people wherever that person has a role: they can take away, and never add. Raises NotAllowed.
    """
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(what="person", id=person_id)
    unit = people.require_over(session, actor, person_id)
    gone = second_factor.standing(session, person_id)
    session.execute(
        update(Factor).where(Factor.person_id == person_id, Factor.removed_at.is_(None)).values(removed_at=now)
    )
    session.execute(
        update(WebSession).where(WebSession.person_id == person_id, WebSession.ended_at.is_(None)).values(ended_at=now)
    )
    person.factor_failures, person.factor_blocked_until = 0, None
    audit.record(session, actor, "factor_reset", ("person", person_id), now=now, unit=unit)
    return len(gone)


def _may_add(session: Session, account: Account, second: Second | None, now: datetime) -> None:
    """Raise SignInTooOld, TooManyFactors, and for whoever has a factor already what `verify` does."""
    _fresh(account, now)
    have = mine(session, account.actor.person_id)
    if len(have) >= MOST:
        raise TooManyFactors(limit=MOST)
    if have:
        second_factor.verify(session, account.actor, second, account.vault, now=now)


def _fresh(account: Account, now: datetime) -> None:
    if account.signed_in_at < now - FRESH_SIGN_IN:
        raise SignInTooOld


def _own(session: Session, actor: Actor, factor_id: str) -> Factor:
    found = session.get(Factor, factor_id)
    if found is None or found.person_id != actor.person_id or found.removed_at:
        raise NotFound(what="factor", id=factor_id)
    return found


def _begun(account: Account, factor: Factor) -> Begun:
    secret = account.vault.unseal(factor.secret or b"")
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.actor.name, issuer_name=ISSUER)
    return Begun(factor.id, secret, uri)


def _note(session: Session, actor: Actor, action: str, factor: Factor, now: datetime) -> None:
    details = {"kind": factor.kind, "name": factor.name}
    audit.record(session, actor, action, ("factor", factor.id), now=now, details=details)
