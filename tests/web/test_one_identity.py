"""T28: whatever one person sends to the whole API and the console, nothing of theirs is ever put on the air."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from broadcaster.domain.permissions import Role
from broadcaster.services.actor import Actor
from broadcaster.services.writing import announcements, assertions
from broadcaster.store.tables import Airing, Announcement, Approval, Assertion, StandIn
from tests import cast
from tests.web import standing
from tests.web.alarms import alarm
from tests.web.client import TestClient
from tests.web.house import House, hidden_fields
from tests.web.rights import WRITES
from tests.web.test_rights import body, form

pytestmark = pytest.mark.pages
# Sounds only cost time here; signing out would only end the attempt.
DULL = ("recordings", "receipts", "sign-", "language", "again", "reach", "read/", "listen/", "voices", "timetables")
BY_CODE = ("submit", "approve", "renew", "confirm", "send")
FIRST = (*BY_CODE, "airings", "air", "schedules", "start", "correction", "all-clear", "grant", "deputies", "policy")
LAST = ("stop", "reject", "withdraw", "{announcement_id}")
LIVE = select(func.count()).select_from(Airing).where(Airing.kind == "live", Airing.standby.is_(False))
WRONG = "000000"


def urgency(route: str) -> tuple[int, str]:
    """First what leads to the air, last what only takes back."""
    last = last_of(route)
    return FIRST.index(last) if last in FIRST else len(FIRST) + (last in LAST), route


def last_of(path: str) -> str:
    return path.rpartition("/")[2]


ROUTES = sorted((route for route in WRITES if not any(word in route for word in DULL)), key=urgency)


@dataclass
class Loner:
    """One person with a browser and a program, who tries every write on everything there is."""

    house: House
    me: Actor
    program: TestClient
    browser: TestClient
    csrf: str
    things: list[str] = field(default_factory=list)
    wrong_code: bool = False

    def attempt(self, route: str, thing: str = "") -> None:
        """One write about one announcement."""
        known = self._known(thing)
        method, _, path = route.partition(" ")
        path = re.sub(r"\{(\w+)\}", lambda name: known.get(name[1]) or "none", path)
        client, sent = (self.program, body(route, known)) if path.startswith("/api") else self._form(known)
        if last_of(path) in BY_CODE:
            code = WRONG if self.wrong_code else self.house.code(self.me)
            if "data" in sent:
                sent["data"] |= {"code": code}
            elif last_of(path) != "send":
                sent["json"] = (sent["json"] or {}) | {"second_factor": {"code": code}}
        headers = {"idempotency-key": uuid.uuid4().hex}
        answer = client.request(method, path, headers=headers, follow_redirects=False, **sent)
        assert answer.status_code < 500, (route, answer.text)

    def everywhere(self, routes: Iterable[str]) -> None:
        """What leads to the air on each thing, the rest on one after the other."""
        for place, route in enumerate(routes):
            here = self.things if last_of(route) in FIRST else self.things[place % len(self.things) :][:1]
            for thing in here if "{announcement_id}" in route or last_of(route) in FIRST[5:7] else here[:1]:
                self.attempt(route, thing)

    def _form(self, known: dict[str, str]) -> tuple[TestClient, dict[str, Any]]:
        sent = form(known, self.csrf)
        sent["data"] |= {"klass": "emergency", "do": "save", "place": known["place"], "repeat": "0"}
        return self.browser, sent

    def _known(self, thing: str) -> dict[str, str]:
        with self.house.database.read() as session:
            row = session.get(Announcement, thing)
            airing = session.scalar(select(Airing.id).order_by(Airing.id)) or "none"
            asked = session.scalar(select(StandIn.id)) or "none"
        return {
            "unit": cast.COMMUNE,
            "unit_id": cast.COMMUNE,
            "person_id": self.house.cast.approver.person_id,
            "away_id": self.me.person_id,
            "hazard": "storm",
            "key": "fire",
            "step": "grant",
            "place": cast.NAMES[cast.COMMUNE],
            "announcement": thing,
            "announcement_id": thing,
            "airing_id": airing,
            "stand_in_id": asked,
            "content_sha256": (row and row.content_sha256) or "0" * 64,
            "revision": str(row.revision if row else 0),
        }

    def reached(self) -> tuple[int, int]:
        """How many approvals there are, and how many airings that are meant and do not only stand by."""
        with self.house.database.read() as session:
            approved = session.scalar(select(func.count()).select_from(Approval).where(Approval.approved))
            return approved or 0, session.scalar(LIVE) or 0


def loner(house: House, me: Actor) -> Loner:
    browser = house.browser(me)
    csrf = hidden_fields(browser.get("/").text, "/sign-out")["csrf"]
    return Loner(house, me, house.program(me), browser.client, csrf)


def lay_out(house: House, me: Actor) -> list[str]:
    """Mine and a colleague's, ordinary and urgent, drafts and submitted; an alert and a drill that two approved."""
    clerk, approver, unit, now = house.cast.clerk, house.cast.second_approver, cast.COMMUNE, house.clock()
    made = []
    with house.database.transaction() as session:
        for writer in (me, clerk):
            for klass in ("normal", "emergency"):
                draft = announcements.write(session, writer, cast.draft(klass=klass), now=now)
                cast.give_clips(session, draft)
                made.append(draft.id)
        for klass in ("normal", "emergency"):
            mine = announcements.write(session, me, cast.draft(klass=klass), now=now)
            cast.give_clips(session, mine)
            made.append(cast.submit(session, me, mine.id, now=now).id)
        made += [
            alarm(session, state, unit, clerk, approver, now=now).id for state in ("alert approved", "drill approved")
        ]
        # Something that only stands by: what they may say of it must not call it up.
        ready = session.scalars(select(Airing.id).where(Airing.standby)).first()
        standing.ask(session, ready or "", cast.VILLAGES[0], now=now)
    # By now nobody answers for the alert any more.
    house.clock.at += assertions.FRESH + timedelta(seconds=1)
    return made


@pytest.fixture
def alone(house: House) -> Loner:
    with house.database.transaction() as session:
        me = cast.person(session, "mot-minh", "Một mình", {cast.COMMUNE: list(Role)})
    things = lay_out(house, me)
    found = loner(house, me)
    found.things = things
    return found


def test_no_route_leads_one_identity_to_the_air(alone: Loner) -> None:
    alone.everywhere(ROUTES)
    assert alone.reached() == (2, 0)


@settings(
    max_examples=2,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(routes=st.permutations(ROUTES), places=st.lists(st.integers(0, 7), min_size=len(ROUTES), max_size=len(ROUTES)))
def test_no_order_of_them_does_either(alone: Loner, routes: list[str], places: list[int]) -> None:
    for route, place in zip(routes, places, strict=True):
        alone.attempt(route, alone.things[place])
        assert alone.reached() == (2, 0), route


def test_the_sessions_of_two_without_their_phones_are_not_enough(house: House) -> None:
    things = lay_out(house, house.cast.clerk)
    thieves = [loner(house, who) for who in (house.cast.clerk, house.cast.approver)]
    with house.database.read() as session:
        answered = session.scalar(select(func.count()).select_from(Assertion))
    urgent = [route for route in ROUTES if last_of(route) in BY_CODE]
    for thief in thieves:
        thief.things, thief.wrong_code = [things[1], things[5], things[6]], True
        thief.everywhere(urgent)
    assert thieves[0].reached() == (2, 0)
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Assertion)) == answered


def test_a_second_identity_is_what_was_missing(alone: Loner) -> None:
    """What the tests above would see if one identity were enough."""
    other = loner(alone.house, alone.house.cast.approver)
    mine = alone.things[5]
    alone.attempt("POST /api/v1/announcements/{announcement_id}/renew", mine)
    other.attempt("POST /api/v1/announcements/{announcement_id}/approve", mine)
    alone.house.clock.at += timedelta(seconds=20)
    alone.attempt("POST /api/v1/emergencies/{announcement_id}/send", mine)
    assert alone.reached() == (3, 1)
