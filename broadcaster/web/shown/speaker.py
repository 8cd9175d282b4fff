"""One loudspeaker: how it is, where it hangs, what it will play and what it has played."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import NotFound
from broadcaster.domain.playing_list import Fate
from broadcaster.domain.where import Where
from broadcaster.services.places import boxes
from broadcaster.services.places.health import standings
from broadcaster.services.speaking import playing_list
from broadcaster.services.speaking.playing_list import Expected
from broadcaster.store.tables import Airing, Announcement, Delivery, Speaker
from broadcaster.web.i18n import ZONE
from broadcaster.web.labels import BARRED, DELIVERY, KLASS, N_, REASON, Label, label
from broadcaster.web.shown.board_row import latest
from broadcaster.web.shown.health import HealthView, health_view
from broadcaster.web.shown.places import Item, item
from broadcaster.web.shown.sight import Sight

PLAYS = 10
WILL = {
    "plays": Label(N_("Will play"), "clock", "wait"),
    "waits": Label(N_("Will play after others"), "clock", "wait"),
    "barred": Label(N_("Will not play"), "mute", "off"),
    "late": Label(N_("Will not play"), "warning", "bad"),
}
NO_ROOM = N_("others play until its time is over")


@dataclass(frozen=True, slots=True)
class Coming:
    """One line of the playing list."""

    airing: str
    title: str
    klass: Label
    state: Label
    planned_at: datetime
    day: datetime
    clock: str
    """From when to when it sounds, on the village clock; the planned hour where it does not."""
    reason: str


@dataclass(frozen=True, slots=True)
class Played:
    """One line of what it has played."""

    airing: str
    title: str
    state: Label
    at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class SpeakerView:
    """All that its page shows."""

    item: Item
    unit_id: str
    path: tuple[str, ...]
    """The names of its unit and those above, topmost first."""
    where: Where
    stagger_ms: int
    volume_max: int
    lead_ms: int
    tail_ms: int
    health: HealthView
    in_service: bool
    coming: tuple[Coming, ...]
    hours: int
    plays: tuple[Played, ...]
    """Those of the boxes that hung here before too."""
    older: tuple[Speaker, ...]
    """The boxes that hung here before, the last one first."""
    newer: str | None
    """The box that hangs here now, where this one was replaced."""
    revoked_reason: str


def find_speaker(session: Session, seen: Sight, speaker_id: str) -> Speaker:
    """One loudspeaker within sight; what may not be seen is said not to exist."""
    found = session.get(Speaker, speaker_id)
    if found is None or found.unit_id not in seen.units:
        raise NotFound(what="speaker", id=speaker_id)
    return found


def speaker_view(session: Session, seen: Sight, speaker: Speaker, *, hours: int, now: datetime) -> SpeakerView:
    """The loudspeaker with its next `hours`."""
    in_service = speaker.revoked_at is None
    length = timedelta(hours=hours)
    coming = playing_list.expected(session, speaker, now=now, length=length) if in_service else []
    boxes_here = boxes.line_of(session, speaker)
    standing = next(one for one in standings(session, {speaker.unit_id}, now=now) if one.id == speaker.id)
    return SpeakerView(
        item=item(speaker, seen, standing.alarms),
        unit_id=speaker.unit_id,
        path=tuple(seen.names_of(unit) for unit in seen.tree.path(speaker.unit_id)),
        where=Where(speaker.latitude, speaker.longitude, speaker.post or ""),
        stagger_ms=speaker.stagger_ms,
        volume_max=speaker.volume_max,
        lead_ms=speaker.lead_ms,
        tail_ms=speaker.tail_ms,
        health=health_view(speaker, standing),
        in_service=in_service,
        coming=tuple(_coming(one) for one in coming),
        hours=hours,
        plays=tuple(_plays(session, [row.id for row in boxes_here])),
        older=tuple(boxes_here[1:]),
        newer=boxes.successor(session, speaker.id),
        revoked_reason=speaker.revoked_reason,
    )


def _coming(one: Expected) -> Coming:
    state = WILL["waits" if one.fate is Fate.PLAYS and one.waits else one.fate.value]
    at = one.start or one.planned_at
    clock = f"{at.astimezone(ZONE):%H:%M:%S}"
    if one.end is not None:
        clock += f"–{one.end.astimezone(ZONE):%H:%M:%S}"
    reason = NO_ROOM if one.fate is Fate.LATE else BARRED.get(one.reason, one.reason)
    return Coming(one.airing, one.title, label(KLASS, one.klass), state, one.planned_at, at, clock, reason)


def _plays(session: Session, speakers: Sequence[str]) -> list[Played]:
    query = (
        select(Delivery, Announcement.title)
        .join(Airing, Airing.id == Delivery.airing_id)
        .join(Announcement, Announcement.id == Airing.announcement_id)
        .where(Delivery.speaker_id.in_(speakers), Delivery.started_at.is_not(None))
        .order_by(Delivery.started_at.desc())
    )
    return [
        Played(
            row.airing_id,
            title,
            label(DELIVERY, row.state),
            row.started_at or latest(row),
            REASON.get(row.reason, row.reason),
        )
        for row, title in session.execute(query.limit(PLAYS))
    ]
