"""Killed between sending and noting, nobody knows: an ordinary copy stays single, an emergency says it repeats."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from broadcaster.demo.stand_in_chat import TOKEN, Desk, StandInChat
from broadcaster.mirrors.worker import MirrorWorker
from tests.mirrors.village import Village

pytestmark = pytest.mark.database

GROUP = "g-dong-1"
PATIENCE = 30.0
# A service that does nothing but send what is due, on the clock of the test.
SERVICE = """
import sys, time
from datetime import datetime
from broadcaster.mirrors.worker import MirrorWorker
from broadcaster.store.database import Database
from tests.vault import VAULT
now = datetime.fromisoformat(sys.argv[2])
MirrorWorker(Database(sys.argv[1], vault=VAULT), public_url="https://loa.example.vn", now=lambda: now,
             on_fatal=lambda *_: None, private=True).start()
time.sleep(60)
"""


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def chat() -> Iterator[StandInChat]:
    with StandInChat(Desk(quota=1000, hang_seconds=PATIENCE)) as chat:
        yield chat


@contextmanager
def service(village: Village) -> Iterator[subprocess.Popen[bytes]]:
    arguments = [village.database.engine.url.render_as_string(hide_password=False), village.now.isoformat()]
    process = subprocess.Popen([sys.executable, "-c", SERVICE, *arguments])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def working(village: Village) -> Iterator[None]:
    worker = MirrorWorker(
        village.database,
        public_url="https://loa.example.vn",
        now=lambda: village.now,
        on_fatal=lambda _name, error: pytest.fail(str(error)),
        private=True,
    )
    worker.start()
    try:
        yield
    finally:
        assert worker.stop()


@pytest.mark.parametrize(("klass", "marks"), [("normal", [False]), ("emergency", [False, True])])
def test_what_stood_in_the_group_when_the_service_was_killed(
    small_village: Village, chat: StandInChat, klass: str, marks: list[bool]
) -> None:
    small_village.channel(name=GROUP, secret=TOKEN, chat_id=GROUP, base_url=chat.url)
    chat.desk.behaviour[GROUP] = "take and drop"
    small_village.air(small_village.announcement(klass=klass))
    with service(small_village) as process:
        until(lambda: len(chat.received) == 1)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert small_village.row().state == "queued"
    chat.desk.behaviour.clear()
    small_village.pass_time(minutes=1)
    with working(small_village):
        until(lambda: small_village.row().state == ("unknown" if klass == "normal" else "accepted"))
        time.sleep(0.3)
    assert ["(nhắc lại)" in message.text for message in chat.received] == marks
