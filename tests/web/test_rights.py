"""T31: every route × each of the cast × their own and a foreign thing has exactly the answer of the table."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import select

from audio.clip import clip_path
from broadcaster.domain.permissions import Role
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import airings, schedules
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.tables import Clip
from tests import cast
from tests.web import loudspeakers, ruled, staff, standing, voicing
from tests.web.alarms import FORM, alarm
from tests.web.alarms import written as written_alarm
from tests.web.areas import AREAS
from tests.web.cells import CAST, Row, expected
from tests.web.client import TestClient
from tests.web.house import House, hidden_fields
from tests.web.rights import COMMON, ELSEWHERE, TABLE, routes

pytestmark = pytest.mark.pages

TIMETABLE = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:A\nDTSTART:20301126T053000\nEND:VEVENT\nEND:VCALENDAR\n"


@dataclass
class Matrix:
    """The house, everyone signed in once, and fresh things to act on for each cell."""

    house: House
    author: Actor
    """Writes in the neighbouring commune."""
    approver: Actor
    visitors: dict[str, tuple[TestClient, str]] = field(default_factory=dict)
    untouched: dict[tuple[str, bool], dict[str, str]] = field(default_factory=dict)

    def kept(self, state: str, *, foreign: bool) -> dict[str, str]:
        """A thing that is only looked at, or that whoever asks may not touch."""
        if (state, foreign) not in self.untouched:
            self.untouched[state, foreign] = self.thing(state, foreign=foreign)
        return self.untouched[state, foreign]

    def thing(self, state: str, *, foreign: bool) -> dict[str, str]:
        """A new announcement in this state, or its airing, as the names routes give its parts."""
        unit = cast.OTHER_COMMUNE if foreign else cast.COMMUNE
        if state in {"", "unit"}:
            return {"unit": unit, "unit_id": unit}
        writer = self.author if foreign else self.house.cast.clerk
        approver = self.approver if foreign else self.house.cast.second_approver
        draft = cast.draft(unit_id=unit, audience=[AudienceChoice("unit", unit)])
        now = self.house.clock()
        if area := next((area for area in AREAS.values() if state in area.states), None):
            with self.house.database.transaction() as session:
                return {"unit": unit} | area.make(session, state, unit, writer, approver, now)
        if state in {"loudspeaker", "meeting"}:
            self.sounds()
            with self.house.database.transaction() as session:
                if state == "loudspeaker":
                    return loudspeakers.one(session, unit, writer, now=now)
                return loudspeakers.two_that_meet(session, unit, writer, approver, now=now)
        if state == standing.STATE:
            with self.house.database.transaction() as session:
                return standing.one(session, unit, writer, approver, now=now)
        if state in {"staff", "deputy"}:
            return self.staff(state, unit, approver)
        if state.startswith(("alert", "drill")):
            with self.house.database.transaction() as session:
                made = alarm(session, state, unit, writer, approver, now=now)
                known = {"announcement_id": made.id, "revision": str(made.revision)}
                return known | {"unit": unit, "place": cast.NAMES[unit]}
        with self.house.database.transaction() as session:
            made = announcements.write(session, writer, draft, now=now)
            cast.give_clips(session, made)
            if state not in {"draft", "scheduled"}:
                announcements.submit(session, writer, made.id, now=now)
            content = made.content_sha256 or ""
            if state in {"approved", "airing"}:
                announcements.approve(session, approver, made.id, content_sha256=content, now=now)
            airing = airings.air(session, writer, made.id, at=None, now=now).id if state == "airing" else ""
            rule = {"rrule": "FREQ=DAILY", "times": ["05:30"]}
            planned = state == "scheduled" and schedules.add(session, writer, made.id, rule, now=now).id
            session.flush()
            return {
                "unit": unit,
                "announcement_id": made.id,
                "airing_id": airing,
                "schedule_id": planned or "",
                "content_sha256": content,
                "revision": str(made.revision),
            }

    def sounds(self) -> None:
        """A file for every clip's row: a loudspeaker's plan is carried with them."""
        with self.house.database.read() as session:
            for sha256 in session.scalars(select(Clip.sha256)):
                file = clip_path(self.house.context.clips, sha256)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()

    def staff(self, state: str, unit: str, away: Actor) -> dict[str, str]:
        """An approver and a new clerk of a unit, the one perhaps standing in for the other."""
        with self.house.database.transaction() as session:
            clerk = cast.person(session, f"moi-{uuid.uuid4().hex[:12]}", "Người mới", {unit: [Role.CLERK]})
            given = state == "deputy" and staff.deputy(session, unit, away, clerk, now=self.house.clock())
        known = {"unit": unit, "unit_id": unit, "person_id": clerk.person_id, "away_id": away.person_id}
        return known | {"deputy_id": given or "", "proof": "code"}

    def visitor(self, who: str, *, page: bool) -> tuple[TestClient, str]:
        """A signed-in browser with the secret its forms carry, or a program with a token."""
        key = f"{who} {page}"
        if who == "anonymous":
            return self.house.stranger_to_all().client, ""
        if key not in self.visitors:
            actor = getattr(self.house.cast, who)
            if page:
                browser = self.house.browser(actor)
                csrf = hidden_fields(browser.get("/").text, "/sign-out")["csrf"]
                self.visitors[key] = browser.client, csrf
            else:
                self.visitors[key] = self.house.program(actor), ""
        return self.visitors[key]

    def ask(self, route: str, who: str, thing: dict[str, str]) -> Response:
        """One request as this person would make it."""
        method, _, path = route.partition(" ")
        page = not path.startswith(("/api", "/device"))
        client, csrf = self.visitor(who, page=page)
        usual = {
            "language": "vi",
            "sha256": "0" * 64,
            "secret": "s",
            "public_id": "p",
            "hazard": "all_clear",
            "key": "fire",
            "factor_id": "none",
            "step": "grant",
        }
        for name, value in (usual | thing).items():
            path = path.replace(f"{{{name}}}", value)
        if method == "GET":
            answer: Response = client.get(path, follow_redirects=False)
            return answer
        headers = {"idempotency-key": uuid.uuid4().hex}
        if route.endswith("/renew") and who != "anonymous":
            self.house.code(getattr(self.house.cast, who))
        sent = form(thing, csrf) if page else body(route, thing)
        if page and "place" in thing and who != "anonymous":
            sent["data"] |= {
                "place": thing["place"],
                "repeat": "0",
                "code": self.house.code(getattr(self.house.cast, who)),
            }
        if page and "proof" in thing and who != "anonymous":
            sent["data"]["code"] = self.house.code(getattr(self.house.cast, who))
        answer = client.request(method, path, headers=headers, follow_redirects=False, **sent)
        if route == "POST /sign-out":
            self.visitors.clear()
        return answer


def form(thing: dict[str, str], csrf: str) -> dict[str, Any]:
    """One form for all: what a page's route does not look for does no harm."""
    unit = thing["unit"]
    fields = {"csrf": csrf, "title": "Họp bản", "languages": "vi", "text-vi": "Mời bà con.", "audience": f"u:{unit}"}
    fields |= {"unit": unit, "klass": "normal", "repeat": "1", "when": "now", "sure": "yes", "reason": "Sai ngày"}
    fields |= {"pattern": "daily", "times": "05:30"} | FORM | {"order": thing.get("order", "")}
    for area in AREAS.values():
        fields |= area.fields
    fields |= staff.fields(thing) | ruled.fields(thing) | standing.FIELDS | loudspeakers.FIELDS
    return {"data": fields | {"language": "vi"} | {key: thing.get(key, "") for key in ("content_sha256", "revision")}}


def body(route: str, thing: dict[str, str]) -> dict[str, Any]:
    """What a program sends to this route."""
    unit, last = thing["unit"], route.rpartition("/")[2]
    written = {
        "title": "Họp bản",
        "unit": unit,
        "versions": [{"language": "vi", "text": "Mời bà con."}],
        "audience": [{"kind": "unit", "ref": unit}],
    }
    if last in {"recordings", "takes"}:
        return {"data": {"language": "vi", "unit": unit}, "files": {"file": ("a.webm", b"no sound")}}
    if last == "receipts":
        return {"content": b"{}"}
    alarm_again = written_alarm(unit) | {"revision": int(thing.get("revision", 0))}
    if route.endswith("/emergencies/{announcement_id}"):
        return {"json": alarm_again | {"hazard": "fire", "level": 3}}
    if route.endswith("/drills/{announcement_id}"):
        return {"json": alarm_again | {"key": "fire"}}
    scheduled = {"rule": {"rrule": "FREQ=DAILY", "times": ["06:00"]}}
    bodies: dict[str, object] = (
        {
            "announcements": written,
            "{announcement_id}": written | {"revision": int(thing.get("revision", 0))},
            "approve": {"content_sha256": thing.get("content_sha256")},
            "airings": {"announcement": thing.get("announcement_id"), "now": True},
            "submit": None,
            **ruled.bodies(thing),
            "emergencies": written_alarm(unit) | {"hazard": "fire", "level": 3},
            "drills": written_alarm(unit) | {"key": "fire"},
            "send": {"place": thing.get("place")},
            "correction": None,
            "all-clear": None,
            "acknowledge": {"unit": unit},
            "start": {},
            "schedules": scheduled | {"announcement": thing.get("announcement_id")},
            "preview": scheduled | {"announcement": thing.get("announcement_id")},
            "{schedule_id}": scheduled,
            "timetables": {"unit": unit, "ics": TIMETABLE},
        }
        | staff.bodies(thing, cast.code())
        | loudspeakers.bodies(thing)
        | voicing.bodies()
        | standing.bodies()
    )
    for area in AREAS.values():
        bodies |= area.bodies(thing)
    return {"json": bodies.get(last, {"reason": "Sai ngày"})}


@pytest.fixture
def matrix(house: House) -> Matrix:
    with house.database.transaction() as session:
        author, approver = (
            cast.person(session, f"{role}-xa-khac", "Người xã khác", {cast.OTHER_COMMUNE: [role]})
            for role in (Role.CLERK, Role.APPROVER)
        )
    return Matrix(house, author, approver)


def test_every_route_has_its_row(house: House) -> None:
    assert set(routes(house.app)) == set(TABLE) | ELSEWHERE


def wrong(matrix: Matrix, route: str, row: Row) -> Iterator[tuple[str, bool, int, int]]:
    page, reading = not route.split()[1].startswith(("/api", "/device")), route.startswith("GET ")
    for foreign in (False, True) if row.thing else (False,):
        for who in CAST:
            wanted = expected(row, who, foreign=foreign, page=page, reading=reading)
            # What succeeds changes the thing, so whoever may needs one of their own.
            some = matrix.thing if not reading and wanted == row.ok else matrix.kept
            thing = some(row.thing, foreign=foreign)
            answer = matrix.ask(route, who, thing)
            if answer.status_code != wanted:
                yield who, foreign, wanted, answer.status_code


@pytest.mark.parametrize("kind", ["GET /api", "POST /api", "PUT /api", "PATCH /api", "GET", "POST"])
def test_each_cell_is_answered_as_the_table_says(matrix: Matrix, kind: str) -> None:
    programs = kind.endswith("/api")
    chosen = {r: row for r, row in COMMON.items() if r.startswith(kind) and (" /api" in r) == programs}
    assert {route: found for route, row in chosen.items() if (found := list(wrong(matrix, route, row)))} == {}


@pytest.mark.parametrize("area", [name for name, area in AREAS.items() if area.rows])
def test_each_cell_of_an_area_is_answered_as_its_rows_say(matrix: Matrix, area: str) -> None:
    rows = AREAS[area].rows
    assert not rows.keys() & COMMON.keys()
    assert {route: found for route, row in rows.items() if (found := list(wrong(matrix, route, row)))} == {}
