"""How long a province waits for its overview: 10,000 speakers in 120 communes, a month of announcements, on SQLite."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.figures import Figure
from broadcaster.domain.months import Month
from broadcaster.domain.permissions import Grant, Role
from broadcaster.services.actor import Actor
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, Delivery, Schedule, Speaker, Unit
from broadcaster.web.pages.reports import LISTED
from broadcaster.web.shown import province, report
from broadcaster.web.shown.sight import sight

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TOP = "tinh"
MONITOR = Actor("monitor", "Monitor", (Grant(Role.PROVINCE_MONITOR, TOP),))
VILLAGES, SPEAKERS = 17, 5
Row = Mapping[str, Any]


def run(*, quick: bool) -> Sequence[Figure]:
    """The overview, one commune's, and a month's report of both."""
    communes, days = (12, 8) if quick else (120, 30)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'province.sqlite'}")
        database.migrate()
        _fill(database, communes, days)
        month_page = partial(report.month_of_unit, month=Month(2026, 11), now=NOW, listed=LISTED)
        with database.read() as session:
            seen = sight(session, MONITOR)
            many = f"{communes * VILLAGES * SPEAKERS:,} speakers"
            found = [
                _timed(f"overview of {many}", lambda: province.overview(session, seen, TOP, now=NOW)),
                _timed("overview of one commune", lambda: province.overview(session, seen, "xa-0", now=NOW)),
                _timed(f"month of {many}", lambda: month_page(session, seen, TOP), times=1),
                _timed("month of one commune", lambda: month_page(session, seen, "xa-0")),
            ]
        database.dispose()
    return found


def _timed(name: str, work: Callable[[], object], *, times: int = 5) -> Figure:
    spent = []
    for _ in range(times):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return Figure(f"{name}, processor time", round(statistics.median(spent) * 1000), "ms")


def _fill(database: Database, communes: int, days: int) -> None:
    with database.transaction() as session:
        _many(session, Unit, _units(communes))
        _many(session, Speaker, _speakers(communes))
        for commune in range(communes):
            _many(session, Announcement, [_announcement(commune)])
            _many(session, Schedule, [_schedule(commune)])
        _many(session, Airing, _airings(communes, days))
        _many(session, Delivery, _deliveries(communes, days))


def _many(session: Session, table: type[Any], rows: Iterator[Row] | Sequence[Row]) -> None:
    iterator = iter(rows)
    while some := list(islice(iterator, 20_000)):
        session.execute(insert(table), some)


def _units(communes: int) -> Iterator[Row]:
    yield _unit(TOP, "province", None)
    for commune in range(communes):
        yield _unit(f"xa-{commune}", "commune", TOP)
        yield from (_unit(f"ban-{commune}-{number}", "village", f"xa-{commune}") for number in range(VILLAGES))


def _unit(name: str, level: str, parent: str | None) -> Row:
    usual = {"former_names": [], "languages": [], "position": 0, "created_at": NOW, "people": 500}
    return usual | {"id": name, "name": name, "level": level, "parent_id": parent}


def _hung(commune: int) -> Iterator[tuple[str, str]]:
    for village in range(VILLAGES):
        for number in range(SPEAKERS):
            yield f"loa-{commune}-{village}-{number}", f"ban-{commune}-{village}"


def _speakers(communes: int) -> Iterator[Row]:
    key = {"keyid": "k", "public_key": bytes(32), "key_not_before": NOW, "key_not_after": NOW}
    for commune in range(communes):
        for number, (name, unit) in enumerate(_hung(commune)):
            seen = {"online": number % 9 > 0, "last_seen_at": NOW - timedelta(minutes=1 + 40 * (number % 9 == 0))}
            yield {"id": name, "name": name, "unit_id": unit, "enrolled_at": NOW, **key, **seen}


def _announcement(commune: int) -> Row:
    fixed = {"revision": 1, "state": "approved", "klass": "normal", "category": "general", "kind": "live"}
    made = {"author_id": "a", "created_at": NOW, "updated_at": NOW, "slots": {}, "writers": []}
    return {
        "id": f"tin-{commune}",
        "public_id": f"tin-{commune}",
        "unit_id": f"xa-{commune}",
        "title": "Tin",
        **fixed,
        **made,
    }


def _schedule(commune: int) -> Row:
    made = {"created_by": "a", "created_at": NOW, "kind": "recurring", "rule": {}, "zone": "Asia/Ho_Chi_Minh"}
    return {"id": f"lich-{commune}", "announcement_id": f"tin-{commune}", "starts": NOW, **made}


def _moments(days: int) -> Iterator[datetime]:
    for day in range(days):
        yield from (NOW - timedelta(days=day, hours=hour) for hour in (2, 6, 10, 13))


def _airings(communes: int, days: int) -> Iterator[Row]:
    fixed = {"revision": 1, "klass": "normal", "kind": "live", "state": "done", "sound_ms": 60_000, "max_starts": 3}
    made = {"volume": 100, "languages": ["vi"], "created_by": "a", "created_at": NOW, "zone": "Asia/Ho_Chi_Minh"}
    for commune in range(communes):
        for number, at in enumerate(_moments(days)):
            mine = {
                "id": f"phat-{commune}-{number}",
                "announcement_id": f"tin-{commune}",
                "schedule_id": f"lich-{commune}",
            }
            times = {"planned_at": at, "wall": f"{at:%Y-%m-%dT%H:%M}", "latest_start": at, "expires": at}
            yield fixed | made | mine | times


def _deliveries(communes: int, days: int) -> Iterator[Row]:
    for commune in range(communes):
        for number, at in enumerate(_moments(days)):
            for place, (speaker, unit) in enumerate(_hung(commune)):
                heard = (number + place) % 12 > 0
                came = {"state": "heard" if heard else "missed", "reason": "" if heard else "no word"}
                played = {"languages": ["vi"] if heard else [], "expires": at, "updated_at": at}
                yield {"airing_id": f"phat-{commune}-{number}", "speaker_id": speaker, "unit_id": unit} | came | played
