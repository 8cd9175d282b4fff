"""What new rules would do to what is planned, before anybody writes them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import delivery
from broadcaster.domain.airing import State
from broadcaster.domain.audience import Place
from broadcaster.services.actor import Actor
from broadcaster.services.hours import rules
from broadcaster.services.hours.book import Book
from broadcaster.store import places
from broadcaster.store.tables import Airing, Announcement, Delivery
from firmware_config.protocol import Barred

MOST_SHOWN = 20
WAITING = (delivery.State.PLANNED, delivery.State.STORED, delivery.State.ARMED)


@dataclass(frozen=True, slots=True)
class Loss:
    """One planned airing that would be refused, on so many speakers and why."""

    airing_id: str
    title: str
    planned_at: datetime
    speakers: int
    of: int
    reason: Barred


@dataclass(frozen=True, slots=True)
class Effect:
    """Of the `planned` airings in the unit these would be refused; the first few are named."""

    planned: int
    refused: int
    losses: tuple[Loss, ...]


def effect(
    session: Session,
    actor: Actor,
    unit_id: str,
    wanted: Mapping[str, Any],
    *,
    now: datetime,
    since: datetime | None = None,
) -> Effect:
    """What `rules.set` would change; raises what it raises, and changes nothing."""
    _, parsed = rules.tried(session, actor, unit_id, wanted, now=now, since=since)
    book = Book(session, now)
    book.suppose(parsed)
    planned = _planned(session, unit_id, now)
    losses = [loss for airing in planned if (loss := _loss(session, book, airing, planned[airing]))]
    return Effect(len(planned), len(losses), tuple(losses[:MOST_SHOWN]))


def _planned(session: Session, unit_id: str, now: datetime) -> dict[Airing, list[Place]]:
    """Each airing to come in the unit with the speakers that are to play it there."""
    inside = places.tree(session).under(unit_id)
    rows = (
        select(Airing, Delivery.speaker_id, Delivery.unit_id)
        .join(Delivery, Delivery.airing_id == Airing.id)
        .where(Airing.state == State.PLANNED, Airing.planned_at >= now, Airing.standby.is_(False))
        .where(Delivery.state.in_(WAITING), Delivery.unit_id.in_(inside))
        .order_by(Airing.planned_at, Airing.id, Delivery.speaker_id)
    )
    found: dict[Airing, list[Place]] = defaultdict(list)
    for airing, speaker, unit in session.execute(rows):
        found[airing].append(Place(speaker, unit))
    return found


def _loss(session: Session, book: Book, airing: Airing, audience: list[Place]) -> Loss | None:
    announcement = session.get_one(Announcement, airing.announcement_id)
    barred = book.bars(announcement, audience, airing.begins, sound_ms=airing.sound_ms, but=airing.id)
    if not barred:
        return None
    # What is refused leaves room for what comes after it.
    book.forget(airing.id, barred)
    reason = next(iter(barred.values()))
    return Loss(airing.id, announcement.title, airing.planned_at, len(barred), len(audience), reason)
