"""A room on a real Matrix server, read back as somebody who lives in the village."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from broadcaster.domain.mirror import Action, Copy, CopyState, Text
from broadcaster.mirrors import outgoing
from broadcaster.mirrors.base import Means
from broadcaster.mirrors.keeping import NOTHING
from broadcaster.mirrors.matrix import MatrixChannel
from broadcaster.mirrors.registry import build
from broadcaster.mirrors.worker import MirrorWorker
from tests.mirrors.casts import copy
from tests.mirrors.synapse import Account, Synapse, running_synapse
from tests.mirrors.village import Village

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("synapse")]

SOUNDS = {"a" * 64: b"OggS the words", "b" * 64: b"OggS the right words"}
SPOKEN = (Text("vi", "Mai cắt điện từ 7 giờ.", clip="a" * 64, ms=4200),)
RIGHT = (Text("vi", "Mai cắt điện từ 8 giờ.", clip="b" * 64, ms=4300),)


@pytest.fixture(scope="module")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with running_synapse(tmp_path_factory.mktemp("synapse")) as server:
        yield server


@pytest.fixture(scope="module")
def means() -> Iterator[Means]:
    with outgoing.client(private=True) as client:
        yield replace(NOTHING, sound=SOUNDS.__getitem__).means(client, private=True)


@pytest.fixture(scope="module")
def bot(synapse: Synapse) -> Account:
    return synapse.account("loa")


@pytest.fixture(scope="module")
def resident(synapse: Synapse) -> Account:
    return synapse.account("dan")


@pytest.fixture
def room(bot: Account, resident: Account) -> str:
    return bot.room(resident)


@pytest.fixture
def channel(synapse: Synapse, bot: Account, room: str, means: Means) -> MatrixChannel:
    made = build("matrix", {"homeserver": synapse.url, "room": room}, means, secret=bot.token)
    assert isinstance(made, MatrixChannel)
    return made


def posted(channel: MatrixChannel, **changes: object) -> tuple[Copy, str]:
    one = copy(texts=SPOKEN, **changes)
    outcome = channel.send(one)
    assert (outcome.state, outcome.detail) == (CopyState.ACCEPTED, "")
    return one, outcome.remote_id or ""


def test_a_resident_reads_the_words_and_hears_them(channel: MatrixChannel, resident: Account, room: str) -> None:
    _, name = posted(channel)
    assert len(name.split()) == 2
    [text] = resident.shown(room)
    assert "Mai cắt điện từ 7 giờ." in text
    assert text.endswith(copy().link)
    assert resident.hears(room) == [b"OggS the words"]


def test_the_same_copy_twice_is_one_message(channel: MatrixChannel, resident: Account, room: str) -> None:
    one, name = posted(channel)
    assert channel.send(one).remote_id == name
    assert len(resident.reads(room)) == 2


def test_a_correction_edits_the_message_and_takes_its_sound_away(
    channel: MatrixChannel, resident: Account, room: str
) -> None:
    _, name = posted(channel)
    outcome = channel.send(copy(id="c-2", action=Action.CORRECT, texts=RIGHT, earlier=(name,)))
    again = channel.send(copy(id="c-3", action=Action.CORRECT, texts=RIGHT, earlier=(name, outcome.remote_id or "")))
    assert {outcome.state, again.state} == {CopyState.ACCEPTED}
    assert (outcome.remote_id or "").split()[0] == name.split()[0]
    [text] = resident.shown(room)
    assert text.startswith("📢 ĐÍNH CHÍNH")
    assert "từ 8 giờ" in text
    assert resident.hears(room) == [b"OggS the right words"]


def test_a_withdrawal_is_seen_in_the_message_and_leaves_nothing_to_hear(
    channel: MatrixChannel, resident: Account, room: str
) -> None:
    _, name = posted(channel)
    gone = copy(id="c-2", action=Action.WITHDRAW, texts=SPOKEN, reason="Nhầm ngày.", earlier=(name,))
    assert channel.send(gone).state is CopyState.ACCEPTED
    [text] = resident.shown(room)
    assert text.startswith("📢 THU HỒI")
    assert "cắt điện từ 7 giờ" not in text
    assert resident.hears(room) == []


def test_a_room_follows_its_announcement_through_the_queue(
    synapse: Synapse, bot: Account, resident: Account, room: str, small_village: Village
) -> None:
    small_village.channel(kind="matrix", secret=bot.token, homeserver=synapse.url, room=room)
    worker = MirrorWorker(
        small_village.database,
        public_url="https://loa.example.vn",
        now=lambda: small_village.now,
        on_fatal=print,
        private=True,
    )
    worker.start()
    name = small_village.announcement()
    small_village.air(name)
    until(lambda: small_village.row().state == "accepted")
    small_village.pass_time(seconds=1)
    small_village.correct(name, "Họp lúc 8 giờ.")
    until(lambda: "Họp lúc 8 giờ." in resident.shown(room)[0])
    small_village.pass_time(minutes=1)
    small_village.withdraw(name)
    until(lambda: resident.shown(room)[0].startswith("📢 THU HỒI"))
    assert worker.stop()
    assert len(resident.shown(room)) == 1


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_somebody_deleted_is_not_edited_but_said_anew(
    channel: MatrixChannel, bot: Account, resident: Account, room: str
) -> None:
    _, name = posted(channel)
    bot.call("PUT", f"/client/v3/rooms/{room}/redact/{name.split()[0]}/by-hand", json={})
    outcome = channel.send(copy(id="c-2", action=Action.CORRECT, texts=RIGHT, earlier=(name,)))
    assert outcome.state is CopyState.ACCEPTED
    [text] = resident.shown(room)
    assert "từ 8 giờ" in text


def test_words_do_not_wait_for_a_sound_that_is_gone(means: Means, channel: MatrixChannel) -> None:
    def away(_sha256: str) -> bytes:
        raise FileNotFoundError

    channel._means = replace(means, sound=away)
    outcome = channel.send(copy(texts=SPOKEN))
    assert (outcome.state, outcome.detail) == (CopyState.ACCEPTED, "without its sound: FileNotFoundError")


def test_nobody_is_mentioned(channel: MatrixChannel, resident: Account, room: str) -> None:
    channel.send(copy(texts=(Text("vi", "@room @dan:loa.test <b>Bà con</b> chú ý."),)))
    [event] = resident.reads(room)
    assert event["content"]["m.mentions"] == {}
    assert event["content"].keys() == {"msgtype", "body", "m.mentions"}
    assert "<b>Bà con</b>" in event["content"]["body"]


def test_the_test_says_who_it_is_and_whether_they_are_in_the_room(
    synapse: Synapse, channel: MatrixChannel, bot: Account, resident: Account, room: str, means: Means
) -> None:
    assert (channel.test().works, channel.test().params) == (True, {"user": bot.user})
    outside = MatrixChannel(synapse.url, resident.room(), bot.token, means)
    assert "not in the room" in outside.test().words
    assert outside.send(copy()).provider_code == "M_FORBIDDEN"
    wrong = MatrixChannel(synapse.url, room, "no-token", means)
    assert "M_UNKNOWN_TOKEN" in wrong.test().words % wrong.test().params
    assert wrong.send(copy()).shut_out
    bot.call("PUT", f"/client/v3/rooms/{room}/state/m.room.encryption", json={"algorithm": "m.megolm.v1.aes-sha2"})
    assert "encrypted" in channel.test().words


def test_a_server_that_is_away_is_tried_again(means: Means) -> None:
    outcome = MatrixChannel("http://127.0.0.1:9", "!r:x", "t", means).send(copy())
    assert (outcome.state, outcome.permanent, outcome.remote_id) == (CopyState.FAILED, False, None)
    assert isinstance(means.client, httpx.Client)
