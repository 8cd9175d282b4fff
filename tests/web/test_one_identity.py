"""T28: whatever one person sends to the whole API and the console, nothing of theirs is ever put on the air."""

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from broadcaster.domain.permissions import Role
from broadcaster.services.actor import Actor
from broadcaster.store.tables import Airing, Announcement, Approval, Deputy, Factor, Schedule
from tests import cast
from tests.web.client import TestClient
from tests.web.house import House, hidden_fields
from tests.web.rights import WRITES
from tests.web.test_rights import body, form

pytestmark = pytest.mark.pages
# Recordings and listening only cost time here; signing out would only end the attempt.
DULL = ("recordings", "receipts", "sign-out", "sign-in", "language", "again", "reach", "read/", "listen/")
ROUTES = sorted(route for route in WRITES if not any(word in route for word in DULL))


@dataclass
class Loner:
    """One person with a browser and a program, who tries every write on everything they have made."""

    house: House
    me: Actor
    program: TestClient
    browser: TestClient
    csrf: str

    def attempt(self, route: str, place: int, *, emergency: bool) -> None:
        """One write; what it made is there for the next ones."""
        thing = self._known(place)
        method, _, path = route.partition(" ")
        path = re.sub(r"\{(\w+)\}", lambda name: thing.get(name[1]) or "none", path)
        klass = "emergency" if emergency else "normal"
        if path.startswith("/api"):
            sent = body(route, thing)
            if "versions" in (sent.get("json") or {}):
                sent["json"] |= {"class": klass}
            if last_of(path) in {"submit", "approve"}:
                sent["json"] = (sent["json"] or {}) | {"second_factor": {"code": self.house.code(self.me)}}
            client = self.program
        else:
            sent, client = form(thing, self.csrf), self.browser
            sent["data"] |= {"klass": klass, "do": "submit" if place % 2 else "save", "place": cast.NAMES[cast.COMMUNE]}
            sent["data"] |= {"code": self.house.code(self.me)}
        key = {"idempotency-key": uuid.uuid4().hex}
        answer = client.request(method, path, headers=key, follow_redirects=False, **sent)
        assert answer.status_code < 500, answer.text

    def _known(self, place: int) -> dict[str, str]:
        with self.house.database.read() as session:
            rows = session.scalars(select(Announcement).order_by(Announcement.id)).all()
            airing = session.scalar(select(Airing.id)) or "none"
            people = [self.me.person_id, self.house.cast.approver.person_id, self.house.cast.clerk.person_id]
            about = {
                "unit": cast.COMMUNE,
                "unit_id": cast.COMMUNE,
                "person_id": people[place % 3],
                "away_id": people[place // 2 % 3],
                "deputy_id": session.scalar(select(Deputy.id)) or "none",
                "factor_id": session.scalar(select(Factor.id).offset(place)) or "none",
                "schedule_id": session.scalar(select(Schedule.id)) or "none",
                "hazard": "storm",
                "key": "fire",
                "place": cast.NAMES[cast.COMMUNE],
            }
            if not rows:
                return about
            row = rows[place % len(rows)]
            return about | {
                "announcement_id": row.id,
                "airing_id": airing,
                "content_sha256": row.content_sha256 or "0" * 64,
                "revision": str(row.revision),
            }

    def reached(self) -> tuple[int, int]:
        """How much of it was approved, and how often it was aired or stands by."""
        with self.house.database.read() as session:
            approved = session.scalar(select(func.count()).select_from(Approval).where(Approval.approved))
            return approved or 0, session.scalar(select(func.count()).select_from(Airing)) or 0


def last_of(path: str) -> str:
    return path.rpartition("/")[2]


def loner(house: House, me: Actor) -> Loner:
    browser = house.browser(me)
    csrf = hidden_fields(browser.get("/").text, "/sign-out")["csrf"]
    return Loner(house, me, house.program(me), browser.client, csrf)


@pytest.fixture
def alone(house: House) -> Loner:
    with house.database.transaction() as session:
        me = cast.person(session, "mot-minh", "Một mình", {cast.COMMUNE: list(Role)})
    return loner(house, me)


STEPS = st.tuples(st.sampled_from(ROUTES), st.integers(0, 5), st.booleans())


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=4, max_size=10))
def test_no_sequence_of_one_identity_reaches_the_air(alone: Loner, steps: list[tuple[str, int, bool]]) -> None:
    for route, place, emergency in (("POST /api/v1/announcements", 0, True), *steps):
        alone.attempt(route, place, emergency=emergency)
        assert alone.reached() == (0, 0)


def test_a_second_identity_is_what_was_missing(alone: Loner) -> None:
    """What the test above would see if one identity were enough."""
    second = loner(alone.house, alone.house.cast.approver)
    announcement = "POST /api/v1/announcements"
    for who, route in (
        (alone, announcement),
        (alone, f"{announcement}/{{announcement_id}}/submit"),
        (second, f"{announcement}/{{announcement_id}}/approve"),
    ):
        who.attempt(route, 0, emergency=True)
    alone.house.clock.at += timedelta(seconds=20)
    alone.attempt("POST /api/v1/emergencies/{announcement_id}/send", 0, emergency=True)
    with alone.house.database.read() as session:
        live = session.scalars(select(Airing.klass).where(Airing.standby.is_(False))).all()
    assert (alone.reached()[0], live) == (1, ["emergency"])
