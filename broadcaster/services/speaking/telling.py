"""What one speaker is told now, out of its rows: as a digest that costs little, and as a manifest."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from broadcaster.domain import airing as rules
from broadcaster.domain import delivery
from broadcaster.services.moments import millis
from broadcaster.services.speaking.snapshot import Part, Site, Snapshot, is_strict, places_of
from firmware_config.protocol import Item, Klass, Manifest, Millis, Weekly

FORM = 2
"""To be raised when the same rows make another manifest than before."""
OVER = frozenset(state.value for state in delivery.ENDED)
READY_FOR = timedelta(hours=48)
"""A speaker takes no longer window than this; what stands by longer is told anew every day."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """A speaker's rows, and which of its airings it is told of."""

    snapshot: Snapshot
    open: Sequence[Row[Any]]
    cancelled: tuple[str, ...]
    missing: tuple[tuple[Millis, str], ...]
    """What is taken back by not being told, by the moment at which it would have begun."""
    days: Mapping[str, int]
    """Of each airing that stands by, how many days ago it was planned: so often it was told anew."""


def told_now(snapshot: Snapshot, now: datetime) -> Told:
    """What it is told at this moment."""
    going = [part.airing for part in snapshot.airings if _is_open(part, now)]
    taken_back = [part for part in snapshot.airings if _is_taken_back(part)]
    named = tuple(sorted(part.airing.id for part in taken_back if not part.missing))
    missing = tuple((_start(part.airing), part.airing.id) for part in taken_back if part.missing)
    days = {row.id: max(now - row.planned_at, timedelta()) // DAY for row in going if row.standby}
    return Told(snapshot, going, named, missing, days)


def _start(row: Row[Any]) -> Millis:
    return millis(rules.begins(row.planned_at, row.hold_until))


def _is_open(part: Part, now: datetime) -> bool:
    row = part.airing
    return part.state not in OVER and row.cancelled_at is None and row.reference is not None and row.expires > now


def _is_taken_back(part: Part) -> bool:
    if part.airing.cancelled_at is not None or part.state == delivery.State.CANCELLED:
        return True
    return part.state == delivery.State.REFUSED and not part.untold


class Digests:
    """The digest of all that a manifest says but its number, its dates and its confirmation."""

    def __init__(self, facts: Site, keys_version: int) -> None:
        self._site = repr((FORM, facts, keys_version))
        self._written: dict[int, tuple[object, str]] = {}
        """By identity, with the object itself, so that no other one gets its identity."""

    def of(self, told: Told) -> str:
        """The same for the same rows."""
        snapshot = told.snapshot
        speaker = snapshot.speaker
        own = (
            speaker.id,
            snapshot.standing.units,
            snapshot.groups,
            snapshot.languages,
            speaker.volume_max,
            sorted(speaker.volumes.items()),
            (speaker.lead_ms, speaker.tail_ms, speaker.stagger_ms),
            (speaker.sink, speaker.month_bytes, is_strict(speaker)),
            (speaker.test_day, speaker.test_minute, speaker.test_silent),
            (told.cancelled, told.days),
            snapshot.exempt,
            speaker.ahead_days,
        )
        airings = map(self._once, told.open)
        text = "".join([self._site, self._once(snapshot.rules), repr(own), *airings])
        return hashlib.sha256(text.encode()).hexdigest()

    def _once(self, shared: Sequence[object]) -> str:
        # Speakers of one place share their chain, and those of one audience their airings: each is written out once.
        found = self._written.get(id(shared))
        if found is None:
            found = self._written[id(shared)] = shared, repr(tuple(shared))
        return found[1]


def manifest(told: Told, facts: Site, *, keys_version: int) -> Manifest:
    """All of it, with version and dates still open."""
    speaker = told.snapshot.speaker
    return Manifest(
        device=speaker.id,
        epoch=facts.epoch,
        version=0,
        issued=0,
        valid_until=0,
        receipts_through=speaker.receipts_through,
        items=tuple(_item(row, told) for row in told.open),
        cancelled=told.cancelled,
        places=places_of(told.snapshot),
        rules=told.snapshot.rules,
        volume_max=speaker.volume_max,
        volumes={klass: min(speaker.volume_max, speaker.volumes.get(klass, 100)) for klass in Klass},
        lead_ms=speaker.lead_ms,
        tail_ms=speaker.tail_ms,
        keys_version=keys_version,
        brokers=facts.brokers,
        urls=facts.urls,
        exempt=told.snapshot.exempt,
        stagger_ms=speaker.stagger_ms,
        **_later(told),
    )


def _later(told: Told) -> Mapping[str, Any]:
    """What the speakers of the first versions do not know and would refuse the whole manifest for."""
    speaker = told.snapshot.speaker
    if is_strict(speaker):
        return {}
    weekly = Weekly(speaker.test_day, speaker.test_minute, speaker.test_silent)
    # Up to and with that moment.
    through = millis(told.snapshot.until) + 1
    return {"sink": speaker.sink, "month_bytes": speaker.month_bytes, "weekly": weekly, "through": through}


def _item(row: Row[Any], told: Told) -> Item:
    start, latest, expires = rules.begins(row.planned_at, row.hold_until), row.latest_start, row.expires
    if row.standby:
        start += DAY * told.days[row.id]
        latest = expires = min(expires, start + READY_FOR)
    return Item(
        airing=row.id,
        announcement=row.reference,
        start=millis(start),
        latest_start=millis(latest),
        expires=millis(expires),
        klass=Klass(row.klass),
        max_starts=row.max_starts,
        volume=row.volume,
        languages=tuple(row.languages or told.snapshot.languages),
        order=row.order,
        standby=row.standby,
    )
