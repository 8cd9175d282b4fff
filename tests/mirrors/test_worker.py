"""The worker against the stand-in over real HTTP: no group delays another, and nothing is sent twice in silence."""

import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text

from broadcaster.demo.stand_in_chat import SECRET, TOKEN, Desk, StandInChat
from broadcaster.mirrors.worker import MirrorWorker
from broadcaster.services.outlets.unreadable import WORDS
from broadcaster.store.sealed import MARK
from tests.mirrors.village import Village
from tests.vault import VAULT

pytestmark = pytest.mark.database

PATIENCE = 20.0


@pytest.fixture
def chat() -> Iterator[StandInChat]:
    with StandInChat(Desk(quota=1000, hang_seconds=8)) as chat:
        yield chat


@contextmanager
def working(village: Village, *, private: bool = True) -> Iterator[MirrorWorker]:
    deaths: list[tuple[str, BaseException]] = []
    worker = MirrorWorker(
        village.database,
        public_url="https://loa.example.vn",
        now=lambda: village.now,
        on_fatal=lambda name, error: deaths.append((name, error)),
        private=private,
    )
    worker.start()
    try:
        yield worker
    finally:
        assert worker.stop()
    assert deaths == []


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def group(village: Village, chat: StandInChat, unit: str = "dong-1", name: str = "") -> str:
    chat_id = name or f"g-{unit}"
    return village.channel(unit, name=chat_id, secret=TOKEN, chat_id=chat_id, base_url=chat.url)


def states(village: Village) -> list[str]:
    return [state for _, _, state in village.copies()]


def test_a_committed_copy_is_posted_and_noted(small_village: Village, chat: StandInChat) -> None:
    group(small_village, chat)
    hook = f"{chat.url}/webhook/loa"
    small_village.channel("dong-1", name="hook", kind="webhook", secret=SECRET, url=hook)
    with working(small_village):
        small_village.air(small_village.announcement())
        until(lambda: states(small_village) == ["accepted", "accepted"])
    assert "Mời bà con đi họp." in chat.received[0].text
    assert chat.received[0].text.count("https://loa.example.vn/n/") == 1
    assert chat.hooks[0].signed
    with small_village.database.read() as _:
        assert {chat.received[0].message_id} <= {small_village.row().remote_id, *(m.message_id for m in chat.received)}


def test_three_hanging_groups_of_fifty_do_not_delay_the_others(small_village: Village, chat: StandInChat) -> None:
    for number in range(50):
        group(small_village, chat, name=f"g-{number}")
    chat.desk.behaviour |= {f"g-{number}": "hang" for number in (0, 7, 23)}
    with working(small_village):
        small_village.air(small_village.announcement())
        until(lambda: states(small_village).count("accepted") == 47)
        # The three are still waiting for an answer: the others did not wait for them.
        assert states(small_village).count("queued") == 3
    assert len(chat.received) == 47


def test_a_group_whose_key_is_lost_is_switched_off_and_its_copy_waits_while_others_go_out(
    small_village: Village, chat: StandInChat
) -> None:
    group(small_village, chat)
    closed = group(small_village, chat, name="g-closed")
    lost = replace(VAULT, key=urlsafe_b64encode(b"another key of thirty-two bytes."))
    sealed = f"{MARK}{lost.seal(TOKEN).decode()}"
    with small_village.database.transaction() as session:
        session.execute(text("UPDATE channels SET secret = :it WHERE id = :id"), {"it": sealed, "id": closed})
    with working(small_village):
        small_village.air(small_village.announcement())
        until(lambda: not small_village.channel_row(closed).enabled)
        until(lambda: sorted(states(small_village)) == ["accepted", "queued"])
    assert small_village.channel_row(closed).blocked_reason == WORDS


def test_a_correction_follows_its_announcement_into_the_group(small_village: Village, chat: StandInChat) -> None:
    group(small_village, chat)
    with working(small_village):
        name = small_village.announcement()
        small_village.air(name)
        until(lambda: states(small_village) == ["accepted"])
        small_village.correct(name, "Họp lúc 8 giờ.")
        until(lambda: len(chat.received) == 2)
        small_village.withdraw(name)
        until(lambda: len(chat.received) == 3)
    assert [message.text[:12] for message in chat.received] == ["📢 Họp bản\n\nM", "📢 ĐÍNH CHÍNH", "📢 THU HỒI: H"]


def test_the_rate_of_a_channel_is_kept(small_village: Village, chat: StandInChat) -> None:
    channel = group(small_village, chat)
    with small_village.database.transaction() as session:
        session.merge(small_village.channel_row(channel)).rate_per_minute = 3
    with working(small_village):
        for _ in range(5):
            small_village.air(small_village.announcement())
        until(lambda: len(chat.received) == 3)
        time.sleep(0.5)
    assert len(chat.received) == 3
    assert sorted(states(small_village)) == ["accepted"] * 3 + ["queued"] * 2


def test_a_busy_provider_is_left_alone_as_long_as_it_asked(small_village: Village, chat: StandInChat) -> None:
    group(small_village, chat)
    chat.desk.behaviour["g-dong-1"] = "busy"
    with working(small_village):
        small_village.air(small_village.announcement())
        until(lambda: small_village.row().provider_code == "429")
        chat.desk.behaviour.clear()
        small_village.pass_time(seconds=6)
        time.sleep(0.3)
        assert chat.received == []
        small_village.pass_time(seconds=1)
        until(lambda: states(small_village) == ["accepted"])


def test_a_channel_with_broken_settings_fails_by_itself(small_village: Village, chat: StandInChat) -> None:
    small_village.channel("dong-1", name="broken", kind="fax", number="1")
    group(small_village, chat)
    with working(small_village):
        small_village.air(small_village.announcement())
        until(lambda: sorted(states(small_village)) == ["accepted", "failed"])


def test_it_stops_within_two_seconds_while_a_group_hangs(small_village: Village, chat: StandInChat) -> None:
    group(small_village, chat)
    chat.desk.behaviour["g-dong-1"] = "hang"
    with working(small_village) as worker:
        small_village.air(small_village.announcement())
        until(lambda: any(thread.name == "mirror zalo_bot" for thread in threading.enumerate()))
        begun = time.monotonic()
        assert worker.stop()
        assert time.monotonic() - begun < 4
    assert small_village.row().claimed_until is not None


def test_after_a_restart_what_was_never_noted_is_unknown_and_stays_single(
    small_village: Village, chat: StandInChat
) -> None:
    group(small_village, chat)
    chat.desk.behaviour["g-dong-1"] = "take and drop"
    with working(small_village):
        small_village.air(small_village.announcement())
        until(lambda: len(chat.received) == 1)
    chat.desk.behaviour.clear()
    small_village.pass_time(minutes=1)
    with working(small_village):
        until(lambda: states(small_village) == ["unknown"])
        time.sleep(0.3)
    assert len(chat.received) == 1


def test_after_a_restart_an_emergency_is_sent_again_and_says_so(small_village: Village, chat: StandInChat) -> None:
    group(small_village, chat)
    chat.desk.behaviour["g-dong-1"] = "take and drop"
    with working(small_village):
        small_village.air(small_village.announcement(klass="emergency"))
        until(lambda: len(chat.received) == 1)
    chat.desk.behaviour.clear()
    small_village.pass_time(minutes=1)
    with working(small_village):
        until(lambda: states(small_village) == ["accepted"])
    assert [message.text[:30] for message in chat.received] == [
        "📢 KHẨN CẤP: Họp bản\n\nMời bà con"[:30],
        "📢 (nhắc lại) KHẨN CẤP: Họp bản\n\n"[:30],
    ]
