"""An airing follows its deliveries: on air when the first of them began, done when the last has ended."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from broadcaster.domain import airing as rules
from broadcaster.domain import delivery
from broadcaster.domain.airing import State
from broadcaster.store.tables import Airing, Delivery
from broadcaster.store.upsert import update_many

MOVING = (*rules.OPEN, State.MISSED, State.REFUSED)
UNFINISHED = frozenset(delivery.State) - delivery.ENDED


def hold(session: Session, airings: Iterable[str]) -> Mapping[str, State]:
    """Those among `airings` whose state may still follow their deliveries, locked until the transaction ends.

    To be called before a delivery is locked: whoever cancels or closes an airing takes the airing first too.
    """
    movable = select(Airing.id, Airing.state).where(Airing.id.in_(sorted(airings)), Airing.state.in_(MOVING))
    rows = session.execute(movable.order_by(Airing.id).with_for_update(key_share=True))
    return {airing: State(state) for airing, state in rows}


def follow(session: Session, held: Mapping[str, State], changed: Collection[str], *, now: datetime) -> None:
    """Take each held airing among `changed` to where its deliveries are."""
    played, unfinished = _some(delivery.PLAYED), _some(UNFINISHED)
    wanted = [airing for airing in held if airing in changed]
    moved = []
    for airing, *facts in session.execute(select(Airing.id, played, unfinished).where(Airing.id.in_(wanted))):
        event = rules.told(*facts, over=False)
        after = rules.step(held[airing], event) if event else held[airing]
        if after is not held[airing]:
            moved.append({"id": airing, "state": after.value, "ended_at": None if after in rules.OPEN else now})
    update_many(session, Airing, moved, key=("id",), keep={"ended_at"})


def _some(states: Iterable[delivery.State]) -> ColumnElement[bool]:
    mine = exists().where(Delivery.airing_id == Airing.id, Delivery.state.in_(sorted(states)))
    return mine.correlate(Airing)
