"""What was said in communes, as rows: announcements with their airings and what became of them on each loudspeaker."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from broadcaster.services.ids import new_id
from broadcaster.store.tables import Airing, Announcement, Delivery, Override, Schedule, Speaker, Version

ENDED_WELL = {"heard", "finished"}


def announcement(
    session: Session,
    unit: str,
    *,
    at: datetime,
    title: str = "Họp bản",
    languages: Sequence[str] = ("vi",),
    **more: str,
) -> Announcement:
    """One that was approved; `more` may say klass, category, kind."""
    name = new_id(at)
    usual = {"klass": "normal", "category": "general", "kind": "live"} | more
    row = Announcement(
        id=name,
        public_id=name,
        unit_id=unit,
        revision=1,
        state="approved",
        title=title,
        author_id="clerk",
        created_at=at,
        updated_at=at,
        **usual,
    )
    row.versions = [
        Version(id=new_id(at), position=number, language=language, text="Mời bà con.")
        for number, language in enumerate(languages)
    ]
    session.add(row)
    session.flush()
    return row


def aired(
    session: Session, said: Announcement, at: datetime, became: Mapping[str, str], *, seconds: int = 60
) -> Airing:
    """One airing; `became` tells of each loudspeaker the state it came to, "silent" = missed without a word."""
    schedule = Schedule(
        id=new_id(at),
        announcement_id=said.id,
        kind="at",
        zone="Asia/Ho_Chi_Minh",
        starts=at,
        created_by="clerk",
        created_at=at,
    )
    session.add(schedule)
    session.flush()
    airing = Airing(
        id=new_id(at),
        announcement_id=said.id,
        schedule_id=schedule.id,
        planned_at=at,
        wall=f"{at:%Y-%m-%dT%H:%M}",
        zone="Asia/Ho_Chi_Minh",
        revision=1,
        klass=said.klass,
        kind=said.kind,
        state="done",
        latest_start=at,
        expires=at + timedelta(minutes=20),
        sound_ms=seconds * 1000,
        max_starts=3,
        volume=100,
        languages=[version.language for version in said.versions],
        created_by="clerk",
        created_at=at,
    )
    session.add(airing)
    session.flush()
    session.add_all(_delivery(session, airing, speaker, state) for speaker, state in became.items())
    session.flush()
    return airing


def _delivery(session: Session, airing: Airing, speaker: str, state: str) -> Delivery:
    silent, sounded = state == "silent", state in ENDED_WELL
    return Delivery(
        airing_id=airing.id,
        speaker_id=speaker,
        unit_id=session.get_one(Speaker, speaker).unit_id,
        state="missed" if silent else state,
        reason="no word" if silent else "",
        expires=airing.expires,
        updated_at=airing.expires,
        languages=airing.languages if sounded else [],
        started_at=airing.planned_at if sounded else None,
    )


def exception(session: Session, said: Announcement, unit: str, starts: datetime, ends: datetime) -> Override:
    """An exception that two persons agreed on."""
    row = Override(
        id=new_id(starts),
        unit_id=unit,
        announcement_id=said.id,
        starts=starts,
        ends=ends,
        reason="Báo lũ sớm.",
        asked_by="clerk",
        asked_by_name="Cán bộ văn hoá",
        asked_at=starts,
        decided_by="approver",
        decided_by_name="Phó chủ tịch",
        decided_at=starts,
        granted=True,
    )
    session.add(row)
    session.flush()
    return row
