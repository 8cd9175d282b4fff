"""T28: whatever one person does, in whatever order, nothing they wrote alone is approved, let alone heard."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.deputy import Term
from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Role
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.airtime import airings, planning, schedules
from broadcaster.services.alarms import drills, emergencies
from broadcaster.services.people import deputies, factors, people
from broadcaster.services.people.factors import Account
from broadcaster.services.places import units
from broadcaster.services.writing import announcements, policies
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, Approval, Factor, Person
from tests.cast import COMMUNE, NAMES, NOW, VAULT, Cast, draft, gather, give_clips, give_phone, person, second
from tests.cast import approve as approve_as
from tests.cast import submit as submit_as

pytestmark = pytest.mark.database

OPERATIONS = (
    "write", "write_emergency", "edit", "submit", "approve", "reject", "withdraw", "air", "repeat", "plan",
    "make_person", "grant_self", "grant_other", "token_of_other", "link_of_other", "take_back", "move_unit",
    "renew", "send", "correction", "all_clear", "drill", "policy", "no_policy", "stand_in", "be_stood_in_for",
    "reset_other", "reset_self", "phone_of_other", "phone_of_self",
)  # fmt: skip


@dataclass
class Loner:
    """One identity with a database session, and everything they can think of."""

    session: Session
    me: Actor
    others: list[str]
    written: list[Announcement] = field(default_factory=list)

    def refreshed(self) -> Actor:
        """With the roles of this moment."""
        return people.actor_of(self.session, self.me.person_id, origin="127.0.0.1", now=NOW)

    def attempt(self, operation: str, place: int) -> None:
        """Do it, or be refused; a refusal undoes what it began."""
        try:
            with self.session.begin_nested():
                self._act(operation, place)
        except LoaError:
            self.session.expire_all()

    def _act(self, operation: str, place: int) -> None:
        me, session = self.refreshed(), self.session
        if operation in {"write", "write_emergency"}:
            klass = "emergency" if operation == "write_emergency" else "normal"
            self.written.append(announcements.write(session, me, draft(klass=klass), now=NOW))
        elif operation in ON_ANNOUNCEMENTS and self.written:
            ON_ANNOUNCEMENTS[operation](session, me, self.written[place % len(self.written)])
        elif operation == "plan":
            planning.plan(session, now=NOW)
        elif operation in POLICIES:
            policies.change(session, me, COMMUNE, POLICIES[operation], now=NOW)
        elif operation == "phone_of_self":
            factors.begin_codes(session, Account(me, NOW, VAULT), second=second(session, me), now=NOW)
        elif operation == "make_person":
            login = f"nguoi-moi-{session.scalar(select(func.count()).select_from(Person))}"
            new = people.create_person(session, me, login=login, name="Mới", unit_id=COMMUNE, now=NOW)
            self.others.append(new.id)
        else:
            self._about_people(operation, me, self.others[place % len(self.others)], list(Role)[place % len(Role)])

    def _about_people(self, operation: str, me: Actor, other: str, role: Role) -> None:
        match operation:
            case "grant_self":
                people.grant(self.session, me, me.person_id, role, COMMUNE, now=NOW)
            case "grant_other":
                people.grant(self.session, me, other, role, COMMUNE, now=NOW)
            case "take_back":
                people.take_back(self.session, me, other, role, COMMUNE, now=NOW)
            case "move_unit":
                units.change(self.session, me, COMMUNE, name="Xã khác", now=NOW)
            case "token_of_other":
                people.create_token(self.session, me, other, name="máy", now=NOW)
                pytest.fail("a token in somebody else's name")
            case "link_of_other":
                people.one_time_link(self.session, me, other, now=NOW)
                pytest.fail("a sign-in link of somebody else")
            case _:
                self._about_factors(operation, me, other, role)

    def _about_factors(self, operation: str, me: Actor, other: str, role: Role) -> None:
        match operation:
            case "stand_in":
                appoint(self.session, me, me.person_id, other, role)
            case "be_stood_in_for":
                appoint(self.session, me, other, me.person_id, role)
            case "reset_other":
                factors.reset(self.session, me, other, now=NOW)
            case "reset_self":
                factors.reset(self.session, me, me.person_id, now=NOW)
            case "phone_of_other":
                held = self.session.scalars(select(Factor).where(Factor.person_id == other)).all()
                factors.rename(self.session, me, held[0].id if held else "", "Của tôi", now=NOW)
                pytest.fail("a second factor of somebody else")


def submit(session: Session, me: Actor, mine: Announcement) -> None:
    give_clips(session, mine)
    announcements.submit(session, me, mine.id, now=NOW, second=second(session, me), vault=VAULT)


def approve(session: Session, me: Actor, mine: Announcement) -> None:
    read = announcements.content_hash(mine)
    code = second(session, me)
    announcements.approve(session, me, mine.id, content_sha256=read, now=NOW, second=code, vault=VAULT)


def renew(session: Session, me: Actor, mine: Announcement) -> None:
    announcements.renew(session, me, mine.id, second(session, me), VAULT, now=NOW)


def send(session: Session, me: Actor, mine: Announcement) -> None:
    emergencies.send(session, me, mine.id, place=NAMES[COMMUNE], now=NOW + timedelta(seconds=20))


def call_up(part: str, session: Session, me: Actor, mine: Announcement) -> None:
    emergencies.call_up(session, me, mine.id, part, now=NOW)


def appoint(session: Session, me: Actor, person_id: str, away: str, role: Role) -> None:
    deputies.appoint(
        session, me, COMMUNE, person_id=person_id, deputy_for=away, role=role, term=Term(NOW, NOW + DAY), now=NOW
    )


DAY = timedelta(days=1)
EVERY_DAY = {"rrule": "FREQ=DAILY", "times": ["11:00"]}
POLICIES = {"policy": [{"approvals": 1}], "no_policy": []}


ON_ANNOUNCEMENTS: dict[str, Any] = {
    "edit": lambda session, me, mine: announcements.edit(
        session, me, mine.id, draft(title="Khác", klass=mine.klass), revision=mine.revision, now=NOW
    ),
    "submit": submit,
    "approve": approve,
    "renew": renew,
    "send": send,
    "correction": partial(call_up, "correction"),
    "all_clear": partial(call_up, "all_clear"),
    "drill": lambda session, me, mine: drills.start(session, me, mine.id, now=NOW),
    "reject": lambda session, me, mine: announcements.reject(session, me, mine.id, reason="Không", now=NOW),
    "withdraw": lambda session, me, mine: announcements.withdraw(session, me, mine.id, reason="", now=NOW),
    "air": lambda session, me, mine: airings.air(session, me, mine.id, at=None, now=NOW),
    "repeat": lambda session, me, mine: schedules.add(session, me, mine.id, EVERY_DAY, starts=NOW, now=NOW),
}


@pytest.fixture
def everything(sqlite_database: Database) -> tuple[Database, Cast, Actor]:
    cast = gather(sqlite_database)
    with sqlite_database.transaction() as session:
        return sqlite_database, cast, person(session, "mot-minh", "Một mình", {COMMUNE: list(Role)})


@settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 11)), min_size=4, max_size=25),
    role=st.sampled_from(["everything", "owner", "clerk", "approver"]),
)
def test_no_sequence_of_one_identity_reaches_an_approval(
    everything: tuple[Database, Cast, Actor], steps: list[tuple[str, int]], role: str
) -> None:
    database, cast, all_roles = everything
    me = all_roles if role == "everything" else getattr(cast, role)
    with database.read() as session:
        loner = Loner(session, me, [cast.second_approver.person_id, cast.technician.person_id])
        loner.written.append(answered_long_ago(session, cast, me))
        approvals = session.scalar(select(func.count()).where(Approval.approved))
        for operation, place in (("write", 0), ("submit", 1), *steps):
            loner.attempt(operation, place)
            assert session.scalar(select(func.count()).where(Approval.approved)) == approvals
            assert session.scalar(select(func.count()).where(~Airing.standby)) == 0


def answered_long_ago(session: Session, cast: Cast, me: Actor) -> Announcement:
    """An alert that two approved and did not send, neither of whom is this person."""
    before = NOW - timedelta(minutes=10)
    writer = cast.technician if me is cast.clerk else cast.clerk
    people.grant(session, SYSTEM, writer.person_id, Role.CLERK, COMMUNE, now=before)
    writer = people.actor_of(session, writer.person_id, origin=SYSTEM.origin)
    if writer.person_id == cast.technician.person_id:
        give_phone(session, writer.person_id, now=before)
    alert = announcements.write(session, writer, draft(klass="emergency"), now=before)
    give_clips(session, alert)
    made = submit_as(session, writer, alert.id, now=before)
    return approve_as(session, cast.second_approver, made, now=before)


def test_two_identities_do_reach_it(everything: tuple[Database, Cast, Actor]) -> None:
    """What the test above would see if one identity were enough."""
    database, cast, all_roles = everything
    with database.read() as session:
        loner = Loner(session, all_roles, [cast.approver.person_id])
        for operation in ("write", "submit"):
            loner.attempt(operation, 0)
        loner.me = people.actor_of(session, cast.approver.person_id, origin=SYSTEM.origin)
        for operation in ("approve", "air"):
            loner.attempt(operation, 0)
        assert session.scalar(select(func.count()).select_from(Airing)) == 1


def test_two_identities_reach_a_live_emergency(everything: tuple[Database, Cast, Actor]) -> None:
    database, cast, all_roles = everything
    with database.read() as session:
        loner = Loner(session, all_roles, [cast.approver.person_id])
        for operation in ("write_emergency", "submit"):
            loner.attempt(operation, 0)
        loner.me = people.actor_of(session, cast.approver.person_id, origin=SYSTEM.origin)
        for operation in ("approve", "send"):
            loner.attempt(operation, 0)
        heard = select(func.count()).select_from(Airing).where(Airing.standby.is_(False))
        assert session.scalar(heard) == 1
