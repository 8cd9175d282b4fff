"""The hash that ties each audit row to the one before it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Row:
    """One audit row as it is hashed."""

    seq: int
    at: datetime
    person_id: str
    person_name: str
    origin: str
    action: str
    subject_kind: str
    subject_id: str
    unit_id: str | None
    details: Mapping[str, Any]
    previous: str
    hash: str = ""

    def sealed(self) -> str:
        """The hash this row should carry."""
        value = [
            self.seq,
            self.at.astimezone(UTC).isoformat(),
            [self.person_id, self.person_name, self.origin],
            [self.action, self.subject_kind, self.subject_id, self.unit_id],
            self.details,
            self.previous,
        ]
        canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking the chain found: the first bad row, if any, and where the chain ends."""

    head: Head
    bad: int | None = None
    problem: str = ""

    @property
    def sound(self) -> bool:
        """Whether nothing was altered."""
        return self.bad is None


def check(rows: Iterable[Row], *, stored: Head, saved: Head | None = None) -> Verdict:
    """Follow the chain from its first row; `stored` is the head beside it, `saved` one kept elsewhere."""
    last = Head(0, GENESIS)
    for row in rows:
        problem = _problem(row, last, saved)
        if problem:
            return Verdict(last, min(row.seq, last.seq + 1), problem)
        last = Head(row.seq, row.hash)
    if last != stored or (saved is not None and last.seq < saved.seq):
        return Verdict(last, last.seq + 1, "rows are missing at the end")
    return Verdict(last)


def _problem(row: Row, last: Head, saved: Head | None) -> str:
    if row.seq != last.seq + 1:
        return "a row is missing"
    if row.previous != last.hash:
        return "the row before it was exchanged"
    if row.hash != row.sealed():
        return "the row was altered"
    if saved is not None and row.seq == saved.seq and row.hash != saved.hash:
        return "the chain was written anew"
    return ""
