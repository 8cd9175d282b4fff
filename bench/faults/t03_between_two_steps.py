"""T03: the broadcaster dies exactly between commit and publish, and between publish and mark."""

from __future__ import annotations

from sqlalchemy import func, select

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.stage import Setting, Stage, must, stage, until
from bench.faults.verdict import all_ended, judge
from broadcaster.demo import house
from broadcaster.demo.processes import Child
from broadcaster.store.tables import OutboxEntry

POINTS = ("claimed", "published", "acknowledged")
ROUNDS = 10
DRAINED_S = 5.0
SPEAKERS = 3
SETTLE_S = 120.0


def pending(place: Stage) -> int:
    """How many rows of the outbox wait."""
    with place.ground.database.read() as session:
        return session.scalar(select(func.count()).select_from(OutboxEntry)) or 0


def run(scale: Scale) -> Outcome:
    """Let it serve, arm the point, put something on air, start it again after it died."""
    rounds = [point for point in POINTS for _ in range(scale.of(ROUNDS))]
    drained: list[float | None] = []
    left: list[int] = []
    airings: list[str] = []
    with stage(scale.folder, Setting(speakers=SPEAKERS)) as place:
        recording, healthy = place.recording(0.7), place.service
        armed = scale.folder / "armed"
        for number, point in enumerate(rounds):
            healthy.ask_to_stop()
            healthy.wait(10)
            environment = house.environment_of(place.settings) | {"FAULT_POINT": point, "FAULT_ARMED": str(armed)}
            place.service = Child("doomed", ["bench.faults.doomed"], healthy.log, environment)
            place.start_service()
            must("every speaker is linked", place.all_linked)
            ready = place.written(recording=recording)
            until(lambda: pending(place) == 0, 20)
            armed.touch()
            airings.append(place.aired(ready))
            must(f"it dies at {point}", lambda: not place.service.running)
            left.append(pending(place))
            place.service = healthy
            place.start_service()
            drained.append(until(lambda: pending(place) == 0, 30.0))
            progress(f"T03 {number + 1} of {len(rounds)} deaths")
        until(lambda: all_ended(place, airings), SETTLE_S, every=1.0)
        verdict = judge(place, airings)
    slowest = max(30.0 if spent is None else spent for spent in drained)
    good = verdict.clean and verdict.heard == verdict.deliveries == SPEAKERS * len(rounds) and slowest <= DRAINED_S
    figure = (
        f"{len(rounds)} deaths at {', '.join(POINTS)}, each with {min(left)} to {max(left)} rows unsent; drained "
        f"{slowest:.1f} s after the restart at the latest; {verdict.words}"
    )
    return Outcome(good and min(left) > 0, figure, verdict.details)


FAULT = Fault(
    "T03",
    "kill -9 exactly between commit and publish, between publish and PUBACK, and between PUBACK and mark",
    "the outbox drained within 5 s of the restart; each speaker finished each airing once",
    run,
)
