"""The journal on real SQLite: what it says is on disk is on disk."""

import errno
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from device_agent.boot import open_journal
from device_agent.effects import LogPlay
from device_agent.journal import Journal, JournalFailed, Pending
from device_agent.ledger import Entry, Stage
from device_agent.problems import Problem
from device_agent.senses import REAL
from firmware_config.protocol import (
    GENESIS,
    Batch,
    ClockState,
    Event,
    Played,
    Receipt,
    dumps,
    next_hash,
    verify_chain,
)
from tests.agent.station import item

pytestmark = pytest.mark.database

ITEM = item("airing-1", "sha256:" + "0" * 64, start=1_000)


def receipt(seq: int) -> Receipt:
    return Receipt(seq, "boot-1", "airing-1", None, Event.STORED, 1_000 + seq, ClockState.TRUSTED, 0, "", None)


def filled(path: Path, count: int) -> Journal:
    journal = Journal(path)
    with journal.writing():
        for seq in range(1, count + 1):
            journal.add_receipt(receipt(seq))
    return journal


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Journal(tmp_path / "j")
    entry = Entry(ITEM, Stage.STARTED, starts=2, live=True)
    first.save(entry)
    first.remember("manifest", b"raw")
    first.keep_announcement("sha256:1", b"words")
    plays = (LogPlay("airing-1", 1, Played(1_000, 5_000)), LogPlay("airing-1", 2, Played(6_000, 9_000)))
    for log in (replace(plays[0], play=Played(0, 9_999)), *plays):
        first.log_play(log)
    first.carried_out("cmd-1", expires=9_000, now=1_000)
    first.close()
    second = Journal(tmp_path / "j")
    assert second.ledger() == (entry,)
    assert second.fact("manifest") == b"raw"
    assert second.announcements() == {"sha256:1": b"words"}
    assert second.plays() == plays
    second.forget_plays(5_001)
    assert second.plays() == plays[1:]
    assert second.seen("cmd-1")
    assert not second.seen("cmd-2")
    second.forget("airing-1")
    second.drop_announcements(frozenset({"sha256:1"}))
    assert (second.ledger(), second.announcements()) == ((), {})
    second.close()


def test_a_journal_of_version_1_goes_on(tmp_path: Path) -> None:
    Journal(tmp_path / "j").close()
    old = sqlite3.connect(tmp_path / "j")
    without = {name: value for name, value in ITEM.to_json().items() if name != "standby"}
    old.execute("INSERT INTO ledger VALUES (?, ?, 'started', 2, 1)", (ITEM.airing, dumps(without)))
    old.commit()
    old.executescript("DROP TABLE plays; PRAGMA user_version=1;")
    old.close()
    journal = Journal(tmp_path / "j")
    assert journal.ledger() == (Entry(ITEM, Stage.STARTED, starts=2, live=True),)
    assert journal.plays() == ()
    journal.close()


def test_it_is_durable_by_setting(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    journal.close()


def test_a_failing_block_leaves_nothing_behind(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")

    def break_off() -> None:
        with journal.writing():
            journal.save(Entry(ITEM))
            journal.remember("floor", b"1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert journal.ledger() == ()
    assert journal.fact("floor") is None
    journal.close()


def test_the_chain_goes_on_over_confirmations_and_restarts(tmp_path: Path) -> None:
    journal = filled(tmp_path / "j", 5)
    pending = journal.pending(0, 3)
    assert pending is not None
    assert pending.previous == GENESIS
    first_hashes = verify_chain(Batch("loa-1", pending.previous, pending.receipts))
    rest = journal.pending(3, 50)
    assert rest is not None
    assert rest.previous == first_hashes[-1]
    journal.confirm(5)
    assert journal.pending(0, 50) is None
    assert journal.head().seq == 5
    journal.close()
    again = Journal(tmp_path / "j")
    with again.writing():
        again.add_receipt(receipt(6))
    later = again.pending(0, 50)
    assert later is not None
    assert later.previous == verify_chain(Batch("loa-1", rest.previous, rest.receipts))[-1]
    assert again.head().hash == next_hash(later.previous, receipt(6))
    again.close()


def test_a_confirmation_of_what_is_not_there_forgets_nothing(tmp_path: Path) -> None:
    journal = filled(tmp_path / "j", 3)
    for through in (0, 99):
        journal.confirm(through)
    pending = journal.pending(0, 50)
    assert pending is not None
    assert [one.seq for one in pending.receipts] == [1, 2, 3]
    journal.confirm(2)
    journal.confirm(1)
    assert journal.confirmed() == 2
    journal.close()


@pytest.mark.parametrize("through", [0, 3])
def test_what_a_restored_broadcaster_has_lost_is_said_again(tmp_path: Path, through: int) -> None:
    journal = filled(tmp_path / "j", 8)
    journal.confirm(through)
    held = journal.pending(through, 50)
    journal.confirm(7)
    journal.take_back(through)
    journal.close()
    again = Journal(tmp_path / "j")
    assert again.confirmed() == through
    assert again.pending(0, 50) == held
    assert again.head().seq == 8
    again.close()


def test_only_so_many_confirmed_receipts_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device_agent.journal.KEPT_RECEIPTS", 3)
    journal = filled(tmp_path / "j", 8)
    journal.confirm(6)
    for gone in (0, 2, 3):
        journal.take_back(gone)
        assert journal.confirmed() == 6
    journal.take_back(4)
    pending = journal.pending(0, 50)
    assert pending is not None
    assert [one.seq for one in pending.receipts] == [5, 6, 7, 8]
    journal.close()


def test_a_journal_of_a_later_version_stops_clearly_and_is_left_alone(tmp_path: Path) -> None:
    filled(tmp_path / "j", 3).close()
    with sqlite3.connect(tmp_path / "j") as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(JournalFailed) as failed:
        open_journal(tmp_path / "j", REAL)
    assert failed.value.code is Problem.JOURNAL_NEWER
    with sqlite3.connect(tmp_path / "j") as db:
        assert db.execute("SELECT count(*) FROM receipts").fetchone() == (3,)
    db.close()


def test_a_journal_beyond_reading_is_set_aside_and_its_numbers_are_not_used_again(tmp_path: Path) -> None:
    (tmp_path / "j").write_bytes(b"no database at all, only words" * 100)
    journal, problems = open_journal(tmp_path / "j", REAL)
    assert problems == {"lost": (Problem.JOURNAL_LOST,)}
    assert journal.head().seq > 1_700_000_000
    assert [path.read_bytes()[:11] for path in tmp_path.glob("lost-*-j")] == [b"no database"]
    journal.close()


def test_a_full_disk_is_a_problem_with_a_name(tmp_path: Path) -> None:
    journal = filled(tmp_path / "j", 3)
    journal._db.execute("PRAGMA max_page_count=1")
    with pytest.raises(JournalFailed) as failed, journal.writing():
        journal.remember("big", b"x" * 1_000_000)
    assert failed.value.code is Problem.DISK_FULL
    assert journal.head().seq == 3
    journal.close()


def test_a_disk_gone_read_only_is_a_problem_with_a_name(tmp_path: Path) -> None:
    journal = filled(tmp_path / "j", 3)
    journal._db.execute("PRAGMA query_only=1")
    with pytest.raises(JournalFailed) as failed:
        journal.save(Entry(ITEM))
    assert failed.value.code is Problem.DISK_READ_ONLY
    journal.close()


_WRITER = """
import sys
from pathlib import Path
from device_agent.journal import Journal
from tests.agent.test_journal import receipt
journal = Journal(Path(sys.argv[1]))
for seq in range(1, 100_000):
    journal.add_receipt(receipt(seq))
    print(seq, flush=True)
"""


def test_a_writer_killed_in_mid_stride_loses_nothing_it_had_told(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path / "j")], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "1\n"
    time.sleep(0.3)
    writer.kill()
    told = int((writer.stdout.read().split() or ["1"])[-1])
    writer.wait()
    writer.stdout.close()
    journal = Journal(tmp_path / "j")
    assert journal._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert journal.head().seq in {told, told + 1}
    pending = journal.pending(0, 50)
    assert pending is not None
    assert pending.previous == GENESIS
    journal.close()


def spoil_page(path: Path) -> None:
    """Overwrite pages in the middle of the file, as a failing card does; the first page stays good."""
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4_096 * 2)
        file.write(b"\xa5" * (size - 4_096 * 2))


def spoil_row(path: Path) -> None:
    """Change a byte inside an entry: SQLite does not notice."""
    with sqlite3.connect(path) as db:
        db.execute("UPDATE ledger SET item = ?", (b'{"airing":',))
    db.close()


def spoil_receipt(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("UPDATE receipts SET body = ? WHERE seq = 30", (b"{}",))
    db.close()


@pytest.mark.parametrize("damage", [spoil_page, spoil_row, spoil_receipt])
def test_damage_anywhere_in_the_journal_is_found_at_the_start_and_set_aside(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    journal = filled(tmp_path / "journal.sqlite", 60)
    journal.save(Entry(ITEM))
    journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    journal.close()
    damage(tmp_path / "journal.sqlite")
    fresh, problems = open_journal(tmp_path / "journal.sqlite", REAL)
    assert problems == {"lost": (Problem.JOURNAL_LOST,)}
    assert fresh.ledger() == ()
    assert list(tmp_path.glob("lost-*journal.sqlite"))
    fresh.close()


def test_a_full_disk_is_kept_for_what_is_urgent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    monkeypatch.setattr("device_agent.journal.LEAST_FREE_BYTES", 1 << 62)
    with pytest.raises(JournalFailed, match="kept for emergencies") as told:
        journal.remember("plan", b"normal")
    assert told.value.code is Problem.DISK_FULL
    with journal.writing(urgent=True):
        journal.remember("plan", b"urgent")
    assert journal.fact("plan") == b"urgent"
    assert journal.full
    monkeypatch.undo()
    journal.remember("plan", b"normal again")
    journal.close()


def test_room_for_an_emergency_is_taken_while_there_is_some(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal(path)
    assert path.with_name("journal.sqlite-wal").stat().st_size >= 1_000_000
    assert journal._db.execute("PRAGMA freelist_count").fetchone()[0] >= 64
    before = path.stat().st_size
    for number in range(300):
        with journal.writing(urgent=True):
            journal.remember(f"fact {number}", bytes(300))
    assert path.stat().st_size == before >= 64 * 4_096
    assert path.with_name("journal.sqlite-wal").stat().st_size <= 1_100_000
    journal.close()


def test_what_kept_the_last_thing_from_being_written_is_known_until_something_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    assert not journal.ill
    journal._db.execute("PRAGMA query_only=1")
    with pytest.raises(JournalFailed):
        journal.remember("plan", b"1")
    assert [journal.ill] == [Problem.DISK_READ_ONLY]

    def read_only(_path: Path, **_how: object) -> None:
        raise OSError(errno.EROFS, "read-only")

    # The kernel made it read-only: to SQLite that looks like any other failure.
    monkeypatch.setattr(Path, "touch", read_only)
    with pytest.raises(JournalFailed) as told:
        fail_in(journal)
    assert told.value.code is Problem.DISK_READ_ONLY
    monkeypatch.undo()
    journal._db.execute("PRAGMA query_only=0")
    journal.remember("plan", b"1")
    assert journal.ill is None
    journal.close()


def fail_in(journal: Journal) -> None:
    with journal.writing():
        raise sqlite3.OperationalError("disk I/O error")


def test_on_a_full_disk_no_more_room_is_taken_than_there_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal.sqlite"
    Journal(path).close()
    before = path.stat().st_size
    monkeypatch.setattr("device_agent.journal.LEAST_FREE_BYTES", 1 << 62)
    for number in range(40):
        # As after so many power cuts, with an emergency in each life.
        journal = Journal(path)
        with journal.writing(urgent=True):
            journal.remember(f"emergency {number}", bytes(6_000))
        journal.close()
    assert path.stat().st_size == before


@pytest.mark.parametrize("sent", range(4))
def test_what_was_confirmed_by_another_way_leaves_no_gap_in_the_chain(tmp_path: Path, sent: int) -> None:
    journal = filled(tmp_path / "journal.sqlite", 5)
    whole = journal.pending(0, 50)
    assert whole is not None
    head = whole.previous
    for one in whole.receipts[:3]:
        head = next_hash(head, one)
    journal.confirm(3)
    rest = journal.pending(sent, 50)
    assert rest == Pending(head, whole.receipts[3:])
    journal.close()
