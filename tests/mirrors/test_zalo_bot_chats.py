"""Finding a group's id: the bot is asked who wrote to it, one message at a time."""

from collections.abc import Iterator

import httpx
import pytest

from broadcaster.demo.stand_in_chat import TOKEN, StandInChat
from broadcaster.domain.mirror import CopyState
from broadcaster.mirrors import zalo_bot
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.trying import TriedChannels
from broadcaster.mirrors.zalo_bot import ZaloBotChannel
from broadcaster.services.outlets.trying import Access, Chat, Found
from tests.mirrors.casts import copy

pytestmark = pytest.mark.database


@pytest.fixture
def chat() -> Iterator[StandInChat]:
    with StandInChat() as running:
        yield running


def found(chat: StandInChat, token: str = TOKEN) -> Found:
    return TriedChannels(private=True).chats(Access("zalo_bot", {"base_url": chat.url}, token))


def test_the_groups_in_which_somebody_wrote_are_found_once_each(chat: StandInChat) -> None:
    chat.desk.wrote("g-77", "Trưởng bản", "@Bot chào [@all]")
    chat.desk.wrote("p-1", "Một người", "chào", kind="PRIVATE")
    chat.desk.wrote("g-77", "Trưởng bản", "@Bot lần nữa")
    looked = found(chat)
    assert looked.problem is None
    assert looked.chats == (
        Chat("g-77", group=True, who="Trưởng bản", said="＠Bot lần nữa"),
        Chat("p-1", group=False, who="Một người", said="chào"),
    )


def test_nobody_wrote(chat: StandInChat) -> None:
    assert found(chat) == Found()


def test_a_wrong_token_is_said_in_words(chat: StandInChat) -> None:
    problem = found(chat, "1:wrong").problem
    assert problem is not None
    assert "not valid" in problem.words % problem.params
    problem = found(chat, "no token").problem
    assert problem is not None


def test_a_kind_that_cannot_tell_finds_nothing() -> None:
    access = Access("webhook", {"url": "https://example.org"}, "x" * 16)
    assert TriedChannels(private=True).chats(access) == Found()


@pytest.mark.parametrize(
    "result", [None, [], {}, {"message": 1}, {"message": {"chat": {"id": True}}}, {"message": {"chat": []}}]
)
def test_an_odd_update_is_nobody(result: object) -> None:
    answer = httpx.Response(200, json={"ok": True, "result": result})
    with httpx.Client(transport=httpx.MockTransport(lambda _request: answer)) as outside:
        assert ZaloBotChannel(TOKEN, "?", outside).chats() == Found()


def test_until_the_id_is_known_copies_wait_and_the_test_says_what_is_left_to_do(chat: StandInChat) -> None:
    with client(private=True) as outside:
        channel = ZaloBotChannel(TOKEN, zalo_bot.UNKNOWN_CHAT, outside, base_url=chat.url)
        result = channel.send(copy())
        assert (result.state, result.permanent, result.provider_code) == (CopyState.FAILED, False, "no_chat")
        tried = channel.test()
        assert not tried.works
        assert "Now find its group" in tried.words
        chat.desk.can_join_groups = False
        assert "Zalo decides which bots may" in channel.test().words
    assert chat.received == []
