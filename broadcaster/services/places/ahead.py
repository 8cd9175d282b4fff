"""Speakers that hold a newer manifest than we ever built: a backup was restored, or somebody else signs for us.

Such a speaker refuses whatever we send, so this is an alarm and never passes in silence.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM
from broadcaster.store.tables import Speaker, SpeakerManifest
from broadcaster.store.upsert import update_many

AHEAD = "ahead"
"""The problem's name, among those a speaker tells of itself."""


def note(session: Session, told: Mapping[str, tuple[int, int]], *, now: datetime) -> set[str]:
    """Those who told of a newer (epoch, version) than ours; who had not before gets the problem and a line of audit."""
    columns = (Speaker.id, Speaker.unit_id, Speaker.problems, SpeakerManifest.epoch, SpeakerManifest.version)
    rows = select(*columns).outerjoin(SpeakerManifest, SpeakerManifest.speaker_id == Speaker.id)
    rows = rows.where(Speaker.id.in_(told)).order_by(Speaker.id)
    found, marked = set(), []
    for speaker, unit, problems, epoch, version in session.execute(rows):
        if told[speaker] <= (epoch or 0, version or 0):
            continue
        found.add(speaker)
        if AHEAD not in problems:
            marked.append({"id": speaker, "problems": [*problems, AHEAD]})
            details = {"has": list(told[speaker]), "ours": [epoch or 0, version or 0]}
            audit.record(session, SYSTEM, AHEAD, ("speaker", speaker), now=now, unit=unit, details=details)
    update_many(session, Speaker, marked, key=("id",))
    return found
