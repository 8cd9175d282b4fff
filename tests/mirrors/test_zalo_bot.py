"""Every kind of answer Zalo may give, through real request code and a fake transport."""

import json
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.mirror import CopyState, Outcome, Text
from broadcaster.mirrors.zalo_bot import ERRORS, ZaloBotChannel
from tests.mirrors.casts import copy

pytestmark = pytest.mark.pure

TOKEN = "1000000001:secret-part"
Handler = Callable[[httpx.Request], httpx.Response]


def channel(handler: Handler) -> ZaloBotChannel:
    client = httpx.Client(transport=httpx.MockTransport(handler))
    return ZaloBotChannel(TOKEN, "g-1", client, base_url="https://bot.example")


def outcome(answer: httpx.Response) -> Outcome:
    return channel(lambda _request: answer).send(copy())


def refusal(code: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"ok": False, "error_code": code, "description": "Not so"})


def test_the_request_is_what_the_platform_expects() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"ok": True, "result": {"message_id": "8259", "date": 1749632637199}})

    result = channel(answer).send(copy())
    assert result == Outcome(CopyState.ACCEPTED, remote_id="8259", provider_code="ok")
    assert str(seen[0].url) == f"https://bot.example/bot{TOKEN}/sendMessage"
    content = json.loads(seen[0].content)
    assert content.keys() == {"chat_id", "text"}
    assert content["chat_id"] == "g-1"


def test_a_long_text_with_a_mention_goes_out_short_and_harmless() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content)["text"])
        return httpx.Response(200, json={"ok": True, "result": {}})

    channel(answer).send(copy(texts=(Text("vi", "[@all] **đậm** Bà con chú ý. " * 200),)))
    assert len(sent[0]) <= 2000
    assert "[@" not in sent[0]
    assert "**đậm**" in sent[0]


@pytest.mark.parametrize("code", sorted(ERRORS))
@pytest.mark.parametrize("status", [200, 400])
def test_each_error_of_the_table_has_its_outcome_also_inside_a_200(code: int, status: int) -> None:
    expected, meaning = ERRORS[code]
    result = outcome(refusal(code, status))
    assert (result.state, result.permanent, result.provider_code) == (expected.state, expected.permanent, str(code))
    assert result.detail == f"{meaning}: Not so"


@pytest.mark.parametrize(("code", "permanent"), [(418, True), (426, True), (599, False), (-32, True)])
def test_an_error_nobody_listed_is_for_good_unless_it_is_the_providers_own(code: int, *, permanent: bool) -> None:
    result = outcome(refusal(code))
    assert (result.state, result.permanent) == (CopyState.FAILED, permanent)


def test_too_many_requests_say_how_long_to_wait() -> None:
    answer = refusal(429, 429)
    answer.headers["retry-after"] = "17"
    assert outcome(answer).retry_after == 17


@pytest.mark.parametrize(
    ("status", "body", "state", "permanent"),
    [
        (200, b"<html>Wi-Fi</html>", CopyState.UNKNOWN, False),
        (200, b'{"ok": tr', CopyState.UNKNOWN, False),
        (200, b'{"ok": "true"}', CopyState.UNKNOWN, False),
        (200, b"[" * 100_000, CopyState.UNKNOWN, False),
        (200, b"", CopyState.UNKNOWN, False),
        (302, b"", CopyState.FAILED, True),
        (404, b"<html>", CopyState.FAILED, True),
        (408, b"", CopyState.UNKNOWN, False),
        (429, b"", CopyState.FAILED, False),
        (500, b"oops", CopyState.FAILED, False),
        (503, b"", CopyState.FAILED, False),
        (504, b"", CopyState.UNKNOWN, False),
    ],
)
def test_an_answer_that_is_not_zalos(status: int, body: bytes, state: CopyState, *, permanent: bool) -> None:
    result = outcome(httpx.Response(status, content=body))
    assert (result.state, result.permanent) == (state, permanent)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (httpx.ConnectError("refused"), CopyState.FAILED),
        (httpx.ConnectTimeout("slow"), CopyState.FAILED),
        (httpx.PoolTimeout("busy"), CopyState.FAILED),
        (httpx.ReadTimeout("no answer"), CopyState.UNKNOWN),
        (httpx.WriteTimeout("half sent"), CopyState.UNKNOWN),
        (httpx.ReadError("reset"), CopyState.UNKNOWN),
        (httpx.RemoteProtocolError("closed"), CopyState.UNKNOWN),
    ],
)
def test_only_what_surely_was_not_sent_may_be_tried_again(error: httpx.HTTPError, state: CopyState) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    result = channel(fail).send(copy())
    assert (result.state, result.permanent) == (state, False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["ok", "result", "error_code", "x"]), inner)
    ),
    max_leaves=10,
)


@given(json_values, st.sampled_from([200, 400, 500]))
def test_no_answer_raises_and_only_ok_true_is_accepted(value: object, status: int) -> None:
    result = outcome(httpx.Response(status, json=value))
    if result.state is CopyState.ACCEPTED:
        assert isinstance(value, dict)
        assert value["ok"] is True


@pytest.mark.parametrize(
    ("answer", "works", "words"),
    [
        (
            httpx.Response(200, json={"ok": True, "result": {"account_name": "bot.X", "can_join_groups": True}}),
            True,
            "may join",
        ),
        (httpx.Response(200, json={"ok": True, "result": {"account_name": "bot.X"}}), False, "does not let it join"),
        (refusal(401), False, "the token is not valid"),
        (httpx.Response(200, content=b"<html>"), False, "not Zalo's"),
    ],
)
def test_the_test_says_in_words_whether_it_works(answer: httpx.Response, words: str, *, works: bool) -> None:
    verdict = channel(lambda _request: answer).test()
    assert verdict.works is works
    assert words in verdict.words % verdict.params


def test_a_refusal_does_not_give_the_token_away() -> None:
    result = outcome(refusal(401))
    assert "secret-part" not in repr(result)
