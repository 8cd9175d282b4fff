"""Manifests for a thousand speakers: built, looked at again when nothing changed, and when one village changed."""

import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event

from bench.countryside import NOW, PER_UNIT, add_schedules, countryside, rule, villages
from bench.figures import Figure, at_most
from broadcaster.services.airtime import planning
from broadcaster.services.speaking import manifests, signing
from broadcaster.services.speaking.signing import Signing
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, OutboxEntry

UNCHANGED = 0.5
"""What looking at a speaker with no news may cost, against building its manifest."""


def run(quick: bool = False) -> list[Figure]:
    """Every speaker of a province, each with its village's airings of three days."""
    units, schedules = (76, 100) if quick else (526, 1_000)
    folder = Path(tempfile.mkdtemp(prefix="loa-bench-"))
    try:
        keys = signing.make_keys(folder, now=NOW - timedelta(days=1))
        with countryside(units) as database:
            rule(database, limits=True)
            add_schedules(database, schedules, villages(units))
            with database.transaction() as session:
                planning.plan(session, now=NOW)
            _sign(database)
            return _measure(database, keys, [f"{name}-{at}" for name in villages(units) for at in range(PER_UNIT)])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(database: Database, keys: Signing, speakers: Sequence[str]) -> list[Figure]:
    number = len(speakers)
    built, written = _seconds(database, keys, speakers, 0)
    assert written == number, "every speaker gets its first manifest"
    again, signed_again = min(_seconds(database, keys, speakers, second) for second in (1, 2, 3))
    wanted = _change(database, speakers[:PER_UNIT])
    one, written = _seconds(database, keys, wanted, 5)
    assert written == len(wanted), "only the village that changed is built"
    return [
        Figure(f"{number} manifests built and signed", number / built, "manifests/s"),
        Figure(f"{number} unchanged ones looked at", number / again, "manifests/s"),
        at_most("an unchanged one looked at, against a new one", again / built, "×", UNCHANGED),
        at_most("signed and stored anew when all are asked for and nothing changed", signed_again, "", 0),
        Figure(f"one village of {len(wanted)} changed: nobody else is looked at", 1000 * one, "ms"),
        at_most("the same, against all of them", one / built, "×", 0.1),
    ]


def _seconds(database: Database, keys: Signing, speakers: Sequence[str], second: int) -> tuple[float, int]:
    """(seconds of processor time, manifests written)."""
    rows: list[int] = []

    def count(_connection: object, _cursor: object, statement: str, rowed: Sequence[object], *_: object) -> None:
        if statement.startswith("INSERT INTO speaker_manifests"):
            rows.append(len(rowed))

    event.listen(database.engine, "before_cursor_execute", count)
    began = time.process_time()
    with database.transaction() as session:
        manifests.sealed_many(session, speakers, signing=keys, now=NOW + timedelta(seconds=second))
    seconds = time.process_time() - began
    event.remove(database.engine, "before_cursor_execute", count)
    return seconds, sum(rows)


def _sign(database: Database) -> None:
    # Announcements are signed once each and not per speaker: that is no part of this.
    with database.transaction() as session:
        session.query(Airing).update({"reference": "sha256:" + "b" * 64})


def _change(database: Database, speakers: Sequence[str]) -> list[str]:
    """An airing of one village is put later in its order; who is to be told of it stands in the outbox."""
    with database.transaction() as session:
        session.query(OutboxEntry).delete()
        airing = session.query(Airing).filter_by(announcement_id="a000000").order_by(Airing.planned_at).first()
        assert airing is not None
        airing.order = 1
    return list(speakers)
