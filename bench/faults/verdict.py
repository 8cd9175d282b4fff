"""What became of airings, by what the speakers signed, and what must never have happened."""

from __future__ import annotations

import math
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select

from bench.faults.stage import Stage, until
from broadcaster.demo import proof
from broadcaster.domain.airing import MAX_STARTS
from broadcaster.domain.delivery import ENDED, State
from broadcaster.store.tables import Delivery, StoredReceipt
from firmware_config.protocol import Event


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that is judged of a number of airings."""

    deliveries: int
    states: Counter[str]
    open: list[str]
    """Deliveries that have not ended."""
    twice: list[str]
    """Finished more than once."""
    too_often: list[str]
    """Started more often than allowed."""
    broken_chains: list[str]

    @property
    def heard(self) -> int:
        """How many were heard to the end."""
        return self.states[State.HEARD]

    @property
    def clean(self) -> bool:
        """Every delivery ended, none came twice, every chain is whole."""
        return not (self.open or self.twice or self.too_often or self.broken_chains)

    @property
    def words(self) -> str:
        """In one line."""
        ended = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return f"{self.deliveries} deliveries ({ended}), {len(self.open)} open, {len(self.twice)} twice"

    @property
    def details(self) -> str:
        """What went wrong, by name."""
        named = {"open": self.open, "twice": self.twice, "too often": self.too_often, "chains": self.broken_chains}
        return "\n".join(f"{name}: {', '.join(found[:5])}" for name, found in named.items() if found)


def judge(stage: Stage, airings: Collection[str]) -> Verdict:
    """Read it from the broadcaster's database, receipts verified again from their signatures on."""
    finished: Counter[str] = Counter()
    started: dict[str, set[int]] = defaultdict(set)
    with stage.ground.database.read() as session:
        rows = list(session.scalars(select(Delivery).where(Delivery.airing_id.in_(airings))))
        told = select(StoredReceipt).where(StoredReceipt.airing_id.in_(airings))
        for one in session.scalars(told):
            name = f"{one.airing_id}@{one.speaker_id}"
            finished[name] += one.event == Event.FINISHED
            if one.event == Event.STARTED:
                started[name].add(one.attempt)
        broken = [one.id for one in stage.speakers if not proof.ledger(session, one.id, "").whole]
        return Verdict(
            deliveries=len(rows),
            states=Counter(row.state for row in rows),
            open=[f"{row.airing_id}@{row.speaker_id} {row.state}" for row in rows if row.state not in ENDED],
            twice=[name for name, count in finished.items() if count > 1],
            too_often=[name for name, found in started.items() if len(found) > MAX_STARTS],
            broken_chains=broken,
        )


def all_ended(stage: Stage, airings: Collection[str]) -> bool:
    """Whether every delivery of them has ended; an airing without any counts as not ended."""
    with stage.ground.database.read() as session:
        rows = session.execute(select(Delivery.airing_id, Delivery.state).where(Delivery.airing_id.in_(airings))).all()
    return {row.airing_id for row in rows} == set(airings) and all(row.state in ENDED for row in rows)


def integrity(stage: Stage) -> str:
    """What SQLite itself says of the broadcaster's database: "ok" when it is whole."""
    with sqlite3.connect(stage.settings.data / "loa.sqlite") as db:
        return str(db.execute("PRAGMA integrity_check").fetchone()[0])


@dataclass
class Watch:
    """When, after they were put on air, airings were stored on every speaker of theirs, and when they were done."""

    stage: Stage
    begun: dict[str, float] = field(default_factory=dict)
    stored: dict[str, float] = field(default_factory=dict)

    def add(self, airing: str) -> str:
        """From now on."""
        self.begun[airing] = time.monotonic()
        return airing

    def look(self) -> bool:
        """Note what has come about since the last look; whether all of it is stored."""
        waiting = self.begun.keys() - self.stored.keys()
        with self.stage.ground.database.read() as session:
            rows = session.execute(
                select(Delivery.airing_id, Delivery.state).where(Delivery.airing_id.in_(waiting))
            ).all()
        behind = {row.airing_id for row in rows if row.state == State.PLANNED}
        now = time.monotonic()
        self.stored |= {name: now - self.begun[name] for name in {row.airing_id for row in rows} - behind}
        return self.begun.keys() == self.stored.keys()

    def look_for(self, seconds: float) -> None:
        """Go on looking that long."""
        until(lambda: self.look() and False, seconds, every=0.5)

    @property
    def slowest(self) -> float:
        """Seconds the slowest of those stored took; infinite when one never was."""
        return max(self.stored.values(), default=0.0) if self.begun.keys() == self.stored.keys() else math.inf
