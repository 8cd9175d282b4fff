"""What one loudspeaker will play, from the rows its next manifest is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import playing_list as foretelling
from broadcaster.domain.delivery import State
from broadcaster.domain.playing_list import Fate, Planned
from broadcaster.services.airtime.cancelling import OPEN_DELIVERIES
from broadcaster.services.hours import asking
from broadcaster.services.moments import millis, moment
from broadcaster.store import places
from broadcaster.store.tables import Airing, Announcement, Delivery, Speaker
from firmware_config.protocol import PAUSE_MS, Kind, Klass, Millis, Played, Sound

LONGEST = timedelta(hours=72)
BEHIND = timedelta(days=2)
TO_COME = [state for state in OPEN_DELIVERIES if state != State.STARTED]


@dataclass(frozen=True, slots=True)
class Expected:
    """One airing on this loudspeaker; `start` and `end` are its sound, None where it will not be heard."""

    airing: str
    announcement: str
    title: str
    klass: str
    kind: str
    planned_at: datetime
    fate: Fate
    start: datetime | None = None
    end: datetime | None = None
    reason: str = ""
    """Why it will not be heard."""
    waits: bool = False
    """Others are before it."""


def expected(session: Session, speaker: Speaker, *, now: datetime, length: timedelta) -> list[Expected]:
    """What it will play, and what it will not and why, in order; `length` is 72 hours at most."""
    until = now + min(length, LONGEST)
    wanted = languages(session, speaker)
    rows = _rows(session, speaker, now=now, until=until)
    known = {airing.id: (airing, announcement) for _, airing, announcement in rows}
    planned = [
        _planned(airing, announcement, _sound_ms(airing, announcement, wanted))
        for delivery, airing, announcement in rows
        if delivery.state in TO_COME
    ]
    told = foretelling.playing_list(planned, _circumstances(session, speaker, now=now), now=millis(now))
    found = [_expected(*known[one.planned.airing], one) for one in told]
    found += [
        Expected(*_facts(airing, announcement), Fate.BARRED, reason=delivery.reason)
        for delivery, airing, announcement in rows
        if delivery.state == State.REFUSED
    ]
    return sorted(found, key=lambda one: (one.start or one.planned_at, one.airing))


def _rows(
    session: Session, speaker: Speaker, *, now: datetime, until: datetime
) -> Sequence[tuple[Delivery, Airing, Announcement]]:
    query = (
        select(Delivery, Airing, Announcement)
        .join(Airing, Airing.id == Delivery.airing_id)
        .join(Announcement, Announcement.id == Airing.announcement_id)
        .where(Delivery.speaker_id == speaker.id, Delivery.state.in_([*TO_COME, State.REFUSED]))
        .where(Delivery.expires > now, Airing.planned_at <= until, Airing.standby.is_(False))
    )
    rows = [(row[0], row[1], row[2]) for row in session.execute(query.order_by(Airing.planned_at, Airing.id))]
    return [row for row in rows if row[0].state != State.REFUSED or row[1].planned_at >= now]


def _circumstances(session: Session, speaker: Speaker, *, now: datetime) -> foretelling.Speaker:
    here = [place for place in places.speakers_in_service(session) if place.speaker == speaker.id]
    heard, busy = _heard(session, speaker, now=now)
    return foretelling.Speaker(
        rules=asking.chains(session, here, now=now).get(speaker.id, ()),
        exempt=asking.exempts(session, here, now=now).get(speaker.id, ()),
        heard=heard,
        lead_ms=speaker.lead_ms,
        tail_ms=speaker.tail_ms,
        stagger_ms=speaker.stagger_ms,
        busy=busy,
    )


def _heard(session: Session, speaker: Speaker, *, now: datetime) -> tuple[tuple[Played, ...], Millis | None]:
    """What it has played, and until when what it has begun will last."""
    query = (
        select(Delivery.state, Delivery.started_at, Delivery.ms, Airing.sound_ms, Airing.klass)
        .join(Airing, Airing.id == Delivery.airing_id)
        .where(Delivery.speaker_id == speaker.id, Delivery.started_at > now - BEHIND)
    )
    plays, busy = [], None
    for row in session.execute(query):
        start = millis(row.started_at)
        end = start + (row.sound_ms if row.ms is None else row.ms)
        if row.klass != Klass.EMERGENCY:
            plays.append(Played(start, end))
        if row.state == State.STARTED and end > millis(now):
            busy = max(busy or 0, end + speaker.tail_ms)
    return tuple(sorted(plays)), busy


def _planned(airing: Airing, announcement: Announcement, ms: int) -> Planned:
    sound = Sound(
        Klass(airing.klass),
        Kind(airing.kind),
        announcement.category,
        announcement.id,
        millis(max(airing.begins, announcement.not_before or airing.begins)),
        ms,
    )
    expires = min(airing.expires, announcement.expires or airing.expires)
    return Planned(airing.id, sound, millis(airing.latest_start), millis(expires), airing.order)


def languages(session: Session, speaker: Speaker) -> Sequence[str]:
    """What is heard there in which order; empty = every version."""
    above = [unit.languages for unit in reversed(places.lineage(session, speaker.unit_id))]
    return next((found for found in (speaker.languages, *above) if found), [])


def _sound_ms(airing: Airing, announcement: Announcement, languages: Sequence[str]) -> int:
    """The chime, then the wanted versions, with a pause between each two."""
    wanted = airing.languages or languages
    spoken = [each.clip.ms for each in announcement.versions if each.clip and (each.language in wanted or not wanted)]
    clips = [*([announcement.chime.ms] if announcement.chime else []), *spoken]
    return sum(clips) + PAUSE_MS * (len(clips) - 1) if spoken else airing.sound_ms


def _facts(airing: Airing, announcement: Announcement) -> tuple[str, str, str, str, str, datetime]:
    return airing.id, announcement.id, announcement.title, airing.klass, airing.kind, airing.planned_at


def _expected(airing: Airing, announcement: Announcement, one: foretelling.Expected) -> Expected:
    return Expected(
        *_facts(airing, announcement),
        one.fate,
        start=None if one.start is None else moment(one.start),
        end=None if one.end is None else moment(one.end),
        reason=one.reason or "",
        waits=one.waits,
    )
