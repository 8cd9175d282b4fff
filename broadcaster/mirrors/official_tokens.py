"""One token for all groups of an Official Account: renewed before it ends, and its refresh token spent once.

The row is the lock: whoever claims it asks Zalo outside any transaction, and the new pair is committed before anybody
uses it. Several threads and processes may ask at once.
"""

import time
from collections.abc import Callable
from datetime import datetime

import httpx
import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from broadcaster.domain.errors import LoaError, NotFound
from broadcaster.domain.zalo_tokens import Step
from broadcaster.mirrors import zalo_oauth
from broadcaster.mirrors.base import NotNow, NoToken
from broadcaster.mirrors.zalo_oauth import Given, Refusal, Silence
from broadcaster.services.outlets import official_tokens
from broadcaster.services.outlets.official_tokens import Spending, Taken
from broadcaster.store.database import Database

log = structlog.get_logger(__name__)

# Of the 100 that an account of the cheapest tier has.
PER_MINUTE = RateLimitItemPerMinute(90)
PATIENCE = 8.0
LOOK_AGAIN = 0.1
# The pair is on no disk yet, and Zalo will not give another for the same token.
KEEP_TRIES = (0.0, 0.2, 1.0, 5.0)


class OfficialTokens:
    """The tokens of every account; safe to share between threads."""

    def __init__(self, database: Database, client: httpx.Client, now: Callable[[], datetime]) -> None:
        self._database, self._client, self._now = database, client, now
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def token(self, account: str, *, refused: str = "") -> str:
        """One to use for one call now, other than `refused`. Raises NoToken, and NotNow when it is a matter of time."""
        self._count(account)
        until = time.monotonic() + PATIENCE
        while True:
            taken = self._look(account, refused)
            match taken.step:
                case Step.USE:
                    return taken.access
                case Step.AGREE:
                    raise NoToken(taken.trouble or "nobody has agreed yet that we post for this account")
                case Step.LATER:
                    raise NotNow("Zalo refuses a token that is new", 60)
                case _ if time.monotonic() > until:
                    raise NotNow("the token is being renewed", 5)
                case Step.WAIT:
                    time.sleep(LOOK_AGAIN)
                case Step.RENEW:
                    problem = self._renew(account, refused)
                    if problem and not taken.usable:
                        raise problem
                    if problem:
                        return taken.access

    def _count(self, account: str) -> None:
        if not self._limiter.hit(PER_MINUTE, account):
            reset = self._limiter.get_window_stats(PER_MINUTE, account).reset_time
            why = "the account has made all the calls it may make in a minute"
            raise NotNow(why, max(1, round(reset - time.time())))

    def renew_due(self) -> None:
        """Renew every token whose time has come, also of accounts that nothing is posted with."""
        with self._database.read() as session:
            accounts = [row.id for row in official_tokens.all_of(session)]
        for account in accounts:
            if self._look(account, "").step is Step.RENEW:
                self._renew(account, "")

    def _look(self, account: str, refused: str) -> Taken:
        try:
            with self._database.read() as session:
                return official_tokens.look(session, account, now=self._now(), refused=refused)
        except NotFound:
            raise NoToken("there is no such account any more") from None

    def _renew(self, account: str, refused: str) -> NotNow | None:
        """Spend the refresh token, if nobody else does; what is returned says why there is none yet."""
        with self._database.transaction() as session:
            taken = official_tokens.take(session, account, now=self._now(), refused=refused)
        if taken.spending is None:
            return None
        answer = zalo_oauth.refresh(self._client, taken.site, taken.spending.refresh)
        if isinstance(answer, Given):
            return self._keep(taken.spending, answer)
        return self._without(taken.spending, answer)

    def _without(self, spending: Spending, answer: Refusal | Silence) -> NotNow | None:
        said = {"account": spending.account, "why": answer.words}
        if isinstance(answer, Refusal):
            with self._database.transaction() as session:
                official_tokens.give_up(session, spending, answer.words, now=self._now())
            log.error("a person must agree again", action="agree-again", **said)
            return None
        # What may have been taken stays claimed, so that nobody spends it again at once.
        if not answer.perhaps_taken:
            with self._database.transaction() as session:
                official_tokens.let_go(session, spending)
        log.warning("no new token", action="no-new-token", **said)
        return NotNow("Zalo does not answer when asked for a token", 30)

    def _keep(self, spending: Spending, given: Given) -> NotNow | None:
        for wait in KEEP_TRIES:
            time.sleep(wait)
            try:
                with self._database.transaction() as session:
                    official_tokens.keep(session, spending, given.pair, now=self._now())
            except LoaError as error:
                log.warning("token not kept", action="token-not-kept", account=spending.account, code=error.code)
            else:
                return None
        return NotNow("the new token could not be stored", 60)
