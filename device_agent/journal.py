"""The speaker's memory on disk: what it was told, what it did, what it has not yet proved to have said."""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from device_agent.effects import LogPlay
from device_agent.ledger import Entry, Stage
from device_agent.problems import Problem
from firmware_config.protocol import GENESIS, Item, Millis, Played, Receipt, Refused, next_hash

VERSION = 2

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS announcements (reference TEXT PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS ledger (
    airing TEXT PRIMARY KEY, item BLOB NOT NULL, stage TEXT NOT NULL, starts INTEGER NOT NULL, live INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS plays (
    airing TEXT NOT NULL, attempt INTEGER NOT NULL, start INTEGER NOT NULL, ended INTEGER NOT NULL,
    PRIMARY KEY (airing, attempt)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS receipts (seq INTEGER PRIMARY KEY, body BLOB NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS commands (id TEXT PRIMARY KEY, expires INTEGER NOT NULL) WITHOUT ROWID;
UPDATE ledger SET item = CAST(json_set(CAST(item AS TEXT), '$.standby', json('false')) AS BLOB);
"""
"""Makes a new journal, or one of version 1 into this: there no item stood by."""


LEAST_FREE_BYTES = 262_144
"""With less than this on the disk only what is urgent is written, into room that was kept for it."""
_KEPT_LOG_BYTES = 1_048_576
_KEPT_PAGES = 128
_PAGES_BETWEEN_CHECKPOINTS = 200


KEPT_RECEIPTS = 2_000
"""So many confirmed receipts are kept all the same: a broadcaster whose database is restored asks for them again."""


class JournalFailed(Exception):
    """The disk does not take or give what the journal needs; `code` is the problem to report."""

    def __init__(self, code: Problem, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Head:
    """The last receipt written: its number, and the chain's hash after it."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Pending:
    """Receipts in a row, and the chain's hash before the first."""

    previous: str
    receipts: tuple[Receipt, ...]


def _code(failure: sqlite3.Error) -> Problem:
    text = str(failure).lower()
    if "full" in text:
        return Problem.DISK_FULL
    if "readonly" in text or "read-only" in text:
        return Problem.DISK_READ_ONLY
    if "malformed" in text or "not a database" in text:
        return Problem.JOURNAL_CORRUPT
    return Problem.JOURNAL_FAILED


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as failure:
        raise JournalFailed(_code(failure), str(failure)) from failure


@contextmanager
def _legible() -> Iterator[None]:
    try:
        with _told():
            yield
    except (Refused, ValueError) as failure:
        raise JournalFailed(Problem.JOURNAL_CORRUPT, f"not what was written: {failure}") from failure


class Journal:
    """One SQLite file (WAL, synchronous=FULL), used by one thread."""

    def __init__(self, path: Path) -> None:
        """Open or create; raises JournalFailed, with `journal_newer` for a file a later version wrote."""
        self._path = path
        self._failed: Problem | None = None
        with _told():
            self._db = sqlite3.connect(path, isolation_level=None, timeout=5.0)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > VERSION:
            raise JournalFailed(Problem.JOURNAL_NEWER, f"version {found}, this agent knows {VERSION}")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA cache_size=-512")
        if found < VERSION:
            self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={VERSION}; COMMIT;")
        self._check()
        self._keep_room()

    def _keep_room(self) -> None:
        """Take room while there is some: pages in the file, and a log that needs no other block until it is emptied."""
        self._db.execute(f"PRAGMA wal_autocheckpoint={_PAGES_BETWEEN_CHECKPOINTS}")
        # On a disk that is full already, what an earlier run kept is still there; the log alone would take more, and
        # could then never be emptied into the file.
        if self.full:
            return
        with contextlib.suppress(OSError, sqlite3.Error):
            if self._db.execute("PRAGMA freelist_count").fetchone()[0] < _KEPT_PAGES:
                kept = f"CREATE TABLE kept AS SELECT zeroblob({_KEPT_PAGES * 4_096}) AS room"
                self._db.executescript(f"BEGIN IMMEDIATE; {kept}; DROP TABLE kept; COMMIT;")
                # Until now they stand in the log only.
                self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            log = os.open(f"{self._path}-wal", os.O_RDWR)
            try:
                os.posix_fallocate(log, 0, _KEPT_LOG_BYTES)
            finally:
                os.close(log)

    def _check(self) -> None:
        # Found now it can be set aside; found in mid-work it would only silence the speaker.
        said = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if said != "ok":
            raise JournalFailed(Problem.JOURNAL_CORRUPT, said)
        self.ledger()
        self.number("floor")
        after = 0
        while (pending := self.pending(after, 500)) is not None:
            after = pending.receipts[-1].seq

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _remembered(self) -> Iterator[None]:
        try:
            yield
        except JournalFailed as failure:
            self._failed = self._read_only() or failure.code
            if self._failed is failure.code:
                raise
            raise JournalFailed(self._failed, str(failure)) from failure
        else:
            self._failed = None

    def _read_only(self) -> Problem | None:
        # What the kernel made read-only after an error looks to SQLite like any other failure.
        try:
            self._path.with_name("written").touch()
        except OSError as failure:
            return Problem.DISK_READ_ONLY if failure.errno == errno.EROFS else None
        return None

    @property
    def ill(self) -> Problem | None:
        """What kept the last thing from being written, or would keep the next one."""
        return self._failed or (Problem.DISK_FULL if self.full else None)

    @property
    def full(self) -> bool:
        """Whether the disk has no room for more than what is urgent."""
        disk = os.statvfs(self._path.parent)
        return disk.f_bavail * disk.f_frsize < LEAST_FREE_BYTES

    @contextmanager
    def writing(self, *, urgent: bool = False) -> Iterator[None]:
        """All or nothing, and on disk when it ends; may be nested; raises JournalFailed.

        On a full disk only what is urgent from the outside in is written.
        """
        if self._db.in_transaction:
            yield
            return
        if not urgent and self.full:
            raise JournalFailed(Problem.DISK_FULL, "what room is left is kept for emergencies")
        with self._remembered(), _told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise

    def fact(self, name: str) -> bytes | None:
        """A single thing remembered by name."""
        with _told():
            row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def remember(self, name: str, value: bytes) -> None:
        """Remember a single thing by name."""
        with self.writing():
            self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def number(self, name: str) -> int:
        """A remembered whole number, 0 when there is none."""
        with _legible():
            return int(self.fact(name) or b"0")

    def announcements(self) -> dict[str, bytes]:
        """The signed announcements held, by reference."""
        with _told():
            return {name: bytes(raw) for name, raw in self._db.execute("SELECT reference, raw FROM announcements")}

    def keep_announcement(self, reference: str, raw: bytes) -> None:
        """Hold a signed announcement."""
        with self.writing():
            self._db.execute("INSERT OR REPLACE INTO announcements VALUES (?, ?)", (reference, raw))

    def drop_announcements(self, references: Collection[str]) -> None:
        """Let go of announcements nothing refers to any more."""
        with self.writing(urgent=True):
            self._db.executemany("DELETE FROM announcements WHERE reference = ?", [(name,) for name in references])

    def ledger(self) -> tuple[Entry, ...]:
        """Every airing known here."""
        with _legible():
            return tuple(
                Entry(Item.from_bytes(bytes(item)), Stage(stage), starts, bool(live))
                for item, stage, starts, live in self._db.execute("SELECT item, stage, starts, live FROM ledger")
            )

    def save(self, entry: Entry) -> None:
        """Put one airing's entry in place of an older one."""
        row = (entry.airing, entry.item.to_bytes(), entry.stage.value, entry.starts, entry.live)
        with self.writing():
            self._db.execute("INSERT OR REPLACE INTO ledger VALUES (?, ?, ?, ?, ?)", row)

    def forget(self, airing: str) -> None:
        """Remove one airing's entry."""
        with self.writing():
            self._db.execute("DELETE FROM ledger WHERE airing = ?", (airing,))

    def plays(self) -> tuple[LogPlay, ...]:
        """From when to when each attempt was heard."""
        with _told():
            rows = self._db.execute("SELECT airing, attempt, start, ended FROM plays").fetchall()
        return tuple(LogPlay(airing, attempt, Played(start, end)) for airing, attempt, start, end in rows)

    def log_play(self, log: LogPlay) -> None:
        """Note one attempt in place of what was noted of it before."""
        row = (log.airing, log.attempt, log.play.start, log.play.end)
        with self.writing():
            self._db.execute("INSERT OR REPLACE INTO plays VALUES (?, ?, ?, ?)", row)

    def forget_plays(self, before: Millis) -> None:
        """Remove what ended before that moment."""
        with self.writing():
            self._db.execute("DELETE FROM plays WHERE ended < ?", (before,))

    def add_receipt(self, receipt: Receipt) -> None:
        """Append to the chain; the receipt carries the number after the head's."""
        with self.writing():
            digest = next_hash(self.head().hash, receipt)
            self._db.execute("INSERT INTO receipts VALUES (?, ?, ?)", (receipt.seq, receipt.to_bytes(), digest))

    def head(self) -> Head:
        """The end of the chain, also when everything was confirmed and forgotten."""
        with _told():
            row = self._db.execute("SELECT seq, hash FROM receipts ORDER BY seq DESC LIMIT 1").fetchone()
        return Head(*row) if row else self._confirmed()

    def pending(self, after: int, limit: int) -> Pending | None:
        """The next receipts that nobody confirmed, beyond number `after`."""
        base = self._confirmed()
        # What was confirmed by another way meanwhile is kept a while, and is not where these begin.
        after = max(after, base.seq)
        with _legible():
            rows = self._db.execute(
                "SELECT body FROM receipts WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
            ).fetchall()
            before = self._db.execute("SELECT hash FROM receipts WHERE seq = ?", (after,)).fetchone()
            receipts = tuple(Receipt.from_bytes(bytes(row[0])) for row in rows)
        return Pending(before[0] if before else base.hash, receipts) if receipts else None

    def confirm(self, through: int) -> None:
        """The broadcaster holds the receipts up to a number; the older ones of them are forgotten."""
        with self.writing(urgent=True):
            row = self._db.execute("SELECT seq, hash FROM receipts WHERE seq = ?", (through,)).fetchone()
            if row is not None and through > self.confirmed():
                self.remember("confirmed", f"{row[0]} {row[1]}".encode())
                self._db.execute("DELETE FROM receipts WHERE seq <= ?", (through - KEPT_RECEIPTS,))

    def take_back(self, through: int) -> None:
        """The broadcaster has lost what it held beyond a number: what is kept of it counts as not confirmed."""
        with self.writing():
            row = self._db.execute("SELECT seq, hash FROM receipts WHERE seq = ?", (through,)).fetchone()
            first = self._db.execute("SELECT min(seq) FROM receipts").fetchone()[0]
            if row is None and (through, first) == (0, 1):
                row = (0, GENESIS)
            if row is not None and through < self.confirmed():
                self.remember("confirmed", f"{row[0]} {row[1]}".encode())

    def confirmed(self) -> int:
        """The number up to which receipts were confirmed and forgotten."""
        return self._confirmed().seq

    def begin_chain_at(self, seq: int) -> None:
        """Begin the receipts anew above all numbers that a lost journal, or this one before it was set back, used."""
        with self.writing():
            self.remember("confirmed", f"{seq} {GENESIS}".encode())
            self._db.execute("DELETE FROM receipts")

    def seen(self, command: str) -> bool:
        """Whether a live command was carried out before."""
        with _told():
            return self._db.execute("SELECT 1 FROM commands WHERE id = ?", (command,)).fetchone() is not None

    def carried_out(self, command: str, expires: Millis, now: Millis) -> None:
        """A command's id is used up; ids long expired are forgotten."""
        with self.writing(urgent=True):
            self._db.execute("INSERT OR IGNORE INTO commands VALUES (?, ?)", (command, expires))
            self._db.execute("DELETE FROM commands WHERE expires < ?", (now - 3_600_000,))

    def _confirmed(self) -> Head:
        found = self.fact("confirmed")
        if found is None:
            return Head(0, GENESIS)
        with _legible():
            seq, digest = found.decode().split()
            return Head(int(seq), digest)
