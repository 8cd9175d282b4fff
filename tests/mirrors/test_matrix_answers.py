"""Every kind of answer a Matrix server may give, through real request code and a fake transport."""

import json
from collections.abc import Callable, Mapping

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.mirror import Action, CopyState, Outcome, Text
from broadcaster.domain.mirror_wording import LIMITS, size
from broadcaster.mirrors.keeping import NOTHING
from broadcaster.mirrors.matrix import ERRORS, MatrixChannel, words
from broadcaster.mirrors.registry import BadChannel, build
from tests.mirrors.casts import copy

pytestmark = pytest.mark.pure

Handler = Callable[[httpx.Request], httpx.Response]
ROOM = "!dong:loa.test"
LONGEST_EVENT = 65_536


def channel(handler: Handler) -> MatrixChannel:
    client = httpx.Client(transport=httpx.MockTransport(handler))
    return MatrixChannel("https://matrix.example/", ROOM, "secret", NOTHING.means(client, private=False))


def outcome(answer: httpx.Response) -> Outcome:
    return channel(lambda _request: answer).send(copy())


def test_the_copy_is_the_transaction() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"event_id": "$e"})

    assert channel(answer).send(copy()) == Outcome(CopyState.ACCEPTED, remote_id="$e", provider_code="ok")
    assert seen[0].url.raw_path.decode() == ("/_matrix/client/v3/rooms/%21dong%3Aloa.test/send/m.room.message/copy-1")
    assert seen[0].headers["authorization"] == "Bearer secret"
    assert json.loads(seen[0].content)["msgtype"] == "m.text"


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_each_error_of_the_table_has_its_outcome(code: str) -> None:
    expected, meaning = ERRORS[code]
    result = outcome(httpx.Response(400, json={"errcode": code, "error": "Not so"}))
    assert (result.state, result.permanent, result.provider_code) == (expected.state, expected.permanent, code)
    assert result.shut_out == expected.shut_out
    assert result.detail == f"{meaning}: Not so"


@pytest.mark.parametrize(
    ("body", "seconds"),
    [({"retry_after_ms": 2001}, 3), ({"retry_after_ms": "soon"}, 7), ({}, 7), ({"retry_after_ms": True}, 7)],
)
def test_too_many_messages_say_how_long_to_wait(body: Mapping[str, object], seconds: int) -> None:
    answer = httpx.Response(429, json={"errcode": "M_LIMIT_EXCEEDED"} | dict(body), headers={"retry-after": "7"})
    assert outcome(answer).retry_after == seconds


@pytest.mark.parametrize(
    ("status", "body", "permanent", "code"),
    [
        (200, b"<html>Wi-Fi</html>", False, "lost"),
        (200, b"[" * 100_000, False, "lost"),
        (302, b"", True, "302"),
        (404, b"<html>", True, "404"),
        (408, b"", False, "lost"),
        (500, b"oops", False, "500"),
        (504, b"", False, "lost"),
        (500, b'{"errcode": 7}', False, "500"),
    ],
)
def test_nothing_ends_unknown_and_what_may_be_out_is_named(
    status: int, body: bytes, code: str, *, permanent: bool
) -> None:
    result = outcome(httpx.Response(status, content=body))
    assert (result.state, result.permanent, result.provider_code) == (CopyState.FAILED, permanent, code)
    assert result.remote_id == ("copy-1" if code == "lost" else None)


@pytest.mark.parametrize(("error", "name"), [(httpx.ConnectError("no"), None), (httpx.ReadTimeout("slow"), "copy-1")])
def test_a_lost_answer_may_be_asked_for_again(error: httpx.HTTPError, name: str | None) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    result = channel(fail).send(copy())
    assert (result.state, result.permanent, result.remote_id) == (CopyState.FAILED, False, name)


@pytest.mark.parametrize("action", [Action.CORRECT, Action.WITHDRAW])
def test_a_sound_that_cannot_be_taken_back_is_named_and_tried_again(action: Action) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "/redact/$two/" in request.url.path:
            return httpx.Response(429, json={"errcode": "M_LIMIT_EXCEEDED"})
        return httpx.Response(200, json={"event_id": "$edit", "content": {"body": "x"}})

    result = channel(answer).send(copy(action=action, earlier=("$text $one $two $three",)))
    assert (result.state, result.permanent, result.remote_id) == (CopyState.FAILED, False, "$text $two $three")


@pytest.mark.parametrize(("standing", "name"), [(200, "$text $sound"), (404, "copy-1 $sound")])
def test_a_lost_answer_to_an_edit_leaves_the_message_its_name(standing: int, name: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(standing, json={"errcode": "M_NOT_FOUND", "content": {"body": "x"}})
        raise httpx.ReadTimeout("slow")

    result = channel(answer).send(copy(action=Action.CORRECT, earlier=("$text $sound",)))
    assert (result.state, result.permanent, result.remote_id) == (CopyState.FAILED, False, name)


def test_a_sound_that_is_gone_already_needs_no_taking_back() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "/redact/" in request.url.path:
            return httpx.Response(404, json={"errcode": "M_NOT_FOUND"})
        return httpx.Response(200, json={"event_id": "$edit", "content": {"body": "x"}})

    result = channel(answer).send(copy(action=Action.WITHDRAW, earlier=("$text $sound",)))
    assert (result.state, result.remote_id) == (CopyState.ACCEPTED, "$text")


def test_while_nobody_knows_whether_it_stands_nothing_is_said() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(502)

    assert channel(answer).send(copy(action=Action.CORRECT, earlier=("$text",))).state is CopyState.FAILED
    assert asked == ["GET"]


@given(st.characters(min_codepoint=32, exclude_categories=["Cs"]))
def test_an_edit_of_the_longest_text_fits_into_an_event(letter: str) -> None:
    text = letter * (LIMITS["matrix"] // size(letter))
    assert len(json.dumps(words(text, "$e"), ensure_ascii=False).encode()) < LONGEST_EVENT


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["event_id", "errcode", "x"]), inner),
    max_leaves=10,
)


@given(json_values, st.sampled_from([200, 400, 429, 500]))
def test_no_answer_raises_and_only_an_object_is_accepted(value: object, status: int) -> None:
    result = outcome(httpx.Response(status, json=value))
    assert result.state in {CopyState.ACCEPTED, CopyState.FAILED}
    assert (result.state is CopyState.ACCEPTED) == (status == 200 and isinstance(value, dict))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [({"room": "#dong:loa.test"}, "begins with !"), ({"homeserver": "matrix.example"}, "https://")],
)
def test_a_wrong_setting_gets_one_sentence(settings: Mapping[str, str], sentence: str) -> None:
    usual = {"homeserver": "https://matrix.example", "room": ROOM}
    means = NOTHING.means(httpx.Client(), private=False)
    with means.client, pytest.raises(BadChannel, match=sentence):
        build("matrix", usual | dict(settings), means, secret="t")


def test_a_text_without_sound_is_one_request() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"event_id": "$e"})

    channel(answer).send(copy(texts=(Text("vi", "Bà con chú ý."),)))
    assert len(asked) == 1
