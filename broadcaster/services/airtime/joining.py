"""Airings that are there already for those who are planned further ahead; the rest of their audience joins them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State
from broadcaster.domain.schedule import Moment
from broadcaster.services.airtime.cases import Case, case_of, judged
from broadcaster.services.airtime.knowledge import Knowledge
from broadcaster.services.airtime.laying import Joined, Laid
from broadcaster.store.tables import Airing, Delivery

Key = tuple[str, datetime]
"""A schedule and a moment."""
OPEN = (State.PLANNED, State.REFUSED)


def there(session: Session, schedules: Collection[str], begin: datetime, end: datetime) -> Mapping[Key, Joined]:
    """The airings of these schedules in a stretch of time, whatever became of them, and who has each."""
    if not schedules:
        return {}
    mine = (Airing.schedule_id.in_(schedules), Airing.planned_at >= begin, Airing.planned_at < end)
    speakers: dict[str, set[str]] = defaultdict(set)
    heard = select(Delivery.airing_id, Delivery.speaker_id).join(Airing, Airing.id == Delivery.airing_id).where(*mine)
    for airing, speaker in session.execute(heard):
        speakers[airing].add(speaker)
    columns = (Airing.id, Airing.schedule_id, Airing.planned_at, Airing.state, Airing.created_at, Airing.expires)
    return {
        (row.schedule_id, row.planned_at): Joined(
            row.id, row.state, row.created_at, row.expires, frozenset(speakers[row.id])
        )
        for row in session.execute(select(*columns).where(*mine))
    }


def join(know: Knowledge, case: Case, moment: Moment, joined: Joined, *, now: datetime) -> Laid | None:
    """What becomes of it on those of the audience that do not have it; None where the airing is over."""
    if joined.state not in OPEN:
        return None
    missing = [place for place in case.audience if place.speaker not in joined.speakers]
    one = judged(know, case_of(know, case.schedule, case.announcement, missing), moment, now)
    return replace(one, id=joined.id, joins=joined)
