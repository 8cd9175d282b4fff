"""A Facebook page over real HTTP, against a stand-in, and the answers a stand-in does not give."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from broadcaster.domain.mirror import Action, CopyState, Outcome, Text
from broadcaster.mirrors.base import Means
from broadcaster.mirrors.facebook_page import ERRORS
from broadcaster.mirrors.keeping import NOTHING
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.registry import BadChannel, build
from tests.mirrors.casts import LINK, copy
from tests.mirrors.stand_ins.facebook_page import TOKEN, Desk, stand_in
from tests.mirrors.stand_ins.serving import Served

pytestmark = pytest.mark.database


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    with Served(stand_in(desk), leaving=desk.leaving) as served:
        yield f"{served.url}/v25.0"


@pytest.fixture
def means() -> Iterator[Means]:
    with client(private=True) as http:
        yield NOTHING.means(http, private=True)


def send(url: str, means: Means, *, token: str = TOKEN, page: str = "1055", **changes: Any) -> Outcome:
    settings = {"token": token, "page_id": page, "base_url": url}
    return build("facebook_page", settings, means).send(copy(**changes))


def answered(answer: httpx.Response, **changes: Any) -> Outcome:
    http = httpx.Client(transport=httpx.MockTransport(lambda _request: answer))
    return send("https://graph.example/v25.0", NOTHING.means(http, private=False), **changes)


def test_a_post_is_made_corrected_and_withdrawn_in_place(desk: Desk, url: str, means: Means) -> None:
    first = send(url, means, texts=(Text("vi", "Chào @[1055:1:x] bà con."),))
    ((name, post),) = desk.posts.items()
    assert (first.state, first.remote_id, post.link) == (CopyState.ACCEPTED, name, LINK)
    assert "＠[1055" in post.message
    second = send(url, means, action=Action.CORRECT, revision=2, earlier=("x", first.remote_id))
    assert (second.remote_id, post.edits) == (name, 1)
    assert "ĐÍNH CHÍNH" in post.message
    send(url, means, action=Action.WITHDRAW, reason="Nhầm ngày.", earlier=(name,))
    assert "THU HỒI" in post.message
    assert len(desk.posts) == 1
    assert "không phải Facebook" in httpx.get(url.replace("v25.0", "page")).text


def test_a_post_that_somebody_deleted_is_followed_by_a_marked_one(desk: Desk, url: str, means: Means) -> None:
    outcome = send(url, means, action=Action.WITHDRAW, earlier=("1055_1",))
    ((name, post),) = desk.posts.items()
    assert outcome.remote_id == name
    assert "THU HỒI" in post.message


def test_the_same_words_twice_are_refused_with_a_sentence(url: str, means: Means) -> None:
    send(url, means)
    outcome = send(url, means)
    assert (outcome.state, outcome.permanent, outcome.provider_code) == (CopyState.FAILED, True, "506")
    assert outcome.detail.startswith("the same words stand there already")


@pytest.mark.parametrize(("token", "page", "code"), [("wrong", "1055", "190"), (TOKEN, "99", "200")])
def test_without_a_right_the_channel_is_switched_off_and_the_copy_waits(
    url: str, means: Means, token: str, page: str, code: str
) -> None:
    outcome = send(url, means, token=token, page=page)
    assert (outcome.provider_code, outcome.shut_out, outcome.permanent) == (code, True, False)
    assert token not in outcome.detail


def test_too_many_posts_are_tried_later(desk: Desk, url: str, means: Means) -> None:
    desk.most_posts = 0
    outcome = send(url, means)
    assert (outcome.state, outcome.permanent, outcome.provider_code) == (CopyState.FAILED, False, "32")


def test_a_timeout_after_it_was_taken_leaves_a_post_unknown_and_lets_an_edit_be_made_again(
    desk: Desk, url: str, means: Means
) -> None:
    desk.behaviour = "take and drop"
    means.client.timeout = httpx.Timeout(0.2)
    assert send(url, means).state is CopyState.UNKNOWN
    assert len(desk.posts) == 1

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("no answer", request=request)

    silent = NOTHING.means(httpx.Client(transport=httpx.MockTransport(fail)), private=False)
    edit = send("https://graph.example", silent, action=Action.CORRECT, earlier=("1055_9000",))
    assert (edit.state, edit.permanent) == (CopyState.FAILED, False)


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_each_error_of_the_table_has_its_outcome(code: int) -> None:
    expected, meaning = ERRORS[code]
    result = answered(httpx.Response(400, json={"error": {"code": code, "message": "Not so"}}))
    assert (result.state, result.permanent, result.shut_out) == (expected.state, expected.permanent, expected.shut_out)
    assert result.detail == f"{meaning}: Not so"


@pytest.mark.parametrize(
    ("answer", "state", "permanent"),
    [
        (httpx.Response(400, json={"error": {"code": 9999}}), CopyState.FAILED, True),
        (httpx.Response(400, json={"error": {"code": "x", "is_transient": True}}), CopyState.FAILED, False),
        (httpx.Response(500, json={"error": {"code": 9999}}), CopyState.FAILED, False),
        (httpx.Response(200, content=b"<html>Wi-Fi</html>"), CopyState.UNKNOWN, False),
        (httpx.Response(200, json={}), CopyState.UNKNOWN, False),
        (httpx.Response(200, json=[1]), CopyState.UNKNOWN, False),
        (httpx.Response(503, content=b""), CopyState.FAILED, False),
        (httpx.Response(302, content=b""), CopyState.FAILED, True),
    ],
)
def test_an_answer_nobody_foresaw(answer: httpx.Response, state: CopyState, *, permanent: bool) -> None:
    result = answered(answer)
    assert (result.state, result.permanent) == (state, permanent)


def test_the_test_names_the_page_and_posts_nothing(desk: Desk, url: str, means: Means) -> None:
    right = build("facebook_page", {"token": TOKEN, "page_id": "1055", "base_url": url}, means).test()
    assert right.works
    assert "Xã Yên Châu" in right.words % right.params
    wrong = build("facebook_page", {"token": "wrong", "page_id": "1055", "base_url": url}, means).test()
    assert not wrong.works
    assert desk.posts == {}


def test_the_id_of_a_page_is_a_number(means: Means) -> None:
    with pytest.raises(BadChannel, match="number"):
        build("facebook_page", {"token": "x", "page_id": "yenchau"}, means)
