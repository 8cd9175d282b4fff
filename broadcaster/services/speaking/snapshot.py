"""The rows a manifest is made of, read for many speakers with a handful of queries."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from broadcaster.domain import delivery
from broadcaster.domain.audience import Place
from broadcaster.domain.schedule import HORIZON, NEAR_DAYS, seen_until
from broadcaster.services.hours.book import Book
from broadcaster.store.tables import Airing, Delivery, GroupMember, Meta, Speaker
from firmware_config.protocol import Exempt, Places, Rules

TOMBSTONE = timedelta(days=1)
CHUNK = 500
STRICT_AGENTS = ("loa-agent 0.1.", "loa-agent 0.2.")
TAKEN_BACK = frozenset({delivery.State.CANCELLED, delivery.State.REFUSED})

SPEAKER: tuple[InstrumentedAttribute[Any], ...] = (
    Speaker.id,
    Speaker.unit_id,
    Speaker.languages,
    Speaker.volume_max,
    Speaker.volumes,
    Speaker.lead_ms,
    Speaker.tail_ms,
    Speaker.stagger_ms,
    Speaker.sink,
    Speaker.month_bytes,
    Speaker.test_day,
    Speaker.test_minute,
    Speaker.test_silent,
    Speaker.agent,
    Speaker.receipts_through,
    Speaker.ahead_days,
)
# Columns of the table and not of the class: of these there are many, and nobody needs objects.
_OF_AIRING = Airing.__table__.c
AIRING = (
    _OF_AIRING.id,
    _OF_AIRING.planned_at,
    _OF_AIRING.latest_start,
    _OF_AIRING.expires,
    _OF_AIRING.klass,
    _OF_AIRING.max_starts,
    _OF_AIRING.volume,
    _OF_AIRING.item_order.label("order"),
    _OF_AIRING.standby,
    _OF_AIRING.hold_until,
    _OF_AIRING.languages,
    _OF_AIRING.reference,
    _OF_AIRING.cancelled_at,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a unit says to the speakers in it, its own word or inherited."""

    units: tuple[str, ...]
    """The unit first, then everything above it."""
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """What is the same for every speaker."""

    epoch: int
    brokers: tuple[str, ...]
    urls: tuple[str, ...]


class Part(NamedTuple):
    """One airing on one speaker."""

    airing: Row[Any]
    """The same object for all speakers that have it."""
    state: str
    untold: bool
    """It ended the moment it was planned, so no speaker was ever told of it."""
    missing: bool
    """It is taken back by not being among the items, unless these have to be cut before it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One speaker's rows."""

    speaker: Row[Any]
    until: datetime
    """So far it is told what it will play."""
    standing: Standing
    groups: tuple[str, ...]
    airings: Sequence[Part]
    rules: tuple[Rules, ...]
    """The whole chain of its units, the same object for all speakers that have the same."""
    exempt: tuple[Exempt, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """In which order versions are heard here."""
        return tuple(self.speaker.languages) or self.standing.languages


def site(session: Session) -> Site:
    """The facts of this installation, from Meta."""
    found = dict(session.execute(select(Meta.key, Meta.value)).all())
    return Site(
        epoch=int(found.get("epoch", "1")),
        brokers=tuple(json.loads(found.get("brokers", "[]"))),
        urls=tuple(json.loads(found.get("urls", "[]"))),
    )


def snapshots(session: Session, speaker_ids: Iterable[str], *, now: datetime) -> Iterator[Snapshot]:
    """Of each speaker that is in service; one that was revoked or never was is left out."""
    wanted = sorted(set(speaker_ids))
    book = Book(session, now)
    standings = _Standings(book.units)
    for at in range(0, len(wanted), CHUNK):
        ids = wanted[at : at + CHUNK]
        chosen = select(*SPEAKER).where(Speaker.id.in_(ids), Speaker.revoked_at.is_(None), Speaker.pretend.is_(False))
        speakers = session.execute(chosen.order_by(Speaker.id)).all()
        until = {speaker.id: seen_until(now, days_ahead(speaker)) for speaker in speakers}
        groups, airings = _groups(session, ids), _airings(session, until, now)
        for speaker in speakers:
            place = Place(speaker.id, speaker.unit_id)
            yield Snapshot(
                speaker=speaker,
                until=until[speaker.id],
                standing=standings[speaker.unit_id],
                groups=tuple(sorted(groups[speaker.id])),
                airings=airings[speaker.id],
                rules=book.chain(place),
                exempt=book.exempts(place),
            )


def days_ahead(speaker: Row[Any]) -> int:
    """How many days ahead its program takes: those of the first versions refuse more than three."""
    return NEAR_DAYS if is_strict(speaker) else int(speaker.ahead_days)


def is_strict(speaker: Row[Any]) -> bool:
    """Whether its program refuses a manifest that says more than it knows of."""
    return (speaker.agent or "").startswith(STRICT_AGENTS)


def unpacks(speaker: Row[Any]) -> bool:
    """Whether its program is known to unpack a packed manifest: that of the first versions does not."""
    return bool(speaker.agent) and not is_strict(speaker)


def places_of(snapshot: Snapshot) -> Places:
    """Where the speaker stands, as the manifest says it."""
    return Places(units=snapshot.standing.units, groups=snapshot.groups)


def _groups(session: Session, ids: Sequence[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    rows = select(GroupMember.speaker_id, GroupMember.group_id).where(GroupMember.speaker_id.in_(ids))
    for speaker, group in session.execute(rows):
        found[speaker].append(group)
    return found


def _airings(session: Session, until: Mapping[str, datetime], now: datetime) -> Mapping[str, list[Part]]:
    if not until:
        return defaultdict(list)
    of = Delivery.__table__.c
    in_sight = or_(_OF_AIRING.planned_at <= max(until.values()), of.state.in_(TAKEN_BACK))
    mine = (of.speaker_id.in_(until), of.expires > now - TOMBSTONE, in_sight)
    untold = func.coalesce(of.ended_at == _OF_AIRING.created_at, false())
    # Many speakers share an airing: it is read once and not with each delivery.
    rows = session.execute(
        select(of.speaker_id, of.airing_id, of.state, untold)
        .join(Airing.__table__, _OF_AIRING.id == of.airing_id)
        .where(*mine)
        .order_by(_OF_AIRING.planned_at, _OF_AIRING.item_order, _OF_AIRING.id)
    ).all()
    known = _known(session, {row[1] for row in rows})
    found: dict[str, list[Part]] = defaultdict(list)
    for speaker, airing, state, was_untold in rows:
        row = known[airing]
        taken_back = row.cancelled_at is not None or state in TAKEN_BACK
        if taken_back or row.planned_at <= until[speaker]:
            # So that rescheduling weeks costs no weeks of names.
            missing = taken_back and now + HORIZON < row.planned_at <= until[speaker]
            found[speaker].append(Part(row, state, was_untold, missing))
    return found


def _known(session: Session, airings: Collection[str]) -> Mapping[str, Row[Any]]:
    wanted: list[str] = sorted(airings)
    found: dict[str, Any] = {}
    for at in range(0, len(wanted), CHUNK):
        for row in session.execute(select(*AIRING).where(_OF_AIRING.id.in_(wanted[at : at + CHUNK]))):
            found[row.id] = row
    return found


class _Standings(dict[str, Standing]):
    """Worked out for a unit when it is first asked for."""

    def __init__(self, units: Mapping[str, Row[Any]]) -> None:
        super().__init__()
        self._units = units

    def __missing__(self, unit_id: str) -> Standing:
        unit = self._units[unit_id]
        above = self[unit.parent_id] if unit.parent_id else Standing((), ())
        self[unit_id] = Standing((unit_id, *above.units), tuple(unit.languages) or above.languages)
        return self[unit_id]
