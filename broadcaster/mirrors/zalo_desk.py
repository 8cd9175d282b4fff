"""Zalo as pages ask it: agreeing, renewing, listing an account's groups."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Self

import httpx

from broadcaster.domain.errors import ZaloRefused, ZaloSilent
from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.domain.zalo import number_of, text_of
from broadcaster.mirrors import zalo_oauth
from broadcaster.mirrors.base import NotNow, NoToken, Tokens
from broadcaster.mirrors.official_tokens import OfficialTokens
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.zalo_oa import Account, Answer, refused
from broadcaster.mirrors.zalo_oauth import Given, Refusal
from broadcaster.services.actor import Actor
from broadcaster.services.outlets import official_tokens
from broadcaster.services.outlets.official_accounts import ZaloGroup
from broadcaster.services.outlets.trying import Tried
from broadcaster.store.database import Database

GROUPS = "/v3.0/oa/group/getgroupsofoa"
ABOUT = "/v2.0/oa/getoa"
PER_CALL = 50
MOST_GROUPS = 1_000


class ZaloDesk:
    """The questions of pages, over the guarded client and the accounts' tokens."""

    def __init__(self, database: Database, outside: httpx.Client, tokens: Tokens, now: Callable[[], datetime]) -> None:
        self._database, self._client, self._tokens, self._now = database, outside, tokens, now

    @classmethod
    def opened(cls, database: Database, now: Callable[[], datetime], *, private: bool) -> Self:
        """With a guarded client of its own; `private` also allows addresses of this machine and its network."""
        outside = client(private=private)
        return cls(database, outside, OfficialTokens(database, outside, now), now)

    def agree(self, actor: Actor, account: str, code: str, verifier: str) -> None:
        """Give a code for tokens and keep them before they are used. Raises ZaloRefused, ZaloSilent, NotFound."""
        with self._database.read() as session:
            site = official_tokens.look(session, account, now=self._now()).site
        answer = zalo_oauth.exchange(self._client, site, code, verifier)
        if isinstance(answer, Refusal):
            raise ZaloRefused(problem=answer.words)
        if not isinstance(answer, Given):
            raise ZaloSilent
        with self._database.transaction() as session:
            official_tokens.agreed(session, actor, account, answer.pair, now=self._now())

    def renew(self, account: str) -> None:
        """See to it that there is a token. Raises ZaloRefused, ZaloSilent."""
        try:
            self._tokens.token(account)
        except NoToken as error:
            raise ZaloRefused(problem=str(error)) from error
        except NotNow as error:
            raise ZaloSilent from error

    def groups(self, account: str) -> Sequence[ZaloGroup]:
        """Every group of the account, as many calls as it takes. Raises ZaloRefused, ZaloSilent, NotFound."""
        calls, found, total = self._account(account), dict[str, ZaloGroup](), 1
        seen = 0
        while seen < min(total, MOST_GROUPS):
            answer = calls.call("GET", GROUPS, params={"offset": seen, "count": PER_CALL})
            _need(answer)
            listed = answer.data.get("groups")
            rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
            if not rows:
                break
            found |= {group.id: group for group in map(_group, rows) if group.id}
            seen, total = seen + len(rows), number_of(answer.data.get("total")) or 0
        return list(found.values())

    def about(self, account: str) -> Tried:
        """Whether Zalo takes the token, and until when the account's package lasts. Raises NotFound."""
        answer = self._account(account).call("GET", ABOUT)
        if answer.outcome.state is not CopyState.ACCEPTED:
            return refused(answer.outcome)
        data = answer.data
        said = {
            "name": text_of(data.get("name")),
            "package": text_of(data.get("package_name")) or "–",
            "until": text_of(data.get("package_valid_through_date")) or "–",
        }
        if data.get("is_verified") is False:
            return Tried(works=False, words="Zalo takes our token, but “%(name)s” is not verified.", params=said)
        words = "Zalo takes our token: “%(name)s”, package %(package)s until %(until)s."
        return Tried(works=True, words=words, params=said)

    def _account(self, account: str) -> Account:
        with self._database.read() as session:
            site = official_tokens.look(session, account, now=self._now()).site
        return Account(self._tokens, account, self._client, base_url=site.api_url)


def _need(answer: Answer) -> None:
    outcome: Outcome = answer.outcome
    if outcome.state is CopyState.ACCEPTED:
        return
    waits = not outcome.permanent and outcome.provider_code != "no_token"
    raise ZaloSilent if waits else ZaloRefused(problem=f"{outcome.detail} ({outcome.provider_code})")


def _group(row: dict[str, Any]) -> ZaloGroup:
    return ZaloGroup(
        text_of(row.get("group_id")),
        text_of(row.get("name")),
        number_of(row.get("total_member")) or 0,
        text_of(row.get("status")) in {"", "enabled"},
    )
