"""The rows a manifest is made of, read for many speakers with a handful of queries."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from broadcaster.domain.rules_of_the_air import DEFAULT, parse
from broadcaster.store.tables import Airing, Delivery, GroupMember, Meta, RuleSet, Speaker, Unit
from firmware_config.protocol import Places, Rules

HORIZON = timedelta(hours=72)
TOMBSTONE = timedelta(days=1)
CHUNK = 500

SPEAKER: tuple[InstrumentedAttribute[Any], ...] = (
    Speaker.id,
    Speaker.unit_id,
    Speaker.languages,
    Speaker.volume_max,
    Speaker.volumes,
    Speaker.lead_ms,
    Speaker.tail_ms,
    Speaker.stagger_ms,
    Speaker.receipts_through,
)
UNIT: tuple[InstrumentedAttribute[Any], ...] = (Unit.id, Unit.parent_id, Unit.languages)
AIRING: tuple[InstrumentedAttribute[Any], ...] = (
    Delivery.speaker_id,
    Delivery.state,
    Airing.id,
    Airing.planned_at,
    Airing.latest_start,
    Airing.expires,
    Airing.klass,
    Airing.max_starts,
    Airing.volume,
    Airing.order,
    Airing.standby,
    Airing.languages,
    Airing.reference,
    Airing.cancelled_at,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a unit says to the speakers in it, its own word or inherited."""

    units: tuple[str, ...]
    """The unit first, then everything above it."""
    languages: tuple[str, ...]
    rules: Rules


@dataclass(frozen=True, slots=True)
class Site:
    """What is the same for every speaker."""

    epoch: int
    brokers: tuple[str, ...]
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One speaker's rows."""

    speaker: Row[Any]
    standing: Standing
    groups: tuple[str, ...]
    airings: Sequence[Row[Any]]


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
    standings = _standings(session)
    for at in range(0, len(wanted), CHUNK):
        ids = wanted[at : at + CHUNK]
        groups, airings = _groups(session, ids), _airings(session, ids, now)
        speakers = select(*SPEAKER).where(Speaker.id.in_(ids), Speaker.revoked_at.is_(None))
        for speaker in session.execute(speakers.order_by(Speaker.id)):
            places = tuple(sorted(groups[speaker.id]))
            yield Snapshot(speaker, standings[speaker.unit_id], places, airings[speaker.id])


def places_of(snapshot: Snapshot) -> Places:
    """Where the speaker stands, as the manifest says it."""
    return Places(units=snapshot.standing.units, groups=snapshot.groups)


def _groups(session: Session, ids: Sequence[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    rows = select(GroupMember.speaker_id, GroupMember.group_id).where(GroupMember.speaker_id.in_(ids))
    for speaker, group in session.execute(rows):
        found[speaker].append(group)
    return found


def _airings(session: Session, ids: Sequence[str], now: datetime) -> Mapping[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    rows = (
        select(*AIRING)
        .join(Airing, Airing.id == Delivery.airing_id)
        .where(
            Delivery.speaker_id.in_(ids),
            Delivery.expires > now - TOMBSTONE,
            Airing.planned_at <= now + HORIZON,
        )
        .order_by(Airing.planned_at, Airing.order, Airing.id)
    )
    for row in session.execute(rows):
        found[row.speaker_id].append(row)
    return found


class _Standings(dict[str, Standing]):
    """Worked out for a unit when it is first asked for."""

    def __init__(self, units: Mapping[str, Row[Any]], rules: Mapping[str, Rules]) -> None:
        super().__init__()
        self._units, self._rules = units, rules

    def __missing__(self, unit_id: str) -> Standing:
        unit = self._units[unit_id]
        above = self[unit.parent_id] if unit.parent_id else Standing((), (), DEFAULT)
        self[unit_id] = Standing(
            units=(unit_id, *above.units),
            languages=tuple(unit.languages) or above.languages,
            rules=self._rules.get(unit_id, above.rules),
        )
        return self[unit_id]


def _standings(session: Session) -> _Standings:
    rows: Iterable[Row[Any]] = session.execute(select(*UNIT))
    sets = session.execute(select(RuleSet.unit_id, RuleSet.rules).order_by(RuleSet.version))
    return _Standings({row.id: row for row in rows}, {unit: parse(rules) for unit, rules in sets})
