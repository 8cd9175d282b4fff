"""Things of loudspeakers for the table of rights: one of them, an order to be silent, two airings that meet."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.services.actor import Actor
from broadcaster.services.airtime import airings, stopping
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice
from tests import cast

# A loudspeaker's settings as a page sends them.
FIELDS = {"volume_max": "80", "lead_ms": "0", "tail_ms": "0", "test_day": "0", "test_at": "09:00", "ahead_days": "3"}


def one(session: Session, unit: str, writer: Actor, *, now: datetime) -> dict[str, str]:
    """A loudspeaker of the commune's second village or of its neighbour, and an order its commune was given."""
    speaker = cast.SPEAKERS[1] if unit == cast.COMMUNE else cast.OTHER_SPEAKER
    order = stopping.stop_everything(session, writer, unit, reason="Nhầm", now=now)
    return {"unit": unit, "unit_id": unit, "speaker_id": speaker, "silence_id": order.id}


def two_that_meet(session: Session, unit: str, writer: Actor, approver: Actor, *, now: datetime) -> dict[str, str]:
    """Two priority airings at one moment."""
    made = [airing(session, unit, writer, approver, now=now) for _ in range(2)]
    return {"unit": unit, "order": ",".join(made)}


def airing(
    session: Session,
    unit: str,
    writer: Actor,
    approver: Actor,
    *,
    now: datetime,
    klass: str = "priority",
    title: str = "Họp",
) -> str:
    """An approved announcement planned in an hour; its airing."""
    draft = cast.draft(unit_id=unit, klass=klass, title=title, audience=[AudienceChoice("unit", unit)])
    written = announcements.write(session, writer, draft, now=now)
    cast.give_clips(session, written)
    announcements.submit(session, writer, written.id, now=now)
    announcements.approve(session, approver, written.id, content_sha256=written.content_sha256 or "", now=now)
    return airings.air(session, writer, written.id, at=now + timedelta(hours=1), now=now).id


def bodies(thing: dict[str, str]) -> dict[str, Any]:
    """What a program sends, by the last word of the route."""
    return {
        "place": {"latitude": 21.05, "longitude": 104.3},
        "order": {"airings": thing.get("order", "").split(",")},
        "{speaker_id}": {"volume_max": 80, "ahead_days": 3},
    }
