"""A province on a fresh database, for measuring the planner: units, speakers, approved announcements, schedules."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, AudienceEntry, Clip, RuleSet, Schedule, Speaker, Unit, Version

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
PROVINCE = "province"
PER_UNIT = 2
CLIP = "a" * 64
ALL_DAYS = [0, 1, 2, 3, 4, 5, 6]
LIMITS = {"sessions_day": 24, "session_minutes": 30, "day_minutes": 240, "pause_minutes": 10}


@contextmanager
def countryside(units: int, *, communes: int = 25) -> Iterator[Database]:
    """A province of communes of villages, `units` in all, two speakers in each village; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="loa-bench-"))
    database = Database(f"sqlite:///{folder / 'loa.sqlite'}")
    try:
        database.migrate()
        _settle(database, units, communes)
        yield database
    finally:
        database.dispose()
        shutil.rmtree(folder, ignore_errors=True)


def villages(units: int, communes: int = 25) -> list[str]:
    """Their ids."""
    return [f"village-{number:04}" for number in range(units - communes - 1)]


def rule(database: Database, *, limits: bool) -> None:
    """Hours for the province and every commune, with limits or without."""
    with database.transaction() as session:
        ids = [PROVINCE, *(f"commune-{number:02}" for number in range(25))]
        rows = [_rules(unit, LIMITS if limits else {}) for unit in ids]
        session.execute(insert(RuleSet), rows)


def add_schedules(database: Database, number: int, places: list[str]) -> None:
    """Approved announcements, one village and one daily schedule each."""
    with database.transaction() as session:
        session.execute(insert(Announcement), [_announcement(f"a{at:06}") for at in range(number)])
        session.execute(insert(Version), [_version(f"a{at:06}") for at in range(number)])
        heard = [_audience(f"a{at:06}", places[at % len(places)]) for at in range(number)]
        session.execute(insert(AudienceEntry), heard)
        session.execute(insert(Schedule), [_schedule(f"a{at:06}", at, len(places)) for at in range(number)])


def _settle(database: Database, units: int, communes: int) -> None:
    rows: list[dict[str, Any]] = [_unit(PROVINCE, None)]
    rows += [_unit(f"commune-{number:02}", PROVINCE) for number in range(communes)]
    names = villages(units, communes)
    rows += [_unit(name, f"commune-{at % communes:02}") for at, name in enumerate(names)]
    with database.transaction() as session:
        session.execute(insert(Unit), rows)
        session.execute(insert(Speaker), [_speaker(f"{name}-{at}", name) for name in names for at in range(PER_UNIT)])
        session.add(
            Clip(
                sha256=CLIP,
                bytes=48_000,
                ms=16_000,
                level=-1600,
                peak=-200,
                voice="espeak",
                language="vi",
                source="spoken",
                created_at=NOW,
            )
        )


def _unit(name: str, parent: str | None) -> dict[str, Any]:
    level = "village" if parent else "province"
    return {"id": name, "parent_id": parent, "name": name, "level": level, "created_at": NOW}


def _speaker(name: str, unit: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "unit_id": unit,
        "enrolled_at": NOW,
        "keyid": name,
        "public_key": bytes(32),
        "key_not_before": NOW,
        "key_not_after": NOW + timedelta(days=365),
    }


def _rules(unit: str, limits: dict[str, int]) -> dict[str, Any]:
    hours = [{"days": ALL_DAYS, "start": 300, "end": 1260, "first": 101, "last": 1231}]
    written = {"version": 1, "zone": "Asia/Ho_Chi_Minh", "hours": hours, "unit": unit, **limits}
    return {"id": f"r-{unit}", "unit_id": unit, "version": 1, "since": NOW, "rules": written, "created_at": NOW}


def _announcement(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "public_id": name,
        "unit_id": PROVINCE,
        "revision": 1,
        "state": "approved",
        "title": name,
        "klass": "normal",
        "category": "general",
        "kind": "live",
        "author_id": "clerk",
        "created_at": NOW,
        "updated_at": NOW,
        "decided_at": NOW,
    }


def _version(name: str) -> dict[str, Any]:
    return {"id": f"v{name}", "announcement_id": name, "position": 0, "language": "vi", "clip_sha256": CLIP}


def _audience(name: str, unit: str) -> dict[str, Any]:
    return {"id": f"e{name}", "announcement_id": name, "position": 0, "kind": "unit", "ref": unit, "include": True}


def _schedule(name: str, number: int, places: int) -> dict[str, Any]:
    # Those of one village come one after the other, each at a time of its own.
    minutes = [first * 60 + 30 * (number // places) for first in (6, 13)]
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in minutes]
    return {
        "id": f"s{name}",
        "announcement_id": name,
        "kind": "recurring",
        "rule": {"days": ALL_DAYS, "times": times},
        "zone": "Asia/Ho_Chi_Minh",
        "starts": NOW,
        "created_by": "clerk",
        "created_at": NOW,
    }
