"""Airings laid down: many at once, each with its deliveries, what must be published, and what is mirrored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import airing as rules
from broadcaster.domain import delivery
from broadcaster.domain.airing import Event, State
from broadcaster.domain.audience import Place
from broadcaster.domain.schedule import Moment
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import mirrors
from broadcaster.store import outbox
from broadcaster.store.tables import Airing, Announcement, Delivery, Schedule
from broadcaster.store.upsert import upsert
from firmware_config.protocol import Klass

FULL_VOLUME = 100
"""What an airing asks for; the ceilings of class, hour and speaker make it less."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Joined:
    """An airing that is there already."""

    id: str
    state: str
    created_at: datetime
    expires: datetime
    speakers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Laid:
    """One moment of a schedule, and what becomes of it on each speaker."""

    id: str
    schedule: Schedule
    announcement: Announcement
    moment: Moment
    audience: Sequence[Place]
    sound_ms: int
    state: State = State.PLANNED
    reason: str = ""
    """Why it is not planned at all."""
    barred: Mapping[str, str] = field(default_factory=dict)
    """On which speakers it will not be heard, and why."""
    expires: datetime | None = None
    """None = when the last of it can have been played."""
    standby: bool = False
    joins: Joined | None = None
    """The airing that is there already, for others of its audience."""

    @property
    def open(self) -> Iterable[str]:
        """The speakers that are to play it."""
        if self.state is not State.PLANNED:
            return ()
        return (place.speaker for place in self.audience if place.speaker not in self.barred)

    def sketch(self) -> Airing:
        """As the airing it will be; of no session."""
        return Airing(
            id=self.id,
            klass=self.announcement.klass,
            planned_at=self.moment.at,
            sound_ms=self.sound_ms,
            standby=self.standby,
        )


def lay(session: Session, wanted: Sequence[Laid], *, now: datetime, mirror: bool = True) -> list[Laid]:
    """Write those that are not there yet; of several planners one wins by UNIQUE(schedule_id, planned_at).

    What joins an airing adds its deliveries alone. Without `mirror` chat groups are not told yet.
    """
    session.flush()
    rows = {one.id: _airing(one, now) for one in wanted if one.joins is None}
    upsert(session, Airing, list(rows.values()), change=())
    there = _there(session, list(rows))
    laid = [one for one in wanted if one.joins or one.id in there]
    heard = [row for one in laid for row in deliveries(one, one.joins or rows[one.id]["expires"], now)]
    upsert(session, Delivery, heard, change=())
    for one in laid:
        if one.joins is not None and one.joins.state == State.REFUSED and any(one.open):
            _allow(session.get_one(Airing, one.id))
    outbox.want(session, "manifest", {speaker for one in laid for speaker in one.open}, now=now)
    for one in laid:
        if one.announcement.klass == Klass.EMERGENCY and one.moment.at <= now and any(one.open) and not one.standby:
            latest = rules.latest_start(one.moment.at, one.announcement.klass)
            outbox.want(session, "live", [one.id], now=now, expires=one.expires or latest)
    if mirror:
        _mirror(session, laid, now)
    return laid


def _allow(airing: Airing) -> None:
    airing.state, airing.ended_at = rules.step(State(airing.state), Event.ALLOW), None
    airing.cancel_reason = ""


def laid_now(now: datetime, **facts: Any) -> Laid:  # noqa: ANN401  (fields of Laid)
    """One with a new id."""
    return Laid(id=new_id(now), **facts)


def only_open(one: Laid) -> Laid:
    """The same for those alone that are to play it."""
    return replace(one, audience=[place for place in one.audience if place.speaker not in one.barred], barred={})


def _there(session: Session, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for at in range(0, len(ids), CHUNK):
        found |= set(session.scalars(select(Airing.id).where(Airing.id.in_(ids[at : at + CHUNK]))))
    return found


def _mirror(session: Session, laid: Sequence[Laid], now: datetime) -> None:
    # The first airing of an announcement is what readers are told; later ones change nothing there.
    heard = (one for one in reversed(laid) if (one.joins or any(one.open)) and not one.standby)
    first = {one.announcement.id: one for one in heard}
    if first and mirrors.anybody(session):
        for one in first.values():
            mirrors.owe(session, one.announcement, now=now, airing=session.get_one(Airing, one.id))


def _airing(one: Laid, now: datetime) -> dict[str, Any]:
    announcement, at = one.announcement, one.moment.at
    over = one.state is not State.PLANNED
    return {
        "id": one.id,
        "announcement_id": announcement.id,
        "schedule_id": one.schedule.id,
        "planned_at": at,
        "wall": one.moment.wall,
        "zone": one.schedule.zone,
        "revision": announcement.revision,
        "klass": announcement.klass,
        "kind": announcement.kind,
        "state": one.state.value,
        "latest_start": one.expires or rules.latest_start(at, announcement.klass),
        "expires": one.expires or rules.expiry(at, announcement.klass, one.sound_ms),
        "sound_ms": one.sound_ms,
        "standby": one.standby,
        "max_starts": rules.MAX_STARTS,
        "volume": FULL_VOLUME,
        "item_order": 0,
        "languages": [],
        "created_by": one.schedule.created_by,
        "created_at": now,
        "cancel_reason": one.reason,
        "ended_at": now if over else None,
    }


def deliveries(one: Laid, there: datetime | Joined, now: datetime) -> Iterable[dict[str, Any]]:
    """Its rows, one for each speaker of the audience; `there` = when it expires, or the airing they are added to."""
    expires, created = (there.expires, there.created_at) if isinstance(there, Joined) else (there, now)
    every = {"missed": delivery.State.MISSED, "refused": delivery.State.REFUSED}.get(one.state)
    for place in one.audience:
        reason = one.barred.get(place.speaker, one.reason)
        state = every or (delivery.State.REFUSED if reason else delivery.State.PLANNED)
        yield {
            "airing_id": one.id,
            "speaker_id": place.speaker,
            "unit_id": place.unit,
            "state": state.value,
            "attempt": 0,
            "expires": expires,
            "updated_at": now,
            # The airing's own moment says that no speaker was ever told of what was refused at once.
            "ended_at": created if reason else None,
            "reason": reason,
            "languages": [],
            "fallback": False,
        }
