"""Channels and the stand-in over real HTTP: what a resident would see, and what a bad day looks like."""

from collections.abc import Iterator

import httpx
import pytest

from broadcaster.demo.stand_in_chat import SECRET, TOKEN, Behaviour, Desk, StandInChat
from broadcaster.domain.mirror import CopyState, Text
from broadcaster.mirrors.base import Means
from broadcaster.mirrors.keeping import NOTHING
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.registry import build
from tests.mirrors.casts import LINK, copy

pytestmark = pytest.mark.database

GROUP = "g-chieng-dong"


@pytest.fixture
def chat() -> Iterator[StandInChat]:
    with StandInChat(Desk(groups={GROUP: "Nhóm Zalo bản Chiềng Đông 1"}, hang_seconds=5)) as chat:
        yield chat


def settings(chat: StandInChat, **changes: str) -> dict[str, str]:
    return {"token": TOKEN, "chat_id": GROUP, "base_url": chat.url} | changes


@pytest.fixture
def http() -> Iterator[Means]:
    with client(private=True) as http:
        yield NOTHING.means(http, private=True)


@pytest.fixture
def impatient(http: Means) -> Means:
    http.client.timeout = httpx.Timeout(0.3)
    return http


def test_a_copy_arrives_and_reads_as_it_was_written(chat: StandInChat, http: Means) -> None:
    outcome = build("zalo_bot", settings(chat), http).send(copy(title="Họp <b>bản</b> & [@all]"))
    assert (outcome.state, outcome.remote_id) == (CopyState.ACCEPTED, chat.received[0].message_id)
    assert chat.received[0].mentions == ()
    assert chat.received[0].parse_mode is None
    page = httpx.get(f"{chat.url}/group/{GROUP}").text
    assert "Nhóm Zalo bản Chiềng Đông 1 (máy giả lập)" in page
    assert "không phải Zalo" in page
    assert "Họp &lt;b&gt;bản&lt;/b&gt; &amp; (＠all]" in page
    assert f'<a href="{LINK}">{LINK}</a>' in page
    assert httpx.get(f"{chat.url}/received").json()["messages"][0]["text"] == chat.received[0].text


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"token": "1:wrong"}, "401"), ({"chat_id": "g-elsewhere"}, "404")],
)
def test_a_refusal_inside_a_200_is_for_good(chat: StandInChat, changes: dict[str, str], code: str, http: Means) -> None:
    outcome = build("zalo_bot", settings(chat, **changes), http).send(copy())
    assert (outcome.state, outcome.permanent, outcome.provider_code) == (CopyState.FAILED, True, code)
    assert chat.received == []


def test_beyond_the_quota_it_says_429_and_takes_nothing(chat: StandInChat, http: Means) -> None:
    chat.desk.quota = 2
    channel = build("zalo_bot", settings(chat), http)
    outcomes = [channel.send(copy()) for _ in range(3)]
    assert [outcome.provider_code for outcome in outcomes] == ["ok", "ok", "429"]
    assert not outcomes[2].permanent
    assert len(chat.received) == 2


@pytest.mark.parametrize(
    ("behaviour", "state", "code", "arrived"),
    [
        ("hang", CopyState.UNKNOWN, "ReadTimeout", 0),
        ("take and drop", CopyState.UNKNOWN, "ReadTimeout", 1),
        ("page", CopyState.UNKNOWN, "200", 0),
        ("fault", CopyState.FAILED, "500", 0),
        ("busy", CopyState.FAILED, "429", 0),
    ],
)
def test_a_bad_day(
    chat: StandInChat, impatient: Means, behaviour: Behaviour, state: CopyState, code: str, arrived: int
) -> None:
    chat.desk.behaviour[GROUP] = behaviour
    outcome = build("zalo_bot", settings(chat), impatient).send(copy())
    assert (outcome.state, outcome.permanent, outcome.provider_code) == (state, False, code)
    assert outcome.retry_after == (7 if behaviour == "busy" else None)
    assert len(chat.received) == arrived


def test_nobody_there_is_a_failure_that_may_pass(impatient: Means) -> None:
    with StandInChat() as gone:
        channel = build("zalo_bot", settings(gone), impatient)
    outcome = channel.send(copy())
    assert (outcome.state, outcome.permanent, outcome.provider_code) == (CopyState.FAILED, False, "ConnectError")


def test_without_leave_this_machine_is_not_called(chat: StandInChat, http: Means) -> None:
    with client() as guarded:
        outcome = build("zalo_bot", settings(chat), NOTHING.means(guarded, private=False)).send(copy())
    assert (outcome.state, outcome.provider_code) == (CopyState.FAILED, "Refused")
    assert chat.received == []


def test_the_test_button_asks_who_the_bot_is(chat: StandInChat, http: Means) -> None:
    channel = build("zalo_bot", settings(chat), http)
    assert channel.test().works
    chat.desk.can_join_groups = False
    assert not channel.test().works
    assert chat.received == []


def test_a_webhook_is_signed_and_a_double_is_seen(chat: StandInChat, http: Means) -> None:
    hook = {"url": f"{chat.url}/webhook/loa", "secret": SECRET}
    channel = build("webhook", hook, http)
    assert [channel.send(copy()).state for _ in range(2)] == [CopyState.ACCEPTED] * 2
    assert [(hook.signed, hook.again) for hook in chat.hooks] == [(True, False), (True, True)]
    assert chat.hooks[0].body["texts"][1] == {"language": "en", "text": copy().texts[1].text}


def test_a_webhook_with_another_secret_is_refused(chat: StandInChat, http: Means) -> None:
    hook = {"url": f"{chat.url}/webhook/loa", "secret": "another secret of length"}
    outcome = build("webhook", hook, http).send(copy())
    assert (outcome.permanent, outcome.provider_code) == (True, "401")


def test_what_is_too_long_or_empty_is_refused_by_the_stand_in_itself(chat: StandInChat) -> None:
    for text in ("", "x" * 2001):
        answer = httpx.post(f"{chat.url}/bot{TOKEN}/sendMessage", json={"chat_id": GROUP, "text": text})
        assert (answer.status_code, answer.json()["error_code"]) == (200, 400)


def test_a_very_long_announcement_still_fits(chat: StandInChat, http: Means) -> None:
    long = copy(texts=(Text("vi", "😀 Đề nghị bà con tiêm phòng cho gia súc. " * 500),))
    assert build("zalo_bot", settings(chat), http).send(long).state is CopyState.ACCEPTED
    assert chat.received[0].text.endswith(LINK)
