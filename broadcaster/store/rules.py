"""What is written about rules of the air: sets, sites and exceptions, read for many units at once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from broadcaster.store.base import Json
from broadcaster.store.tables import Airing, Delivery, Override, RuleSet, Site, Speaker, Unit

CHUNK = 500


class Spot(NamedTuple):
    """Where one speaker hangs and how much later than planned it starts."""

    latitude: float | None
    longitude: float | None
    stagger_ms: int


def sets(session: Session) -> list[tuple[str, Json]]:
    """Every unit's sets, as (unit, rules)."""
    found = session.execute(select(RuleSet.unit_id, RuleSet.rules).order_by(RuleSet.unit_id, RuleSet.version))
    return [(row.unit_id, row.rules) for row in found]


def sets_of(session: Session, unit_id: str) -> list[RuleSet]:
    """One unit's sets, the newest version first."""
    return list(session.scalars(select(RuleSet).where(RuleSet.unit_id == unit_id).order_by(RuleSet.version.desc())))


def next_version(session: Session, unit_id: str) -> int:
    """The number of the unit's next set."""
    return (session.scalar(select(func.max(RuleSet.version)).where(RuleSet.unit_id == unit_id)) or 0) + 1


def sites(session: Session, unit_ids: Collection[str] | None = None) -> list[Site]:
    """The sites that stand, of these units (None = of all)."""
    wanted = select(Site).where(Site.removed_at.is_(None)).order_by(Site.unit_id, Site.name, Site.id)
    return list(session.scalars(wanted if unit_ids is None else wanted.where(Site.unit_id.in_(unit_ids))))


def overrides(session: Session, *, at: datetime) -> list[Override]:
    """The exceptions granted that run at a moment or are to come."""
    granted = (Override.granted.is_(True), Override.ended_at.is_(None), Override.ends > at)
    return list(session.scalars(select(Override).where(*granted).order_by(Override.starts, Override.id)))


def overrides_of(session: Session, unit_ids: Collection[str], *, at: datetime) -> list[Override]:
    """In these units, the exceptions that are asked for, granted or running at a moment; the latest asked first."""
    open_ = or_(Override.granted.is_(None), Override.granted.is_(True))
    mine = (Override.unit_id.in_(unit_ids), Override.ended_at.is_(None), Override.ends > at)
    return list(session.scalars(select(Override).where(open_, *mine).order_by(Override.asked_at.desc(), Override.id)))


def spots(session: Session) -> dict[str, Spot]:
    """Every speaker's place."""
    wanted = select(Speaker.id, Speaker.latitude, Speaker.longitude, Speaker.stagger_ms)
    return {row.id: Spot(row.latitude, row.longitude, row.stagger_ms) for row in session.execute(wanted)}


def zones(session: Session) -> dict[str, str]:
    """The zones that units name themselves."""
    found = session.execute(select(Unit.id, Unit.zone).where(Unit.zone.is_not(None)))
    return {row.id: row.zone or "" for row in found}


def plays(session: Session, speaker_ids: Sequence[str], *, since: datetime, without: Collection[str]) -> list[Row[Any]]:
    """What these speakers have played or will play since a moment: every delivery not in one of these states."""
    wanted = (
        select(
            Delivery.speaker_id,
            Delivery.started_at,
            Delivery.finished_at,
            Airing.id,
            Airing.planned_at,
            Airing.hold_until,
            Airing.sound_ms,
        )
        .join(Airing, Airing.id == Delivery.airing_id)
        .where(Airing.planned_at >= since, Airing.klass != "emergency", Airing.standby.is_(False))
        .where(Delivery.state.not_in(without), Airing.cancelled_at.is_(None))
    )
    found: list[Row[Any]] = []
    for at in range(0, len(speaker_ids), CHUNK):
        found += session.execute(wanted.where(Delivery.speaker_id.in_(speaker_ids[at : at + CHUNK])))
    return found
