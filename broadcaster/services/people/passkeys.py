"""Passkeys (WebAuthn): what a browser is asked to sign, each time another challenge, and whether it did."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import webauthn
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from broadcaster.domain.errors import PasskeyRefused
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.people.vault import Vault
from broadcaster.store.tables import Challenge, Factor

ACCOUNT = "account"
"""What a challenge is about that belongs to no announcement."""
LIFE = timedelta(minutes=5)


def ask_for_new(session: Session, actor: Actor, vault: Vault, *, now: datetime) -> dict[str, Any]:
    """What navigator.credentials.create is given, with a new challenge."""
    options = webauthn.generate_registration_options(
        rp_id=vault.host,
        rp_name="Loa",
        user_name=actor.name,
        user_id=actor.person_id.encode(),
        challenge=_challenge(session, actor, ACCOUNT, now),
        exclude_credentials=_known(session, actor.person_id),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return _as_json(webauthn.options_to_json(options))


def ask(session: Session, actor: Actor, vault: Vault, *, about: str, now: datetime) -> dict[str, Any]:
    """What navigator.credentials.get is given: the person's own passkeys, and a new challenge about one thing."""
    options = webauthn.generate_authentication_options(
        rp_id=vault.host,
        challenge=_challenge(session, actor, about, now),
        allow_credentials=_known(session, actor.person_id),
    )
    return _as_json(webauthn.options_to_json(options))


def accept_new(session: Session, actor: Actor, answer: str, vault: Vault, *, now: datetime) -> tuple[bytes, bytes, int]:
    """The credential id, public key and counter of a new passkey. Raises PasskeyRefused."""
    given = _parsed(answer)
    challenge = _spend(session, actor.person_id, given, ACCOUNT, now)
    try:
        made = webauthn.verify_registration_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=vault.host,
            expected_origin=vault.origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused from error
    if session.scalar(select(Factor.id).where(Factor.credential_id == made.credential_id)):
        raise PasskeyRefused
    return made.credential_id, made.credential_public_key, made.sign_count


def check(session: Session, person_id: str, answer: str, vault: Vault, *, about: str, now: datetime) -> None:
    """Return when one of this person's own passkeys signed a challenge about this, once. Raises PasskeyRefused."""
    given = _parsed(answer)
    challenge = _spend(session, person_id, given, about, now)
    factor = _factor(session, person_id, given)
    try:
        proved = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=vault.host,
            expected_origin=vault.origin,
            credential_public_key=factor.public_key or b"",
            credential_current_sign_count=factor.sign_count,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused from error
    factor.sign_count, factor.last_used_at = proved.new_sign_count, now


def _challenge(session: Session, actor: Actor, about: str, now: datetime) -> bytes:
    made = Challenge(
        id=new_id(now),
        person_id=actor.person_id,
        challenge=secrets.token_bytes(32),
        about=about,
        created_at=now,
        expires_at=now + LIFE,
    )
    session.add(made)
    session.flush()
    return made.challenge


def _spend(session: Session, person_id: str, given: Mapping[str, Any], about: str, now: datetime) -> bytes:
    try:
        told = json.loads(base64url_to_bytes(given["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(told["challenge"])
    except (ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused from error
    mine = (Challenge.person_id == person_id, Challenge.challenge == challenge, Challenge.about == about)
    open_still = (Challenge.used_at.is_(None), Challenge.expires_at > now)
    spent = update(Challenge).where(*mine, *open_still).values(used_at=now)
    if session.scalar(spent.returning(Challenge.id)) is None:
        raise PasskeyRefused
    return challenge


def _factor(session: Session, person_id: str, given: Mapping[str, Any]) -> Factor:
    try:
        credential = base64url_to_bytes(given["rawId"])
    except (ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused from error
    wanted = select(Factor).where(Factor.person_id == person_id, Factor.credential_id == credential)
    found = session.scalar(wanted.where(Factor.removed_at.is_(None), Factor.confirmed_at.is_not(None)))
    if found is None:
        raise PasskeyRefused
    return found


def _known(session: Session, person_id: str) -> list[PublicKeyCredentialDescriptor]:
    mine = select(Factor.credential_id).where(Factor.person_id == person_id, Factor.removed_at.is_(None))
    return [PublicKeyCredentialDescriptor(id=each) for each in session.scalars(mine) if each is not None]


def _parsed(answer: str) -> dict[str, Any]:
    try:
        given = json.loads(answer)
    except ValueError as error:
        raise PasskeyRefused from error
    if not isinstance(given, dict):
        raise PasskeyRefused
    return given


def _as_json(text: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(text)
    return made
