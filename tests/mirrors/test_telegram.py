"""Every kind of answer Telegram may give, through real request code and a fake transport."""

import json
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.mirror import Action, CopyState, Outcome, Text
from broadcaster.mirrors.base import Means
from broadcaster.mirrors.keeping import Keeping, Nobody
from broadcaster.mirrors.telegram import ERRORS, TelegramChannel
from tests.mirrors.casts import copy

pytestmark = pytest.mark.pure

TOKEN = "1000000001:secret-part"
OLD = {"action": Action.CORRECT, "earlier": ("-5:70", "-5:77+78")}
Handler = Callable[[httpx.Request], httpx.Response]


def channel(handler: Handler) -> TelegramChannel:
    keeping = Keeping(lambda _sha256: b"OggS", Nobody(), Nobody())
    client = httpx.Client(transport=httpx.MockTransport(handler))
    means: Means = keeping.means(client, private=False)
    return TelegramChannel(TOKEN, "-5", means, base_url="https://t.example")


def outcome(answer: httpx.Response) -> Outcome:
    return channel(lambda _request: answer).send(copy())


def refusal(code: object, status: int = 400, description: str = "Not so", **parameters: object) -> httpx.Response:
    content = {"ok": False, "error_code": code, "description": description, "parameters": parameters}
    return httpx.Response(status, json=content)


def taken(number: int = 77) -> httpx.Response:
    return httpx.Response(200, json={"ok": True, "result": {"message_id": number}})


def test_a_copy_without_sound_is_one_plain_message() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return taken()

    assert channel(answer).send(copy()) == Outcome(CopyState.ACCEPTED, remote_id="-5:77", provider_code="ok")
    (request,) = seen
    assert str(request.url) == f"https://t.example/bot{TOKEN}/sendMessage"
    assert json.loads(request.content).keys() == {"chat_id", "text"}


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_each_error_of_the_table_has_its_outcome(code: int) -> None:
    expected, meaning = ERRORS[code]
    result = outcome(refusal(code))
    assert (result.state, result.permanent, result.shut_out) == (expected.state, expected.permanent, expected.shut_out)
    assert (result.provider_code, result.detail) == (str(code), f"{meaning}: Not so")


@pytest.mark.parametrize(("code", "permanent"), [(418, True), (599, False), (True, True), ("429", True)])
def test_an_error_nobody_listed_is_for_good_unless_it_is_the_providers_own(code: object, *, permanent: bool) -> None:
    result = outcome(refusal(code))
    assert (result.state, result.permanent, result.shut_out) == (CopyState.FAILED, permanent, False)


def test_how_long_to_wait_stands_in_the_body_and_in_the_header_of_a_gateway() -> None:
    assert outcome(refusal(429, 429, retry_after=17)).retry_after == 17
    gateway = httpx.Response(429, headers={"retry-after": "9"}, json={"ok": False, "error_code": 429})
    assert outcome(gateway).retry_after == 9


def test_a_group_that_moved_for_ever_does_not_keep_us_going_in_circles() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["chat_id"])
        return refusal(400, migrate_to_chat_id=-100 - len(asked))

    result = channel(answer).send(copy())
    assert asked == ["-5", "-101"]
    assert (result.state, result.permanent, result.changed) == (CopyState.FAILED, True, (("chat_id", "-101"),))


@pytest.mark.parametrize(
    ("error", "state"),
    [(httpx.ConnectError("refused"), CopyState.FAILED), (httpx.ReadTimeout("no answer"), CopyState.UNKNOWN)],
)
def test_only_what_surely_was_not_sent_may_be_tried_again(error: httpx.HTTPError, state: CopyState) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    result = channel(fail).send(copy())
    assert (result.state, result.permanent) == (state, False)


def test_an_edit_without_an_answer_may_be_made_again() -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("no answer")

    assert channel(fail).send(copy(**OLD)).state is CopyState.FAILED


def keeps(method: str, answer: httpx.Response | httpx.HTTPError, **others: httpx.Response) -> Handler:
    """Telegram, which answers so to `method` when it is about message 79."""

    def handle(request: httpx.Request) -> httpx.Response:
        called = request.url.path.rpartition("/")[2]
        if called == method and json.loads(request.content)["message_id"] == 79:
            if isinstance(answer, httpx.HTTPError):
                raise answer
            return answer
        return others.get(called, taken(90))

    return handle


OLD_ONE = refusal(400, description="Bad Request: message can't be deleted for everyone")


@pytest.mark.parametrize("action", [Action.CORRECT, Action.WITHDRAW])
@pytest.mark.parametrize(
    ("handler", "seconds", "shut_out"),
    [
        (keeps("deleteMessage", refusal(429, 429, retry_after=17)), 17, False),
        (keeps("deleteMessage", httpx.ReadTimeout("no answer")), None, False),
        (keeps("deleteMessage", refusal(403, 403)), None, True),
        (keeps("editMessageCaption", httpx.Response(504), deleteMessage=OLD_ONE), None, False),
    ],
    ids=["busy", "lost", "thrown out", "too old and lost"],
)
def test_a_sound_that_could_not_be_taken_away_is_named_and_tried_again(
    handler: Handler, seconds: int | None, action: Action, *, shut_out: bool
) -> None:
    result = channel(handler).send(copy(action=action, earlier=("-5:77+78+79+80",)))
    assert (result.state, result.permanent, result.remote_id) == (CopyState.FAILED, False, "-5:77+79+80")
    assert (result.retry_after, result.shut_out) == (seconds, shut_out)


def test_what_was_posted_anew_is_not_posted_again_for_a_sound_that_still_stands() -> None:
    gone = refusal(400, description="Bad Request: message can't be edited")
    handler = keeps("deleteMessage", refusal(429, 429, retry_after=17), editMessageText=gone)
    result = channel(handler).send(copy(action=Action.WITHDRAW, earlier=("-5:77+78+79",)))
    assert (result.state, result.remote_id, result.retry_after) == (CopyState.ACCEPTED, "-5:90+79", 17)
    assert result.detail == "an old sound still stands: too many requests: Not so"


@pytest.mark.parametrize(
    ("status", "body", "state", "permanent"),
    [
        (200, b"<html>Wi-Fi</html>", CopyState.UNKNOWN, False),
        (200, b'{"ok": tr', CopyState.UNKNOWN, False),
        (200, b"[" * 100_000, CopyState.UNKNOWN, False),
        (302, b"", CopyState.FAILED, True),
        (502, b"<html>", CopyState.FAILED, False),
        (504, b"", CopyState.UNKNOWN, False),
    ],
)
def test_an_answer_that_is_not_telegrams(status: int, body: bytes, state: CopyState, *, permanent: bool) -> None:
    result = outcome(httpx.Response(status, content=body))
    assert (result.state, result.permanent, result.shut_out) == (state, permanent, False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["ok", "result", "error_code", "parameters", "message_id"]), inner)
    ),
    max_leaves=10,
)


@given(json_values, st.sampled_from([200, 400, 500]), st.sampled_from([Action.POST, Action.CORRECT, Action.WITHDRAW]))
def test_no_answer_raises_and_only_ok_true_is_accepted(value: object, status: int, action: Action) -> None:
    said = copy(action=action, earlier=("-5:77+78",), texts=(Text("vi", "Mời họp.", "0" * 64, 3000),))
    result = channel(lambda _request: httpx.Response(status, json=value)).send(said)
    if result.state is CopyState.ACCEPTED:
        assert isinstance(value, dict)
        assert value["ok"] is True


def test_a_refusal_does_not_give_the_token_away() -> None:
    assert "secret-part" not in repr(outcome(refusal(401)))
