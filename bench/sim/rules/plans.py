"""The planner's own word, judged by the oracle: what it plans is inside the rules, what it refuses is not."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from bench.sim.rules.chronicle import View
from broadcaster.services.moments import millis
from broadcaster.store.tables import Airing, Announcement, Delivery, Speaker
from firmware_config.protocol import Barred, Kind, Klass, Played, Sound

if TYPE_CHECKING:
    from bench.sim.rules.world import World

HARD = frozenset({Barred.OUTSIDE_HOURS, Barred.HOLIDAY, Barred.QUIET_SITE, Barred.CATEGORY})
"""Reasons for which nothing else that is heard matters."""
WAITING = ("planned", "stored", "armed")
COLUMNS = (
    Airing.id,
    Airing.klass,
    Airing.kind,
    Airing.planned_at,
    Airing.created_at,
    Airing.sound_ms,
    Airing.standby,
    Airing.announcement_id,
    Announcement.category,
    Delivery.speaker_id,
    Delivery.state,
    Delivery.reason,
    Delivery.ended_at,
    Speaker.stagger_ms,
)


def judge(world: "World", session: Session, *, again: bool) -> None:
    """Look at every delivery that is new, and, where rules have changed, again at every one that is still to come."""
    views = {name: world.chronicle.view(each.spot) for name, each in world.speakers.items()}
    seen: set[str] = set()
    for row in _rows(session, Airing.created_at == world.at):
        world.tally["airings"] += row.id not in seen
        seen.add(row.id)
        if row.state in WAITING and not row.standby:
            world.tally["airings on a loudspeaker"] += 1
            _judge_planned(world, views[row.speaker_id], row)
        elif row.state == "refused" and row.reason in {*Barred}:
            _judge_refused(world, session, views[row.speaker_id], row)
    for row in _rows(session, Airing.planned_at > world.at) if again else ():
        if row.state in WAITING and not row.standby:
            _judge_planned(world, views[row.speaker_id], row)


def _rows(session: Session, *which: ColumnElement[bool]) -> list[Row[Any]]:
    found = (
        select(*COLUMNS)
        .join(Delivery, Delivery.airing_id == Airing.id)
        .join(Announcement, Announcement.id == Airing.announcement_id)
        .join(Speaker, Speaker.id == Delivery.speaker_id)
        .where(*which)
        .order_by(Airing.id, Delivery.speaker_id)
    )
    return list(session.execute(found))


def _sound(row: Row[Any]) -> Sound:
    start = millis(max(row.planned_at, row.created_at)) + row.stagger_ms
    return Sound(Klass(row.klass), Kind(row.kind), row.category, row.announcement_id, start, row.sound_ms)


def _judge_planned(world: "World", view: View, row: Row[Any]) -> None:
    why = view.why_barred(_sound(row), ())
    if why is not None:
        world.fault("planned", f"{row.speaker_id}: {row.id} at {row.planned_at} although {why}")


def _judge_refused(world: "World", session: Session, view: View, row: Row[Any]) -> None:
    world.tally[f"planner refused: {row.reason}"] += 1
    alone = view.why_barred(_sound(row), ())
    if row.reason in HARD or alone in HARD:
        if row.reason != alone:
            world.fault("unfair", f"{row.speaker_id}: {row.id} at {row.planned_at} for {row.reason}, not {alone}")
    elif alone is None and view.why_barred(_sound(row), _beside(world, session, row)) is None:
        world.fault("unfair", f"{row.speaker_id}: {row.id} at {row.planned_at} for {row.reason}, which nothing breaks")


def _beside(world: "World", session: Session, row: Row[Any]) -> list[Played]:
    """What is planned on the same speaker, and what was heard there, one after the other."""
    # Of what is past and of which nobody has told yet, the planner must think that it was heard.
    since = world.at - timedelta(days=2)
    near = (Airing.planned_at > since, Airing.klass != Klass.EMERGENCY, ~Airing.standby)
    rows = _rows(session, *near, Delivery.speaker_id == row.speaker_id, Delivery.state.in_((*WAITING, "started")))
    found, end = list(world.speakers[row.speaker_id].heard), 0
    for each in sorted(rows, key=lambda one: (one.planned_at, one.id)):
        start = max(_sound(each).start, end)
        end = start + each.sound_ms
        found.append(Played(start, end))
    return found
