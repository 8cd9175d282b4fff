"""What the console's pages cost: bytes over the wire and the server's time, with a commune's years of announcements."""

import asyncio
import gc
import gzip
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from starlette.types import Message

from bench.figures import Figure, at_most
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.airtime import airings
from broadcaster.services.people import people
from broadcaster.store.database import Database
from broadcaster.store.tables import (
    Airing,
    Announcement,
    AudienceEntry,
    Base,
    Delivery,
    Schedule,
    Speaker,
    Unit,
    Version,
)
from tests import cast
from tests.web.house import House, build
from tests.web.listed import first_parts

FIRST_KB, NEXT_KB, BOARD_KB, P95_MS = 120, 20, 150, 60
SPEAKERS, ANNOUNCEMENTS, MANY = 120, 5_000, 2_000
PER_VILLAGE = 3
PAGES = (
    "/",
    "/announcements",
    "/announcements/new",
    "/announcements/{announcement}",
    "/approvals",
    "/airings/{airing}",
    "/calendar",
    "/emergency",
    "/speakers",
    "/speakers/{speaker}",
    "/units",
    "/units/{commune}",
    "/people",
    "/channels",
    "/dictionary",
    "/province",
    "/reports/{commune}/2026-11",
    "/audit",
    "/me",
    "/help",
)


def run(*, quick: bool) -> Sequence[Figure]:
    """Each main page, then the board of an airing that two thousand loudspeakers play."""
    times = 8 if quick else 60
    with commune(SPEAKERS, 500 if quick else ANNOUNCEMENTS) as place:
        visits = [(path, place.visits(path, times)) for path in PAGES]
        firsts = {path: visit[0].size + place.files(visit[0].body) for path, visit in visits}
    largest = max(firsts, key=lambda path: firsts[path])
    found = [at_most(f"largest first page ({largest})", firsts[largest] / 1000, "kB", FIRST_KB)]
    for path, visit in visits:
        found += _figures(path, visit, NEXT_KB)
    with commune(MANY // 10 if quick else MANY, 1) as place:
        found += _figures(f"board of {MANY:,} speakers", place.visits("/airings/{airing}", times), BOARD_KB)
    return found


def _figures(name: str, visits: "list[Answer]", most: float) -> list[Figure]:
    busy, spent = (sorted(times) for times in ([it.busy for it in visits], [it.ms for it in visits]))
    return [
        at_most(f"{name}: next page", visits[0].size / 1000, "kB", most),
        Figure("… server time, median", statistics.median(busy), "ms"),
        at_most("… server time, p95", busy[int(len(busy) * 0.95)], "ms", P95_MS),
        Figure("… by the clock, p95", spent[int(len(spent) * 0.95)], "ms"),
    ]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it goes over the wire, before TLS."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    ms: float
    busy: float
    """Milliseconds of processor; what is between this and `ms` the machine gave to others."""

    @property
    def size(self) -> int:
        return len(self.body) + sum(len(name) + len(value) + 4 for name, value in self.headers)


@dataclass(frozen=True, slots=True)
class Place:
    """A commune's console, and somebody signed in."""

    house: House
    names: dict[str, str]
    cookie: str
    loop: asyncio.Runner

    def visits(self, path: str, times: int) -> list[Answer]:
        """The page again and again, the first two times not counted. Raises AssertionError where there is none."""
        address = path.format(**self.names)
        answers = [self.ask(address, self.cookie) for _ in range(times + 2)][2:]
        assert answers[0].status == 200, (address, answers[0].status)
        return answers

    def files(self, packed: bytes) -> int:
        """The bytes of everything a browser fetches with a page it has never seen."""
        names = first_parts(gzip.decompress(packed).decode())
        return sum(self.ask(name, "").size for name in names)

    def ask(self, address: str, cookie: str) -> Answer:
        """One request straight to the application: no socket and no client are in the figure."""
        path, _, query = address.partition("?")
        headers = [(b"accept-encoding", b"gzip"), (b"cookie", cookie.encode()), (b"host", b"testserver")]
        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
        scope |= {"headers": headers, "http_version": "1.1", "scheme": "http", "server": ("testserver", 80)}
        scope |= {"client": ("127.0.0.1", 1), "root_path": "", "asgi": {"version": "3.0"}}
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        async def once() -> tuple[float, float]:
            begin, before = time.perf_counter(), time.process_time()
            await self.house.app(dict(scope), receive, send)
            return (time.perf_counter() - begin) * 1000, (time.process_time() - before) * 1000

        ms, busy = self.loop.run(once())
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], list(sent[0]["headers"]), body, ms, busy)


@contextmanager
def commune(speakers: int, announcements: int) -> Iterator[Place]:
    """The cast's commune, grown; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="loa-bench-") as name:
        folder = Path(name)
        database = Database(f"sqlite:///{folder / 'loa.sqlite'}")
        database.migrate()
        house = build(database, folder)
        with database.transaction() as session:
            _grow(session, speakers)
            known = cast.approved(session, house.cast, title="Tin địa phương")
            airing = airings.air(session, house.cast.clerk, known.id, at=None, now=house.clock())
            session.flush()
            names = {"announcement": known.id, "airing": airing.id, "speaker": cast.SPEAKERS[0]}
            names |= {"commune": cast.COMMUNE}
            _repeat(session, known.id, airing.id, announcements - 1)
        # As the service does when it starts: what was read by then is not searched for garbage again.
        gc.collect()
        gc.freeze()
        with asyncio.Runner() as loop:
            yield Place(house, names, _signed_in(house, house.cast.owner), loop)
        database.dispose()


def _signed_in(house: House, actor: Actor) -> str:
    with house.database.transaction() as session:
        link = people.one_time_link(session, SYSTEM, actor.person_id, now=house.clock())
        return f"loa={people.redeem_link(session, link, now=house.clock()).secret}"


def _grow(session: Session, speakers: int) -> None:
    """Villages of three loudspeakers each, all of them well, until there are so many."""
    more = speakers - len(cast.SPEAKERS)
    unit, speaker = _row(session, Unit, cast.VILLAGES[0]), _row(session, Speaker, cast.SPEAKERS[0])
    villages = [f"ban-{number:04}" for number in range(-(-more // PER_VILLAGE))]
    session.execute(insert(Unit), [unit | {"id": it, "name": f"Bản {it[4:]}"} for it in villages])
    names = [(f"loa-{at:05}", villages[at // PER_VILLAGE]) for at in range(more)]
    well: dict[str, Any] = {"online": True, "last_seen_at": cast.NOW}
    rows = [speaker | well | {"id": it, "name": f"Loa {it[4:]}", "unit_id": unit, "keyid": it} for it, unit in names]
    session.execute(insert(Speaker), rows)


def _repeat(session: Session, announcement: str, airing: str, times: int) -> None:
    """So many earlier ones of the same kind, one every four hours, each heard by its village."""
    known, aired = _row(session, Announcement, announcement), _row(session, Airing, airing)
    version = _row(session, Version, session.scalars(select(Version.id)).one())
    audience = _row(session, AudienceEntry, session.scalars(select(AudienceEntry.id)).one())
    schedule = _row(session, Schedule, aired["schedule_id"])
    delivery = _row(session, Delivery, (airing, cast.SPEAKERS[0]))
    rows: dict[type[Base], list[dict[str, Any]]] = {
        kind: [] for kind in (Announcement, Version, AudienceEntry, Schedule, Airing, Delivery)
    }
    for at in range(times):
        name, when = f"x{at:05}", cast.NOW - timedelta(hours=4 * (at + 1))
        moments = dict.fromkeys(("created_at", "updated_at", "submitted_at", "decided_at"), when)
        rows[Announcement].append(known | moments | {"id": name, "public_id": name, "title": f"Tin số {at}"})
        rows[Version].append(version | {"id": name, "announcement_id": name})
        rows[AudienceEntry].append(audience | {"id": name, "announcement_id": name})
        ended = {"state": "done", "planned_at": when, "latest_start": when, "expires": when, "schedule_id": name}
        rows[Schedule].append(schedule | {"id": name, "announcement_id": name})
        rows[Airing].append(aired | ended | {"id": name, "announcement_id": name})
        done = {"state": "heard", "expires": when, "heard_at": when}
        rows[Delivery] += [delivery | done | {"airing_id": name, "speaker_id": it} for it in cast.SPEAKERS]
    for kind, values in rows.items():
        if values:
            session.execute(insert(kind), values)


def _row(session: Session, kind: type[Base], key: object) -> dict[str, Any]:
    """A row as it is inserted again under another name."""
    found = session.get_one(kind, key)
    return {attribute.key: getattr(found, attribute.key) for attribute in kind.__mapper__.column_attrs}
