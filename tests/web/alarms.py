"""Alerts and drills as things that routes are asked about."""

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.services.actor import Actor
from broadcaster.services.alarms import drills, emergencies
from broadcaster.services.alarms.drills import Practice
from broadcaster.services.alarms.emergencies import Alert
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.tables import Announcement
from tests import cast

SLOTS = {"place": "xã", "time": "từ bây giờ", "action": "Lên chỗ cao."}
FORM = {f"{slot}-vi": text for slot, text in SLOTS.items()}


def alarm(session: Session, state: str, unit: str, writer: Actor, approver: Actor, *, now: datetime) -> Announcement:
    """An alert or a drill for a unit, as far as `state` says: "alert", "drill approved", "alert sent" …"""
    kind, _, far = state.partition(" ")
    where = [AudienceChoice("unit", unit)]
    if kind == "alert":
        made = emergencies.draft(session, writer, Alert("flood", 3, unit, where, {"vi": SLOTS}), now=now)
    else:
        made = drills.draft(session, writer, Practice("fire", unit, where, {"vi": SLOTS}), now=now)
    cast.give_clips(session, made)
    if far:
        cast.approve(session, approver, cast.submit(session, writer, made.id, now=now), now=now)
    if far == "sent":
        emergencies.send(session, writer, made.id, place=cast.NAMES[unit], now=now)
    return made


def written(unit: str) -> dict[str, object]:
    """What a program sends to write one."""
    return {"unit": unit, "audience": [{"kind": "unit", "ref": unit}], "slots": {"vi": SLOTS}}
