"""The Zalo Official Accounts of a unit: entered, agreed to by a person, and their groups made into channels."""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import AlreadyExists, ConsentSpent, Malformed, NotFound
from broadcaster.domain.errors.setting_up import SecretAgain
from broadcaster.domain.permissions import Action
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import hashed, new_id, new_secret
from broadcaster.services.outlets import mirrors
from broadcaster.services.outlets.trying import Tried
from broadcaster.store import places
from broadcaster.store.tables import Channel, Consent, OfficialAccount

KIND = "zalo_oa"
OAUTH = "https://oauth.zaloapp.com"
API = "https://openapi.zalo.me"
# The code that Zalo sends back lives as long; a person may be signing in there first.
LIFE = timedelta(minutes=15)
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Typed:
    """An account as somebody filled it in; empty secrets leave those that are kept."""

    name: str
    app_id: str
    oa_id: str
    app_secret: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    oauth_url: str = ""
    api_url: str = ""


@dataclass(frozen=True, slots=True)
class ZaloGroup:
    """One group of an account, as Zalo lists it."""

    id: str
    name: str
    members: int = 0
    enabled: bool = True


class Zalo(Protocol):
    """Zalo as pages use it; slow, and never within a transaction."""

    def agree(self, actor: Actor, account: str, code: str, verifier: str) -> None:
        """Give a code for tokens and keep them. Raises ZaloRefused, ZaloSilent."""

    def renew(self, account: str) -> None:
        """See to it that there is a token. Raises ZaloRefused, ZaloSilent."""

    def groups(self, account: str) -> Sequence[ZaloGroup]:
        """Every group of the account. Raises ZaloRefused, ZaloSilent."""

    def about(self, account: str) -> Tried:
        """Whether Zalo takes the token, and what it says of the account; groups see nothing."""


def of_units(session: Session, units: frozenset[str]) -> Sequence[OfficialAccount]:
    """Those of these units, by name."""
    rows = select(OfficialAccount).where(OfficialAccount.unit_id.in_(units))
    return session.scalars(rows.order_by(OfficialAccount.name, OfficialAccount.id)).all()


def find(session: Session, units: frozenset[str], account: str) -> OfficialAccount:
    """One of these units' accounts. Raises NotFound."""
    row = session.get(OfficialAccount, account)
    if row is None or row.unit_id not in units:
        raise NotFound(what="official account", id=account)
    return row


def tended(session: Session, actor: Actor, account: str) -> OfficialAccount:
    """One this actor looks after. Raises NotFound, NotAllowed."""
    row = session.get(OfficialAccount, account)
    if row is None:
        raise NotFound(what="official account", id=account)
    actor.require(Action.TEND_CHANNELS, places.path(session, row.unit_id))
    return row


def add(session: Session, actor: Actor, unit_id: str, typed: Typed, *, now: datetime) -> OfficialAccount:
    """A new account of a unit. Raises UnknownUnit, NotAllowed, Malformed, AlreadyExists."""
    actor.require(Action.TEND_CHANNELS, places.path(session, unit_id))
    tidy = _checked(typed, new=True)
    row = OfficialAccount(id=new_id(now), unit_id=unit_id, created_by=actor.person_id, created_at=now)
    _fill(session, row, tidy)
    session.add(row)
    session.flush()
    audit.record(session, actor, "create", ("official_account", row.id), now=now, unit=unit_id, details=_said(row))
    return row


def change(session: Session, actor: Actor, account: str, typed: Typed, *, now: datetime) -> None:
    """Fill it in otherwise. Raises NotFound, NotAllowed, Malformed, AlreadyExists, SecretAgain."""
    row, tidy = tended(session, actor, account), _checked(typed, new=False)
    if (row.oauth_url, row.api_url, row.app_id) != (tidy.oauth_url, tidy.api_url, tidy.app_id):
        # The kept secret and the tokens would go there, at the word of somebody who may not know them.
        if not tidy.app_secret:
            raise SecretAgain
        row.access_token = row.refresh_token = ""
        row.access_until = row.refresh_until = None
    _fill(session, row, tidy)
    audit.record(session, actor, "change", ("official_account", row.id), now=now, unit=row.unit_id, details=_said(row))


def ask_consent(session: Session, actor: Actor, account: str, *, back: str, now: datetime) -> str:
    """Where to send a person who may agree for the account; good once, for LIFE. Raises NotFound, NotAllowed."""
    row = tended(session, actor, account)
    state, verifier = new_secret(), secrets.token_urlsafe(32)
    session.execute(delete(Consent).where(Consent.expires_at <= now))
    session.add(
        Consent(
            state_sha256=hashed(state),
            account_id=row.id,
            person_id=actor.person_id,
            verifier=verifier,
            expires_at=now + LIFE,
        )
    )
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"app_id": row.app_id, "redirect_uri": back, "code_challenge": challenge, "state": state}
    return f"{row.oauth_url or OAUTH}/v4/oa/permission?{urlencode(asked)}"


def consent(session: Session, actor: Actor, state: str, *, now: datetime) -> tuple[str, str, str]:
    """Use a consent up: (account, verifier, the OA it is for), if this person asked for it.

    Raises ConsentSpent, NotFound, NotAllowed.
    """
    spent = delete(Consent).where(
        Consent.state_sha256 == hashed(state), Consent.person_id == actor.person_id, Consent.expires_at > now
    )
    found = session.execute(spent.returning(Consent.account_id, Consent.verifier)).first()
    if found is None:
        raise ConsentSpent
    return found.account_id, found.verifier, tended(session, actor, found.account_id).oa_id


def channels_of(session: Session, account: str) -> dict[str, Channel]:
    """Its groups that are channels already, by Zalo's name for them."""
    rows = session.scalars(select(Channel).where(Channel.kind == KIND).order_by(Channel.id))
    return {str(row.settings.get("group_id")): row for row in rows if row.settings.get("account") == account}


def make_channels(
    session: Session, actor: Actor, account: str, chosen: Sequence[tuple[ZaloGroup, str]], *, now: datetime
) -> int:
    """Give each unit its group as a channel; those that are one stay. Raises NotFound, NotAllowed, UnknownUnit."""
    row, known = tended(session, actor, account), channels_of(session, account)
    new = [(group, unit) for group, unit in chosen if group.id not in known]
    for group, unit in new:
        settings = {"account": row.id, "group_id": group.id} | ({"base_url": row.api_url} if row.api_url else {})
        name = line(group.name)[:200] or group.id
        mirrors.add_channel(session, actor, unit_id=unit, kind=KIND, name=name, settings=settings, secret=None, now=now)
    session.flush()
    return len(new)


def may_use(session: Session, actor: Actor, kind: str, settings: Mapping[str, str]) -> None:
    """Raise NotFound or NotAllowed where a channel is to post with an account that its maker does not look after."""
    if kind == KIND:
        tended(session, actor, settings.get("account", ""))


def _checked(typed: Typed, *, new: bool) -> Typed:
    values = {name: line(getattr(typed, name)) for name in Typed.__slots__}
    for name in ("name", "app_id", "oa_id", *(("app_secret",) if new else ())):
        most = 64 if name.endswith("_id") else 200
        if not 1 <= len(values[name]) <= most:
            raise Malformed(field=name, problem=f"1–{most}")
    for name in ("app_secret", "webhook_secret"):
        if len(values[name]) > LONGEST:
            raise Malformed(field=name, problem=f"1–{LONGEST}")
    for name in ("oauth_url", "api_url"):
        values[name] = values[name].rstrip("/")
        if len(values[name]) > 200 or (values[name] and urlsplit(values[name]).scheme not in {"http", "https"}):
            raise Malformed(field=name, problem="https://…")
    return Typed(**values)


def _fill(session: Session, row: OfficialAccount, typed: Typed) -> None:
    same = (OfficialAccount.app_id == typed.app_id, OfficialAccount.oa_id == typed.oa_id)
    if session.scalar(select(OfficialAccount.id).where(*same, OfficialAccount.id != row.id)):
        raise AlreadyExists(id=typed.oa_id)
    row.name, row.app_id, row.oa_id = typed.name, typed.app_id, typed.oa_id
    row.oauth_url, row.api_url = typed.oauth_url, typed.api_url
    row.app_secret = typed.app_secret or row.app_secret
    row.webhook_secret = typed.webhook_secret or row.webhook_secret or ""


def _said(row: OfficialAccount) -> dict[str, str]:
    return {"name": row.name, "oa_id": row.oa_id}
