"""The signed webhook, checked as a receiver would check it."""

import base64
import hashlib
import hmac
import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.mirror import Action, CopyState
from broadcaster.mirrors.webhook import WebhookChannel, key, sign
from tests.mirrors.casts import LINK, copy

pytestmark = pytest.mark.pure

SECRET = b"sixteen bytes or more"
URL = "https://receiver.example/loa"


def channel(handler: httpx.MockTransport) -> WebhookChannel:
    return WebhookChannel(URL, SECRET, httpx.Client(transport=handler), clock=lambda: 1_764_000_000.9)


def answering(answer: httpx.Response) -> WebhookChannel:
    return channel(httpx.MockTransport(lambda _request: answer))


def sent(action: Action = Action.POST) -> httpx.Request:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    assert channel(httpx.MockTransport(answer)).send(copy(action=action)).state is CopyState.ACCEPTED
    return seen[0]


def test_a_receiver_can_check_who_sent_it_and_when() -> None:
    request = sent()
    assert (request.headers["webhook-id"], request.headers["webhook-timestamp"]) == ("copy-1", "1764000000")
    signed = b"copy-1.1764000000." + request.content
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"


def test_the_body_says_everything_in_fields_and_once_in_words() -> None:
    body = json.loads(sent().content)
    assert body["type"] == "announcement.posted"
    assert (body["class"], body["kind"], body["revision"]) == ("normal", "live", 1)
    assert body["airs_at"] == "2026-11-25T17:00:00+07:00"
    assert [text["language"] for text in body["texts"]] == ["vi", "en"]
    assert body["text"].endswith(LINK)


@pytest.mark.parametrize(
    ("action", "kind"),
    [(Action.CORRECT, "announcement.corrected"), (Action.WITHDRAW, "announcement.withdrawn")],
)
def test_corrections_and_withdrawals_have_their_own_type(action: Action, kind: str) -> None:
    assert json.loads(sent(action).content)["type"] == kind


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_another_body_has_another_signature(one: bytes, other: bytes) -> None:
    assert (sign(SECRET, "a", "1", one) == sign(SECRET, "a", "1", other)) == (one == other)


@pytest.mark.parametrize(
    ("status", "state", "permanent"),
    [
        (200, CopyState.ACCEPTED, False),
        (307, CopyState.FAILED, True),
        (400, CopyState.FAILED, True),
        (401, CopyState.FAILED, True),
        (410, CopyState.FAILED, True),
        (408, CopyState.FAILED, False),
        (429, CopyState.FAILED, False),
        (500, CopyState.FAILED, False),
        (504, CopyState.FAILED, False),
    ],
)
def test_what_the_receiver_answers(status: int, state: CopyState, *, permanent: bool) -> None:
    result = answering(httpx.Response(status)).send(copy())
    assert (result.state, result.permanent) == (state, permanent)


def test_a_lost_answer_may_be_tried_again_because_the_id_stays_the_same() -> None:
    def hang(_request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("no answer")

    result = channel(httpx.MockTransport(hang)).send(copy())
    assert (result.state, result.permanent, result.provider_code) == (CopyState.FAILED, False, "ReadTimeout")


@pytest.mark.parametrize(
    ("secret", "raw"),
    [
        ("whsec_" + base64.b64encode(b"x" * 24).decode(), b"x" * 24),
        ("một bí mật đủ dài", "một bí mật đủ dài".encode()),
    ],
)
def test_a_secret_is_base64_after_its_prefix_or_the_text_itself(secret: str, raw: bytes) -> None:
    assert key(secret) == raw


@pytest.mark.parametrize("secret", ["short", "whsec_not base64!", "whsec_" + base64.b64encode(b"short").decode()])
def test_a_weak_or_broken_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        key(secret)


def test_the_test_posts_a_signed_ping() -> None:
    assert answering(httpx.Response(204)).test().works
    verdict = answering(httpx.Response(401)).test()
    assert "401" in verdict.words % verdict.params
