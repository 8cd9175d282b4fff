"""A refresh token works once: many ask at once, Zalo falls silent, processes die, and somebody is told."""

import subprocess
import sys
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from broadcaster.domain import zalo_tokens
from broadcaster.domain.zalo_tokens import CLAIM, Alarm
from broadcaster.mirrors.base import NotNow, NoToken
from broadcaster.services.outlets import official_accounts, official_tokens, zalo_events
from broadcaster.services.outlets.zalo_events import Call
from broadcaster.store.database import Database
from tests.databases import closing_database
from tests.mirrors.accounts import Account, typed
from tests.mirrors.stand_ins.zalo_oa import Desk, served
from tests.mirrors.village import OWNER
from tests.vault import VAULT

pytestmark = pytest.mark.database

ROOT = Path(__file__).parent.parent.parent
ASKERS = 24


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    with served(desk) as zalo:
        yield zalo.url


@pytest.fixture
def account(sqlite_database: Database, url: str) -> Account:
    return Account.opened(sqlite_database, url)


def test_a_token_is_made_once_and_used_until_it_is_to_be_renewed(account: Account, desk: Desk) -> None:
    first = account.tokens().token(account.id)
    account.now += timedelta(hours=19)
    assert account.tokens().token(account.id) == first == desk.access
    account.now += timedelta(hours=1)
    second = account.tokens().token(account.id)
    assert second == desk.access != first
    assert desk.spent == ["refresh-0", "refresh-1"]
    assert account.row().refresh_token == "refresh-2"
    assert account.audited() == ["create", "bring", "renew", "renew"]


def test_with_a_lost_key_nothing_is_asked_of_zalo_until_a_person_has_entered_it_all_again(
    account: Account, desk: Desk, url: str
) -> None:
    account.tokens().token(account.id)
    lost = replace(VAULT, key=urlsafe_b64encode(b"another key of thirty-two bytes."))
    with closing_database(Database(str(account.database.engine.url), vault=lost)) as elsewhere:
        there = replace(account, database=elsewhere)
        there.a_day_later()
        with pytest.raises(NoToken, match="cannot be read"):
            there.tokens().token(account.id)
        there.paste("refresh-1")
        with pytest.raises(NoToken, match="cannot be read"):
            there.tokens().token(account.id)
        assert (desk.spent, there.row().trouble) == (["refresh-0"], "")
        assert zalo_tokens.alarm(official_tokens.held(there.row()), there.now) is Alarm.AGREE_AGAIN
        with elsewhere.read() as session:
            call = Call(b'{"event_name": "x"}', "mac=00", "1")
            assert zalo_events.judged(session, account.id, call) is False
        with elsewhere.transaction() as session:
            official_accounts.change(session, OWNER, account.id, typed(url), now=there.now)
        assert there.tokens().token(account.id) == desk.access
        assert desk.spent == ["refresh-0", "refresh-1"]


def test_many_threads_that_ask_while_it_must_be_renewed_spend_the_refresh_token_once(
    database: Database, desk: Desk, url: str
) -> None:
    account = Account.opened(database, url)
    desk.slow = 0.3
    found: list[str] = []
    ready = threading.Barrier(ASKERS)

    def ask() -> None:
        tokens = account.tokens()
        ready.wait()
        found.append(tokens.token(account.id))

    threads = [threading.Thread(target=ask) for _ in range(ASKERS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert found == [desk.access] * ASKERS
    assert (desk.spent, desk.refused) == (["refresh-0"], [])


def test_many_processes_that_ask_while_it_must_be_renewed_spend_the_refresh_token_once(
    database: Database, desk: Desk, url: str
) -> None:
    account = Account.opened(database, url)
    desk.slow = 0.3
    running = [asker(account) for _ in range(3)]
    assert {said(one) for one in running} == {desk.access}
    assert (desk.spent, desk.refused) == (["refresh-0"], [])


def asker(account: Account, how: str = "live") -> subprocess.Popen[str]:
    url = account.database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.mirrors.token_asker", url, account.id, account.now.isoformat(), how]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(one: subprocess.Popen[str]) -> str:
    """Let it begin when all are ready, and wait for its end."""
    return one.communicate("go\n", timeout=60)[0].removeprefix("ready\n").strip()


def test_a_crash_between_the_answer_and_our_commit_ends_in_a_call_for_a_person(
    database: Database, desk: Desk, url: str
) -> None:
    account = Account.opened(database, url)
    one = asker(account, "die")
    assert said(one) == ""
    assert one.returncode == 9
    assert desk.spent == ["refresh-0"]
    # The dead one's claim stands: nobody spends it again while its answer may still come.
    assert account.row().refreshing_until == account.now + CLAIM
    account.now += CLAIM
    with pytest.raises(NoToken, match="an earlier request was lost"):
        account.tokens().token(account.id)
    assert desk.refused == ["refresh-0"]
    assert "trouble" in account.audited()
    assert zalo_tokens.alarm(official_tokens.held(account.row()), account.now) is Alarm.AGREE_AGAIN
    with pytest.raises(NoToken):
        account.tokens().token(account.id)
    assert len(desk.refused) == 1
    account.paste(desk.refresh)
    assert account.tokens().token(account.id) == desk.access
    assert zalo_tokens.alarm(official_tokens.held(account.row()), account.now) is None


def test_a_crash_before_zalo_heard_of_it_costs_nobody_anything(account: Account, desk: Desk) -> None:
    with account.database.transaction() as session:
        assert official_tokens.take(session, account.id, now=account.now).spending
    account.now += CLAIM
    assert account.tokens().token(account.id) == desk.access
    assert (desk.spent, desk.refused) == (["refresh-0"], [])


def test_an_answer_that_comes_after_somebody_else_gave_up_still_counts(account: Account, desk: Desk) -> None:
    with account.database.transaction() as session:
        slow = official_tokens.take(session, account.id, now=account.now).spending
    assert slow is not None
    given = desk.pair(
        {"app_id": "4711", "grant_type": "refresh_token", "refresh_token": slow.refresh},
        "app-secret-of-the-stand-in",
    )
    account.now += CLAIM
    with pytest.raises(NoToken):
        account.tokens().token(account.id)
    pair = zalo_tokens.Pair(given["access_token"], given["refresh_token"], timedelta(hours=25))
    with account.database.transaction() as session:
        assert official_tokens.keep(session, slow, pair, now=account.now)
    assert account.row().trouble == ""
    assert account.tokens().token(account.id) == desk.access


def test_while_one_renews_the_others_go_on_with_the_token_there_is(account: Account) -> None:
    first = account.tokens().token(account.id)
    account.a_day_later()
    with account.database.transaction() as session:
        assert official_tokens.take(session, account.id, now=account.now).spending
    assert account.tokens().token(account.id) == first


def test_a_token_that_is_refused_is_renewed_once_however_many_meet_the_refusal(account: Account, desk: Desk) -> None:
    first = account.tokens().token(account.id)
    account.now += timedelta(hours=1)
    threads = [
        threading.Thread(target=lambda: account.tokens().token(account.id, refused=first)) for _ in range(ASKERS)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert desk.spent == ["refresh-0", "refresh-1"]
    with pytest.raises(NotNow, match="new"):
        account.tokens().token(account.id, refused=desk.access)


@pytest.mark.parametrize(("behaviour", "claimed"), [("page", True), ("fault", True), ("busy", False)])
def test_a_zalo_on_a_bad_day_is_asked_again_later(
    account: Account, desk: Desk, behaviour: str, *, claimed: bool
) -> None:
    desk.behaviour["token"] = behaviour  # type: ignore[assignment]
    with pytest.raises(NotNow):
        account.tokens().token(account.id)
    assert (account.row().refreshing_until is not None) is claimed
    assert account.row().trouble == ""
    desk.behaviour.clear()
    account.now += CLAIM
    assert account.tokens().token(account.id) == desk.access


def test_a_zalo_that_cannot_be_reached_costs_nothing(account: Account, desk: Desk) -> None:
    first = account.tokens().token(account.id)
    account.a_day_later()
    with account.database.transaction() as session:
        session.get_one(type(account.row()), account.id).oauth_url = "http://127.0.0.1:9"
    assert account.tokens().token(account.id) == first
    assert account.row().refreshing_until is None
    account.two_days_later()
    with pytest.raises(NotNow):
        account.tokens().token(account.id)
    assert zalo_tokens.alarm(official_tokens.held(account.row()), account.now) is Alarm.ZALO_SILENT


def test_an_answer_that_never_comes_leaves_the_claim_standing(account: Account, desk: Desk) -> None:
    desk.behaviour["token"] = "take and drop"
    account.client.timeout = httpx.Timeout(0.3)
    with pytest.raises(NotNow):
        account.tokens().token(account.id)
    account.now += CLAIM
    desk.behaviour.clear()
    with pytest.raises(NoToken, match="lost"):
        account.tokens().token(account.id)


def test_the_clock_renews_also_what_nothing_is_posted_with(account: Account, desk: Desk) -> None:
    account.tokens().renew_due()
    account.a_day_later()
    account.tokens().renew_due()
    account.tokens().renew_due()
    assert desk.spent == ["refresh-0", "refresh-1"]


def test_an_account_makes_no_more_calls_in_a_minute_than_it_may(account: Account) -> None:
    tokens = account.tokens()
    for _ in range(90):
        tokens.token(account.id)
    with pytest.raises(NotNow, match="in a minute") as refused:
        tokens.token(account.id)
    assert 0 < refused.value.seconds <= 61


def test_nobody_has_agreed_and_no_such_account_are_said_as_they_are(sqlite_database: Database, url: str) -> None:
    account = Account.opened(sqlite_database, url, refresh="")
    with pytest.raises(NoToken, match="nobody has agreed"):
        account.tokens().token(account.id)
    with pytest.raises(NoToken, match="no such account"):
        account.tokens().token("gone")
