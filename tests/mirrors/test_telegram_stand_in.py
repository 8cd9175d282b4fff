"""Telegram over real HTTP, against a stand-in: posted, corrected, withdrawn, moved, thrown out."""

from collections.abc import Iterator

import httpx
import pytest

from broadcaster.domain.mirror import Action, CopyState, Outcome, Text
from broadcaster.mirrors.base import Means
from broadcaster.mirrors.keeping import Keeping, Nobody
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.registry import build
from broadcaster.services.outlets import mirror_queue
from tests.mirrors.casts import LINK, copy
from tests.mirrors.stand_ins.serving import Served
from tests.mirrors.stand_ins.telegram import TOKEN, Chat, Desk, Message, stand_in
from tests.mirrors.village import Village

pytestmark = pytest.mark.database

GROUP, NEW = -5, -100_200
SPOKEN = (Text("vi", "Mời bà con đi họp.", "a" * 64, 3000), Text("en", "Please come.", "b" * 64, 2000))


@pytest.fixture
def desk() -> Desk:
    return Desk({GROUP: Chat("Nhóm bản Chiềng Đông 1")}, hang_seconds=1)


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    with Served(stand_in(desk), leaving=desk.leaving) as served:
        yield served.url


@pytest.fixture
def means() -> Iterator[Means]:
    with client(private=True) as http:
        yield Keeping(lambda sha256: b"OggS" + sha256.encode(), Nobody(), Nobody()).means(http, private=True)


def send(url: str, means: Means, *, chat: int = GROUP, token: str = TOKEN, **changes: object) -> Outcome:
    settings = {"token": token, "chat_id": str(chat), "base_url": url}
    return build("telegram", settings, means).send(copy(**changes))


def texts(chat: Chat) -> list[str]:
    return [message.text for message in chat.messages.values() if not message.sound]


def test_text_and_sound_arrive_as_they_are(desk: Desk, url: str, means: Means) -> None:
    outcome = send(url, means, title="Họp <b>bản</b> @all", texts=SPOKEN)
    first, vietnamese, english = desk.chats[GROUP].messages.values()
    assert outcome.remote_id == f"{GROUP}:{first.number}+{vietnamese.number}+{english.number}"
    assert (outcome.state, outcome.detail, outcome.changed) == (CopyState.ACCEPTED, "", ())
    assert "Họp <b>bản</b> ＠all" in first.text
    assert first.text.endswith(LINK)
    assert first.parse_mode is None
    assert (vietnamese.sound, vietnamese.duration) == (b"OggS" + b"a" * 64, 3)
    assert "không phải Telegram" in httpx.get(f"{url}/chat/{GROUP}").text


def test_a_long_text_fits(desk: Desk, url: str, means: Means) -> None:
    send(url, means, texts=(Text("vi", "Bà con chú ý 📢. " * 900),))
    assert texts(desk.chats[GROUP])[0].endswith(LINK)


def test_a_correction_edits_the_text_and_changes_the_sound(desk: Desk, url: str, means: Means) -> None:
    first = send(url, means, texts=SPOKEN)
    new = (Text("vi", "Dời sang thứ bảy.", "c" * 64, 1000),)
    second = send(url, means, action=Action.CORRECT, revision=2, texts=new, earlier=(first.remote_id,))
    text, sound = desk.chats[GROUP].messages.values()
    assert text.edited
    assert "ĐÍNH CHÍNH" in text.text
    assert sound.sound == b"OggS" + b"c" * 64
    assert second.remote_id == f"{GROUP}:{text.number}+{sound.number}"
    assert send(url, means, action=Action.CORRECT, texts=new, earlier=(second.remote_id,)).state is CopyState.ACCEPTED


def test_a_withdrawal_edits_the_text_and_takes_the_sound_away(desk: Desk, url: str, means: Means) -> None:
    first = send(url, means, texts=SPOKEN)
    gone = send(url, means, action=Action.WITHDRAW, texts=SPOKEN, reason="Nhầm ngày.", earlier=(first.remote_id,))
    (text,) = desk.chats[GROUP].messages.values()
    assert "THU HỒI" in text.text
    assert gone.remote_id == f"{GROUP}:{text.number}"


def test_what_cannot_be_edited_any_more_is_answered_and_marked(desk: Desk, url: str, means: Means) -> None:
    first = send(url, means, texts=SPOKEN[:1])
    desk.chats[GROUP].editable = False
    send(url, means, action=Action.WITHDRAW, earlier=(first.remote_id,))
    old, sound, new = desk.chats[GROUP].messages.values()
    assert new.answers == old.number
    assert "THU HỒI" in new.text
    assert sound.text == "THU HỒI"


def test_a_group_that_became_a_supergroup_is_followed_and_its_id_kept(
    desk: Desk, url: str, means: Means, small_village: Village
) -> None:
    desk.chats[GROUP].moved_to = NEW
    desk.chats[NEW] = Chat("Nhóm bản")
    channel = small_village.channel(kind="telegram", secret=TOKEN, chat_id=str(GROUP), base_url=url)
    small_village.air(small_village.announcement(klass="emergency"))
    small_village.pass_time(hours=1)
    with small_village.database.transaction() as session:
        rows = mirror_queue.due(session, now=small_village.now, limit=5)
        (work,) = mirror_queue.claim(session, rows, now=small_village.now, public_url="https://loa.example.vn")
    outcome = build(work.kind, work.settings, means, secret=work.secret).send(work.copy)
    assert len(texts(desk.chats[NEW])) == 1
    with small_village.database.transaction() as session:
        mirror_queue.noted(session, work.copy.id, outcome, now=small_village.now)
    assert small_village.channel_row(channel).settings["chat_id"] == str(NEW)


@pytest.mark.parametrize("chat", [GROUP, NEW], ids=["told by Telegram", "known already"])
@pytest.mark.parametrize("action", [Action.CORRECT, Action.WITHDRAW])
def test_in_a_supergroup_the_old_groups_numbers_touch_nobodys_message(
    desk: Desk, url: str, means: Means, chat: int, action: Action
) -> None:
    first = send(url, means, texts=SPOKEN)
    of_others = {number: Message(number, "Mời cưới.") for number in desk.chats[GROUP].messages}
    desk.chats[GROUP].moved_to = NEW
    desk.chats[NEW] = Chat("Nhóm bản", messages=dict(of_others))
    outcome = send(url, means, chat=chat, action=action, revision=2, earlier=(first.remote_id,))
    *others, new = desk.chats[NEW].messages.values()
    assert others == [Message(number, "Mời cưới.") for number in of_others]
    assert {Action.CORRECT: "ĐÍNH CHÍNH", Action.WITHDRAW: "THU HỒI"}[action] in new.text
    assert (new.answers, outcome.remote_id) == (None, f"{NEW}:{new.number}")


def test_who_was_thrown_out_is_switched_off_and_the_copy_waits(desk: Desk, url: str, means: Means) -> None:
    desk.chats[GROUP].status = "kicked"
    outcome = send(url, means)
    assert (outcome.state, outcome.permanent, outcome.shut_out) == (CopyState.FAILED, False, True)
    assert outcome.detail == "the bot was removed or blocked: Forbidden: bot was kicked from the group chat"


def test_too_many_at_once_wait_as_long_as_telegram_asks(desk: Desk, url: str, means: Means) -> None:
    desk.per_minute = 2
    first = send(url, means, texts=SPOKEN)
    assert (first.state, first.retry_after) == (CopyState.ACCEPTED, 2)
    assert "without all of its sound" in first.detail
    second = send(url, means)
    assert (second.state, second.permanent, second.retry_after) == (CopyState.FAILED, False, 2)


@pytest.mark.parametrize(
    ("chat", "token", "code", "permanent"), [(GROUP, "1:wrong", "401", False), (-6, TOKEN, "400", True)]
)
def test_a_revoked_token_lets_the_copy_wait_and_an_unknown_group_ends_it(
    desk: Desk, url: str, means: Means, chat: int, token: str, code: str, *, permanent: bool
) -> None:
    outcome = send(url, means, chat=chat, token=token)
    assert (outcome.state, outcome.provider_code) == (CopyState.FAILED, code)
    assert (outcome.permanent, outcome.shut_out) == (permanent, not permanent)


def test_a_timeout_after_it_was_taken_leaves_it_unknown(desk: Desk, url: str, means: Means) -> None:
    desk.behaviour["sendMessage"] = "take and drop"
    means.client.timeout = httpx.Timeout(0.2)
    assert send(url, means).state is CopyState.UNKNOWN
    assert len(texts(desk.chats[GROUP])) == 1


def test_the_test_asks_for_the_group_too(desk: Desk, url: str, means: Means) -> None:
    channel = build("telegram", {"token": TOKEN, "chat_id": str(GROUP), "base_url": url}, means)
    tried = channel.test()
    assert (tried.works, tried.words % tried.params) == (
        True,
        "The bot may_gia_lap_bot may write in “Nhóm bản Chiềng Đông 1”.",
    )
    desk.chats[GROUP].status = "kicked"
    assert not channel.test().works
    assert desk.chats[GROUP].messages == {}
