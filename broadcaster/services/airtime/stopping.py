"""Stop everything in a unit: what sounds, what is due, and if wished what is planned until an hour."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from broadcaster.domain import airing as airing_rules
from broadcaster.domain import delivery
from broadcaster.domain.airing import State
from broadcaster.domain.errors import Malformed, NotFound, SilenceTooLong
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import Kind
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import cancelling, following
from broadcaster.services.ids import new_id
from broadcaster.services.moments import moment
from broadcaster.store import outbox, places
from broadcaster.store.tables import Airing, Delivery, Schedule, Silence, Speaker, StoredReceipt
from firmware_config.protocol import Event

STOPPED = "stopped"
SOON = timedelta(seconds=15)
"""What begins so soon counts as due: it lies in the loudspeaker's hands, and none begins more than 10 s late."""
LIFE = timedelta(seconds=60)
"""A live order that comes later would cut off what nobody meant; by then the manifests have said it."""
MOST_HOURS = 24


class Hush(StrEnum):
    """What became of the order on one loudspeaker."""

    SILENT = "silent"
    """It was sounding and signed that it stopped."""
    ENDED = "ended"
    """It signed that it had come to the end by itself."""
    QUIET = "quiet"
    """Nothing was sounding there."""
    WAITING = "waiting"
    """It was sounding and has not answered yet."""
    UNREACHABLE = "unreachable"
    """It is not connected."""


@dataclass(frozen=True, slots=True)
class Hushed:
    """One loudspeaker of the unit after the order."""

    speaker: str
    name: str
    unit: str
    hush: Hush
    at: datetime | None = None
    """When it fell silent, by its own clock."""
    concerned: bool = False
    """Something was due there when the order was given."""


def stop_everything(
    session: Session, actor: Actor, unit_id: str, *, reason: str, until: datetime | None = None, now: datetime
) -> Silence:
    """Silence on every loudspeaker of a unit, at once where it can be reached and for good where it cannot.

    Raises UnknownUnit, NotAllowed, Malformed, SilenceTooLong.
    """
    actor.require(Action.WITHDRAW, places.path(session, unit_id))
    said = line(reason)
    if not said:
        raise Malformed(field="reason", problem="–")
    if until is not None and not now < until <= now + timedelta(hours=MOST_HOURS):
        raise SilenceTooLong(hours=MOST_HOURS)
    inside = places.tree(session).under(unit_id)
    order = Silence(
        id=new_id(now),
        unit_id=unit_id,
        reason=said[:200],
        until=until,
        asked_by=actor.person_id,
        asked_by_name=actor.name,
        asked_at=now,
    )
    found = _concerned(session, inside, now=now, until=until)
    order.due = [airing.id for airing in found if airing.planned_at <= now + SOON]
    order.later = [airing.id for airing in found if airing.planned_at > now + SOON]
    for airing in found:
        _take(session, airing, inside, reason=order.reason, now=now)
    session.add(order)
    _write_down(session, actor, order, now=now)
    outbox.want(session, "silence", [order.id], now=now, expires=now + LIFE)
    return order


def find(session: Session, silence_id: str) -> Silence:
    """One order. Raises NotFound."""
    found = session.get(Silence, silence_id)
    if found is None:
        raise NotFound(what="silence", id=silence_id)
    return found


def outcome(session: Session, order: Silence) -> list[Hushed]:
    """How it is on each loudspeaker of the unit now, those first that may still be sounding."""
    inside = places.tree(session).under(order.unit_id)
    rows = session.scalars(
        select(Speaker)
        .where(Speaker.unit_id.in_(inside), Speaker.revoked_at.is_(None), Speaker.pretend.is_(False))
        .order_by(Speaker.name)
    ).all()
    due, silent = _due(session, order), _silent(session, order)
    first = (Hush.WAITING, Hush.UNREACHABLE, Hush.SILENT, Hush.ENDED, Hush.QUIET)
    found = [_hushed(row, due.get(row.id, []), silent.get(row.id)) for row in rows]
    return sorted(found, key=lambda one: (first.index(one.hush), not one.concerned))


def counts(found: Iterable[Hushed]) -> dict[Hush, int]:
    """How many loudspeakers are at each."""
    counted = Counter(one.hush for one in found)
    return {hush: counted[hush] for hush in Hush}


def _concerned(session: Session, inside: Collection[str], *, now: datetime, until: datetime | None) -> Sequence[Airing]:
    """Airings with something left to do in these units, locked in the order in which everybody locks them."""
    here = exists().where(Delivery.airing_id == Airing.id, Delivery.unit_id.in_(inside))
    left = here.where(Delivery.state.in_(cancelling.OPEN_DELIVERIES)).correlate(Airing)
    usual = select(Airing).where(Airing.state.in_(airing_rules.OPEN), Airing.standby.is_(False), left)
    due = session.scalars(
        select(Airing.schedule_id)
        .join(Schedule, Schedule.id == Airing.schedule_id)
        .where(Schedule.kind == Kind.REPEATING, here.correlate(Airing), Airing.planned_at <= now + SOON)
        .where(Airing.expires > now)
    ).all()
    # An alarm that repeats itself would break the silence a few minutes later.
    wanted = (Airing.planned_at <= max(now + SOON, until or now)) | Airing.schedule_id.in_(due)
    return session.scalars(usual.where(wanted).order_by(Airing.id).with_for_update()).all()


def _take(session: Session, airing: Airing, inside: Collection[str], *, reason: str, now: datetime) -> None:
    elsewhere = select(Delivery.speaker_id).where(Delivery.airing_id == airing.id, Delivery.unit_id.not_in(inside))
    if session.scalars(elsewhere.limit(1)).first() is None:
        cancelling.cancel_airing(session, airing, reason=reason, now=now)
        return
    speakers = cancelling.cancel_deliveries(session, airing.id, now=now, reason=STOPPED, units=inside)
    following.follow(session, {airing.id: State(airing.state)}, [airing.id], now=now)
    outbox.want(session, "manifest", speakers, now=now)


def _write_down(session: Session, actor: Actor, order: Silence, *, now: datetime) -> None:
    details = {
        "reason": order.reason,
        "silence": order.id,
        "until": order.until.isoformat() if order.until else None,
        "due": order.due,
        "later": order.later,
    }
    unit = order.unit_id
    audit.record(session, actor, "stop_everything", ("unit", unit), now=now, unit=unit, details=details)


def _due(session: Session, order: Silence) -> dict[str, list[Delivery]]:
    found: dict[str, list[Delivery]] = {}
    for row in session.scalars(select(Delivery).where(Delivery.airing_id.in_(order.due))):
        found.setdefault(row.speaker_id, []).append(row)
    return found


def _silent(session: Session, order: Silence) -> dict[str, datetime]:
    """When each speaker signed that it had stopped, the latest."""
    told = select(StoredReceipt.speaker_id, StoredReceipt.at_ms).where(
        StoredReceipt.airing_id.in_(order.due),
        StoredReceipt.event == Event.CANCELLED,
        StoredReceipt.received_at >= order.asked_at,
    )
    rows = session.execute(told.order_by(StoredReceipt.at_ms))
    return {row.speaker_id: moment(row.at_ms) for row in rows}


def _hushed(speaker: Speaker, due: Sequence[Delivery], silent: datetime | None) -> Hushed:
    started = [row for row in due if row.started_at is not None]
    hush, at = Hush.QUIET, None
    if silent is not None and started:
        hush, at = Hush.SILENT, silent
    elif started and all(row.state in {delivery.State.FINISHED, delivery.State.HEARD} for row in started):
        hush = Hush.ENDED
    elif not speaker.online:
        hush = Hush.UNREACHABLE
    elif started:
        hush = Hush.WAITING
    return Hushed(speaker.id, speaker.name, speaker.unit_id, hush, at, concerned=bool(due))
