"""One announcement into 500 chat groups, with and without five that never answer: one bad group delays no other."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from sqlalchemy import func, select, update

from bench.figures import Figure, at_least, at_most
from bench.ground import utc_now
from broadcaster.demo.stand_in_chat import TOKEN, Desk, StandInChat
from broadcaster.domain.mirror import CopyState
from broadcaster.mirrors.worker import MirrorWorker
from broadcaster.store.database import Database
from broadcaster.store.tables import Channel, MirrorCopy
from tests.mirrors.village import Village
from tests.vault import VAULT

UNIT = "dong-1"
BAD = "bad-"
# Longer than a channel waits for an answer.
HANGS = 30.0
PATIENCE = 120.0


def run(quick: bool = False) -> list[Figure]:
    """The fastest of rounds in turns, since whoever else is busy only adds; what hangs gives up before the next."""
    number, hanging, rounds = (100, 1, 1) if quick else (500, 5, 5)
    good = number - hanging
    alone, beside = [], []
    # The figures alone go to standard output.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with _village() as village, StandInChat(Desk(quota=1_000_000, hang_seconds=HANGS)) as chat:
        for at in range(number):
            name = f"{BAD if at % (number // hanging) == 0 else 'g-'}{at}"
            village.channel(UNIT, name=name, secret=TOKEN, chat_id=name, base_url=chat.url)
            if name.startswith(BAD):
                chat.desk.behaviour[name] = "hang"
        with _working(village):
            for _ in range(rounds):
                alone.append(_seconds(village, good, bad=False))
                beside.append(_seconds(village, good, bad=True))
        sent = len(chat.received)
    without, with_them = min(alone), min(beside)
    return [
        Figure(f"{good} groups have it, none hangs", without, "s"),
        Figure(f"{good} groups have it, {hanging} more hang", with_them, "s"),
        at_most("… against none", with_them / without, "×", 1.2),
        Figure("copies a second, none hangs", good / without, ""),
        at_least("copies posted, of those owed to groups that answer", sent / (2 * rounds * good), "×", 1),
    ]


@contextmanager
def _village() -> Iterator[Village]:
    folder = Path(tempfile.mkdtemp(prefix="loa-bench-"))
    database = Database(f"sqlite:///{folder / 'loa.sqlite'}", vault=VAULT)
    try:
        database.migrate()
        yield Village.founded(database)
    finally:
        database.dispose()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _working(village: Village) -> Iterator[None]:
    worker = MirrorWorker(
        village.database, public_url="https://loa.example.vn", now=utc_now, on_fatal=_die, private=True
    )
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def _seconds(village: Village, good: int, *, bad: bool) -> float:
    """From the airing's commit until every group that answers has it; then wait until nothing is under way."""
    with village.database.transaction() as session:
        session.execute(update(Channel).where(Channel.name.startswith(BAD)).values(enabled=bad))
    village.now = utc_now()
    name = village.announcement(UNIT)
    began = time.monotonic()
    village.air(name)
    _until(village, name, CopyState.ACCEPTED, good)
    ended = time.monotonic()
    _until(village, name, CopyState.QUEUED, 0)
    return ended - began


def _until(village: Village, announcement: str, state: CopyState, number: int) -> None:
    begun = time.monotonic()
    mine = (MirrorCopy.announcement_id == announcement, MirrorCopy.state == state)
    while True:
        with village.database.read() as session:
            found = session.scalar(select(func.count()).where(*mine))
        if found == number:
            return
        assert time.monotonic() - begun < PATIENCE, f"{found} instead of {number} copies are {state}"
        time.sleep(0.02)


def _die(name: str, error: BaseException) -> None:
    raise SystemExit(f"{name} died: {error!r}")
