"""What an announcement will cost the loudspeakers' SIM cards, out of the rows."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, selectinload

from broadcaster.domain.announcement import State
from broadcaster.domain.audience import Place
from broadcaster.domain.audience import resolve as resolve_choices
from broadcaster.domain.data_cost import Cost, Line, cost
from broadcaster.services.places import audiences, units
from broadcaster.store import places
from broadcaster.store.tables import Airing, Announcement, Clip, Delivery, Speaker, Unit, Version
from firmware_config.protocol import Klass

BYTES_PER_LETTER = 230
"""Of a text nobody has read yet: thirteen letters a second at 24 kbit/s."""
CHUNK = 500


def foreseen(session: Session, announcement: Announcement, *, now: datetime) -> Cost:
    """The cost if it is heard once, or again while the loudspeakers keep its sound."""
    audience = resolve_choices(
        audiences.choices(announcement), places.tree(session), places.speakers_in_service(session)
    )
    documents = [announcement, *(part for part in announcement.parts if part.state != State.WITHDRAWN)]
    zone = ZoneInfo(units.zone_of(session, announcement.unit_id))
    kept = _kept(session, [place.speaker for place in audience], now)
    heard: dict[tuple[str, ...], dict[str, int]] = {}
    lines = []
    for row, wanted in _speakers(session, audience):
        if wanted not in heard:
            heard[wanted] = {name: size for each in documents for name, size in _sounds(session, each, wanted)}
        sounds = heard[wanted]
        missing = {name: size for name, size in sounds.items() if name not in kept[row.id]}
        used = _used(row, now, zone)
        lines.append(Line(row.id, missing, used, row.month_bytes, len(documents)))
    return cost(lines, Klass(announcement.klass))


def _speakers(session: Session, audience: Sequence[Place]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Each with the languages heard there, none = all."""
    known = {row.id: row for row in session.execute(select(Unit.id, Unit.parent_id, Unit.languages))}

    def inherited(unit: str | None) -> tuple[str, ...]:
        while unit is not None and not known[unit].languages:
            unit = known[unit].parent_id
        return tuple(known[unit].languages) if unit else ()

    columns = (Speaker.id, Speaker.unit_id, Speaker.languages, Speaker.month_bytes, Speaker.bytes_used)
    for ids in _chunks([place.speaker for place in audience]):
        for row in session.execute(select(*columns, Speaker.health_at).where(Speaker.id.in_(ids))):
            yield row, tuple(row.languages) or inherited(row.unit_id)


def _sounds(session: Session, announcement: Announcement, wanted: Collection[str]) -> Iterator[tuple[str, int]]:
    """The clips that are heard in these languages; by guess, what is not made yet."""
    if announcement.chime is not None:
        yield announcement.chime.sha256, announcement.chime.bytes
    for version in announcement.versions:
        if not wanted or version.language in wanted:
            yield _sound(session, version, announcement.repeat)


def _sound(session: Session, version: Version, repeat: int) -> tuple[str, int]:
    if version.clip is not None:
        return version.clip.sha256, version.clip.bytes
    recording = session.get(Clip, version.recording_sha256) if version.recording_sha256 else None
    if recording is not None:
        return version.id, recording.bytes * repeat
    return version.id, len(version.text) * BYTES_PER_LETTER * repeat


def _used(row: Row[Any], now: datetime, zone: ZoneInfo) -> int:
    """In this month; what it said in another one is over."""
    if row.health_at is None:
        return 0
    here, then = now.astimezone(zone), row.health_at.astimezone(zone)
    return int(row.bytes_used or 0) if (here.year, here.month) == (then.year, then.month) else 0


def _kept(session: Session, speakers: Sequence[str], now: datetime) -> Mapping[str, set[str]]:
    """The clips each loudspeaker has said to hold for what it may still play."""
    held: dict[str, set[str]] = defaultdict(set)
    for ids in _chunks(speakers):
        query = select(Delivery.speaker_id, Airing.announcement_id).join(Airing, Airing.id == Delivery.airing_id)
        stored = query.where(Delivery.speaker_id.in_(ids), Delivery.stored_at.is_not(None), Delivery.expires > now)
        for speaker, announcement in session.execute(stored.distinct()):
            held[speaker].add(announcement)
    named = _clips_of(session, set[str]().union(*held.values()))
    return defaultdict(set, {speaker: set[str]().union(*(named[one] for one in of)) for speaker, of in held.items()})


def _clips_of(session: Session, announcements: Collection[str]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for ids in _chunks(sorted(announcements)):
        wanted = select(Announcement).options(selectinload(Announcement.versions)).where(Announcement.id.in_(ids))
        for row in session.scalars(wanted):
            found[row.id] |= {one.clip_sha256 for one in row.versions if one.clip_sha256}
            found[row.id] |= {row.chime_sha256} if row.chime_sha256 else set()
    return found


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[at : at + CHUNK] for at in range(0, len(names), CHUNK))
