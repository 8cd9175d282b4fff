"""The tokens of Official Accounts, changed under a lock: claimed, kept with an audit row, or given up aloud.

Whoever claims a refresh token spends it outside any transaction. A claim that lapses was perhaps spent by somebody who
never came back; the next one tries the same token, and a provider that refuses it then ends in `trouble`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import NotFound
from broadcaster.domain.zalo_tokens import CLAIM, REFRESH_LIFE, Held, Pair, Step, decide
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.store.sealed import lost, opened
from broadcaster.store.tables import OfficialAccount

LOST = "the answer to an earlier request was lost, and the refresh token was spent with it"
UNREADABLE = "the account's secrets cannot be read on this server any more; enter them again, then agree again"


@dataclass(frozen=True, slots=True)
class Spending:
    """A refresh token, or the code of a consent, that only whoever holds this may spend."""

    account: str
    refresh: str = field(repr=False)
    until: datetime | None
    """When the claim lapses."""
    again: bool
    """An earlier holder never said what became of it."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where an account is asked for, and with which secret; empty when it cannot be opened."""

    app_id: str
    app_secret: str = field(repr=False)
    oauth_url: str
    api_url: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What somebody who wants a token is told."""

    step: Step
    access: str = field(repr=False)
    usable: bool
    """Whether Zalo should still take the access token."""
    trouble: str
    site: Site
    spending: Spending | None = None


def look(session: Session, account: str, *, now: datetime, refused: str = "") -> Taken:
    """What is to be done, without doing it. Raises NotFound."""
    row = session.get(OfficialAccount, account)
    if row is None:
        raise NotFound(what="official account", id=account)
    return _taken(row, decide(held(row), now, refused=refused), now, refused)


def take(session: Session, account: str, *, now: datetime, refused: str = "") -> Taken:
    """What is to be done; RENEW comes with the refresh token, claimed for CLAIM. Raises NotFound."""
    row = _locked(session, account)
    step = decide(held(row), now, refused=refused)
    if step is not Step.RENEW:
        return _taken(row, step, now, refused)
    spending = Spending(row.id, row.refresh_token, now + CLAIM, again=row.refreshing_until is not None)
    row.refreshing_until = spending.until
    return _taken(row, step, now, refused, spending)


def keep(session: Session, spending: Spending, pair: Pair, *, now: datetime, actor: Actor = SYSTEM) -> bool:
    """Keep what was given for it; False where a person brought another one meanwhile, which stays."""
    row = _locked(session, spending.account)
    if row.refresh_token != spending.refresh:
        return False
    row.access_token, row.access_until = pair.access, now + pair.lasts
    row.refresh_token, row.refresh_until = pair.refresh, now + REFRESH_LIFE
    row.refreshed_at, row.refreshing_until, row.trouble = now, None, ""
    _record(session, actor, row, "renew", now)
    return True


def give_up(session: Session, spending: Spending, why: str, *, now: datetime) -> None:
    """The provider does not take it: from now on a person is asked to agree again."""
    row = _locked(session, spending.account)
    if row.refresh_token != spending.refresh or row.refreshing_until is None:
        return
    row.refreshing_until = None
    row.trouble = (f"{why}: {LOST}" if spending.again else why)[:200]
    _record(session, SYSTEM, row, "trouble", now, problem=row.trouble)


def let_go(session: Session, spending: Spending) -> None:
    """It was certainly not spent: somebody else may try."""
    row = _locked(session, spending.account)
    if row.refresh_token == spending.refresh and row.refreshing_until == spending.until:
        row.refreshing_until = None


def bring(session: Session, actor: Actor, account: str, refresh: str, *, now: datetime) -> None:
    """Take over a refresh token that a person brought; it is spent at once to see whether it works. Raises NotFound."""
    row = _locked(session, account)
    row.refresh_token, row.access_token = refresh, ""
    row.access_until = row.refreshed_at = row.refreshing_until = None
    row.refresh_until, row.trouble = now + REFRESH_LIFE, ""
    _record(session, actor, row, "bring", now)


def agreed(session: Session, actor: Actor, account: str, pair: Pair, *, now: datetime) -> None:
    """Keep what was given for the code of a consent, whatever there was before. Raises NotFound."""
    row = _locked(session, account)
    keep(session, Spending(account, row.refresh_token, None, again=False), pair, now=now, actor=actor)


def all_of(session: Session) -> Sequence[OfficialAccount]:
    """Every account, by id."""
    return session.scalars(select(OfficialAccount).order_by(OfficialAccount.id)).all()


def held(row: OfficialAccount) -> Held:
    """What the rules are asked about; what cannot be opened counts as not there."""
    shut = any(map(lost, (row.app_secret, row.access_token, row.refresh_token)))
    trouble = row.trouble or (UNREADABLE if shut else "")
    access, refresh = opened(row.access_token), opened(row.refresh_token)
    return Held(access, row.access_until, row.refreshed_at, refresh, row.refreshing_until, trouble)


def unreadable(row: OfficialAccount) -> bool:
    """Whether its secrets are there, and the key that opens them is not."""
    return lost(row.webhook_secret) or held(row).trouble == UNREADABLE


def _taken(row: OfficialAccount, step: Step, now: datetime, refused: str, spending: Spending | None = None) -> Taken:
    site, kept = Site(row.app_id, opened(row.app_secret), row.oauth_url, row.api_url), held(row)
    return Taken(step, kept.access, kept.usable(now, refused), kept.trouble, site, spending)


def _locked(session: Session, account: str) -> OfficialAccount:
    session.flush()
    row = session.get(OfficialAccount, account, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(what="official account", id=account)
    return row


def _record(
    session: Session, actor: Actor, row: OfficialAccount, action: str, now: datetime, *, problem: str = ""
) -> None:
    said = {"name": row.name} | ({"problem": problem} if problem else {})
    audit.record(session, actor, action, ("official_account", row.id), now=now, unit=row.unit_id, details=said)
