"""Official Accounts that several tests use, whose provider is the stand-in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from sqlalchemy import select

from broadcaster.domain.zalo_tokens import RENEW_AFTER
from broadcaster.mirrors.official_tokens import OfficialTokens
from broadcaster.mirrors.outgoing import client
from broadcaster.services.outlets import official_accounts, official_tokens
from broadcaster.services.outlets.official_accounts import Typed
from broadcaster.store.database import Database
from broadcaster.store.tables import AuditEntry, OfficialAccount
from tests.mirrors.stand_ins.zalo_oa import APP_ID, APP_SECRET, OA_ID
from tests.mirrors.village import NOW, OWNER, Village

LASTS = timedelta(hours=25)


def typed(url: str = "", **changes: str) -> Typed:
    """An account as somebody fills it in."""
    usual = {"name": "UBND xã", "app_id": APP_ID, "oa_id": OA_ID, "app_secret": APP_SECRET}
    return Typed(**(usual | {"oauth_url": url, "api_url": url} | changes))


@dataclass
class Account:
    """One account over one database, and a clock that tests turn."""

    database: Database
    id: str
    now: datetime = NOW
    client: httpx.Client = field(default_factory=lambda: client(private=True))

    @classmethod
    def opened(cls, database: Database, url: str, *, refresh: str = "refresh-0") -> "Account":
        """Of a commune with villages; somebody has pasted a refresh token, unless it is empty."""
        Village.founded(database)
        with database.transaction() as session:
            made = official_accounts.add(session, OWNER, "yen-chau", typed(url), now=NOW).id
        account = cls(database, made)
        if refresh:
            account.paste(refresh)
        return account

    def paste(self, refresh: str) -> None:
        """A person brings a refresh token."""
        with self.database.transaction() as session:
            official_tokens.bring(session, OWNER, self.id, refresh, now=self.now)

    def tokens(self) -> OfficialTokens:
        """As another thread or process of the service has them."""
        return OfficialTokens(self.database, self.client, lambda: self.now)

    def row(self) -> OfficialAccount:
        with self.database.read() as session:
            return session.get_one(OfficialAccount, self.id)

    def audited(self) -> list[str]:
        """What the log book says was done with it."""
        with self.database.read() as session:
            rows = select(AuditEntry).where(AuditEntry.subject_kind == "official_account").order_by(AuditEntry.seq)
            return [row.action for row in session.scalars(rows)]

    def a_day_later(self) -> None:
        """The token is to be renewed."""
        self.now += RENEW_AFTER

    def two_days_later(self) -> None:
        """The token has ended."""
        self.now += 2 * LASTS
