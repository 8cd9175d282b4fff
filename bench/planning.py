"""Planning 72 hours: whether ten times the schedules take ten times as long, and what the rules of the air add."""

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from bench.countryside import NOW, add_schedules, countryside, rule, villages
from bench.figures import Figure, at_most
from broadcaster.domain.audience import Place
from broadcaster.services.airtime import knowledge, planning
from broadcaster.services.airtime.judging import Judge, Panel
from broadcaster.store.tables import Announcement

GROWTH = 11.0
SHARE = 0.05
UNITS = 500


class NoJudge(Judge):
    """Asks no rules: what is planned without them is what they are measured against."""

    def panel(self, announcement: Announcement, audience: Sequence[Place], sound_ms: int) -> Panel:  # noqa: ARG002
        """Nobody to judge for."""
        return Panel(announcement, (), sound_ms)


def run(quick: bool = False) -> list[Figure]:
    """Few schedules against ten times as many; then with rules and without, in turns."""
    few, many, units = (50, 500, 130) if quick else (500, 5_000, UNITS)
    _planned(units, few)
    small = min(_planned(units, few)[0] for _ in range(3))
    large, made, idle = min(_planned(units, many) for _ in range(1 if quick else 2))
    figures = [
        Figure(f"72 h of {many} schedules over {units} units", many / large, "schedules/s"),
        Figure("the same", made / large, "airings/s"),
        at_most(f"{many} schedules against {few}", large / small, "×", GROWTH),
        Figure(f"a pass with nothing due among {many} schedules", 1000 * idle, "ms"),
    ]
    for limits in (False, True):
        share = _share(units, many if quick else 4 * few, rounds=3 if quick else 6, limits=limits)
        name = "hours, pauses and limits" if limits else "hours"
        figures.append(at_most(f"added by the rules of the air ({name})", 100 * share, "%", 100 * SHARE))
    return figures


def _planned(units: int, schedules: int, *, limits: bool | None = None) -> tuple[float, int, float]:
    """(seconds of processor time, airings, seconds of the next pass)."""
    with countryside(units) as database:
        if limits is not None:
            rule(database, limits=limits)
        add_schedules(database, schedules, villages(units))
        gc.collect()
        began = time.process_time()
        with database.transaction() as session:
            made = planning.plan(session, now=NOW)
        done = time.process_time()
        with database.transaction() as session:
            planning.plan(session, now=NOW + timedelta(seconds=20))
        return done - began, made, time.process_time() - done


def _share(units: int, schedules: int, *, rounds: int, limits: bool) -> float:
    """How much longer it takes with the rules than without, measured in turns."""
    bare, ruled = [], []
    for _ in range(rounds):
        with _unjudged():
            bare.append(_planned(units, schedules, limits=limits)[:2])
        ruled.append(_planned(units, schedules, limits=limits)[:2])
        assert bare[-1][1] == ruled[-1][1], "the same airings, or it is not the same work"
    # What else the machine does only ever adds.
    return min(ruled)[0] / min(bare)[0] - 1


@contextmanager
def _unjudged() -> Iterator[None]:
    knowledge.Judge = NoJudge  # type: ignore[attr-defined]
    try:
        yield
    finally:
        knowledge.Judge = Judge  # type: ignore[attr-defined]
