"""One speaker's chain of receipts as far as we hold it: what a batch adds, and what is wrong with it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from firmware_config.protocol import GENESIS, Batch, Event, KeyRing, Receipt

GAP = "gap"
BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Link:
    """One verified receipt with its canonical bytes and the chain's hash after it."""

    speaker: str
    receipt: Receipt
    body: bytes
    hash: str


@dataclass(slots=True)
class Chain:
    """Confirmed without a gap up to `through`, where the chain's hash is `head`."""

    speaker: str
    keys: KeyRing
    revoked: bool = False
    through: int = 0
    head: str = GENESIS
    problem: str = ""
    unit: str = ""
    touched: bool = False
    alarm: str = ""
    """A problem that was not there before this transaction."""
    boot: str | None = None
    batches: list[tuple[int, int, bytes]] = field(default_factory=list)

    def extend(self, batch: Batch, raw: bytes) -> Sequence[Link]:
        """The receipts that are new to us; the chain moves on as far as it is whole.

        Beyond a gap receipts are kept, since they are signed, but nothing beyond it is confirmed: the speaker sends
        the missing ones again. Unless it lost its journal and says so: its first receipt is then a signed gap, and what
        was before it will never come. A chain that does not join is kept too and marked for a person to look at.
        """
        links = _links(batch)
        first, last = links[0].receipt.seq, links[-1].receipt.seq
        before = self.through
        if first > before + 1:
            self._mark(GAP)
            new = links
            if batch.previous == GENESIS and links[0].receipt.event is Event.GAP:
                self.through, self.head = last, links[-1].hash
        else:
            new = links[before + 1 - first :]
            known = batch.previous if first == before + 1 else links[min(before, last) - first].hash
            if (first == before + 1 or last >= before) and known != self.head:
                self._mark(BROKEN)
            elif new and self.problem == GAP:
                self.problem = ""
            if new:
                self.through, self.head = last, links[-1].hash
        if new:
            self.touched = True
            self.boot = links[-1].receipt.boot
            self.batches.append((first, last, raw))
        return new

    def _mark(self, problem: str) -> None:
        if self.problem not in {problem, BROKEN}:
            self.problem = self.alarm = problem
            self.touched = True


def _links(batch: Batch) -> list[Link]:
    links = []
    head = batch.previous
    for receipt in batch.receipts:
        body = receipt.to_bytes()
        head = hashlib.sha256(head.encode("ascii") + body).hexdigest()
        links.append(Link(batch.device, receipt, body, head))
    return links
