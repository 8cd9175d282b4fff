"""In which order priority airings that collide are heard: the commune's own choice.

A loudspeaker takes what begins first, and the order decides between those that wait. So what was put after one that
begins later is held until that one may begin, on all its loudspeakers alike.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import delivery
from broadcaster.domain.airing import State
from broadcaster.domain.audience import Place
from broadcaster.domain.collisions import Slot, Turn, turns
from broadcaster.domain.errors import IllegalStep, Malformed, NotFound, OrderTooLate
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import zone_named
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.hours import asking
from broadcaster.services.moments import millis, moment
from broadcaster.store import outbox, places
from broadcaster.store.tables import Airing, Announcement, Delivery
from firmware_config.protocol import Klass

MOST = 50


def set_order(session: Session, actor: Actor, airing_ids: Sequence[str], *, now: datetime) -> list[Airing]:
    """Let them be heard in this order where they meet; each must be a priority airing that has not begun.

    Raises NotFound, NotAllowed, IllegalStep, Malformed; OrderTooLate where one would have to wait longer than it may,
    and what the rules of the air say where it would have to wait until it may not be heard.
    """
    if not 2 <= len(airing_ids) <= MOST or len(set(airing_ids)) != len(airing_ids):
        raise Malformed(field="airings", problem=f"2–{MOST}")
    rows = session.scalars(select(Airing).where(Airing.id.in_(airing_ids)).order_by(Airing.id).with_for_update())
    found = {airing.id: airing for airing in rows}
    ordered = [_checked(session, actor, found.get(airing_id), airing_id) for airing_id in airing_ids]
    before = {airing.ordered_with for airing in ordered if airing.ordered_with is not None}
    for place, airing in enumerate(ordered):
        airing.order, airing.ordered_with = place, ordered[0].id
    audiences = _audiences(session, airing_ids)
    for turn in _hold(ordered, audiences):
        _check_turn(session, found[turn.slot.airing], turn, audiences[turn.slot.airing], now)
    session.flush()
    outbox.want(session, "manifest", _speakers(audiences), now=now)
    for group in sorted(before - {ordered[0].id}):
        _hold_anew(session, group, now)
    unit = session.get_one(Announcement, ordered[0].announcement_id).unit_id
    details = {"airings": list(airing_ids)}
    audit.record(session, actor, "order", ("airing", ordered[0].id), now=now, unit=unit, details=details)
    return ordered


def release(session: Session, airing: Airing, *, now: datetime) -> None:
    """It will not be heard after all: what was put after it waits no longer for it."""
    if airing.ordered_with is not None:
        session.flush()
        _hold_anew(session, airing.ordered_with, now)


def _checked(session: Session, actor: Actor, airing: Airing | None, airing_id: str) -> Airing:
    if airing is None:
        raise NotFound(what="airing", id=airing_id)
    announcement = session.get_one(Announcement, airing.announcement_id)
    actor.require(Action.AIR, places.path(session, announcement.unit_id))
    if airing.klass != Klass.PRIORITY:
        raise Malformed(field="airings", problem=Klass.PRIORITY)
    if airing.state != State.PLANNED:
        raise IllegalStep(event="order", state=airing.state)
    return airing


def _check_turn(session: Session, airing: Airing, turn: Turn, audience: Sequence[Place], now: datetime) -> None:
    if not turn.held:
        return
    announcement, heard = session.get_one(Announcement, airing.announcement_id), moment(turn.heard)
    if heard > airing.latest_start:
        clock = f"{heard.astimezone(zone_named(airing.zone)):%H:%M}"
        minutes = math.ceil((heard - airing.latest_start).total_seconds() / 60)
        raise OrderTooLate(title=announcement.title, when=clock, minutes=minutes)
    asking.require(session, announcement, audience, heard, now=now, sound_ms=airing.sound_ms, but=airing.id)


def _hold_anew(session: Session, group: str, now: datetime) -> None:
    mine = select(Airing).where(Airing.ordered_with == group, Airing.state == State.PLANNED)
    waiting = session.scalars(mine.order_by(Airing.order, Airing.id)).all()
    before = {airing.id: airing.hold_until for airing in waiting}
    audiences = _audiences(session, before)
    _hold(waiting, audiences)
    moved = {airing.id: audiences[airing.id] for airing in waiting if airing.hold_until != before[airing.id]}
    session.flush()
    outbox.want(session, "manifest", _speakers(moved), now=now)


def _hold(ordered: Sequence[Airing], audiences: Mapping[str, Sequence[Place]]) -> list[Turn]:
    found = turns(_slot(airing, audiences[airing.id]) for airing in ordered)
    for airing, turn in zip(ordered, found, strict=True):
        airing.hold_until = moment(turn.begins) if turn.held else None
    return found


def _slot(airing: Airing, audience: Sequence[Place]) -> Slot:
    speakers = frozenset(place.speaker for place in audience)
    return Slot(airing.id, Klass(airing.klass), millis(airing.planned_at), airing.sound_ms, airing.order, speakers)


def _audiences(session: Session, airing_ids: Iterable[str]) -> Mapping[str, list[Place]]:
    """Where each is still to be heard."""
    found: dict[str, list[Place]] = defaultdict(list)
    open_ = (Delivery.airing_id.in_(airing_ids), Delivery.state.not_in(delivery.ENDED))
    for row in session.execute(select(Delivery.airing_id, Delivery.speaker_id, Delivery.unit_id).where(*open_)):
        found[row.airing_id].append(Place(row.speaker_id, row.unit_id))
    return found


def _speakers(audiences: Mapping[str, Sequence[Place]]) -> set[str]:
    return {place.speaker for audience in audiences.values() for place in audience}
