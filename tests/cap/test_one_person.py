"""Whatever one person does with a source, in whatever order, even with a key of their own: nothing sounds by itself."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.cap.refusal import Refused
from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Role
from broadcaster.services.actor import Actor
from broadcaster.services.alarms import cap_airing, cap_in
from broadcaster.services.outlets import cap_sources, standing_orders
from broadcaster.services.outlets.cap_seal import Seal
from broadcaster.services.people import people
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, CapSource, Person
from tests.cap.senders import RULE, Sender, typed
from tests.cast import COMMUNE, NOW, VAULT, Cast, gather, second
from tests.studios import QuietStudio
from tests.web.house import AUTHORITY

pytestmark = pytest.mark.database

_ISSUED = AUTHORITY.issue("own", now=NOW)
OWN = Seal(_ISSUED.key_pem, _ISSUED.certificate_pem)
_CASTS: list[Cast] = []
OPERATIONS = (
    "add",
    "own_key",
    "their_key",
    "senders",
    "off",
    "on",
    "ask",
    "grant",
    "end",
    "alert",
    "own_alert",
    "helper",
)


class Loner:
    """The owner of a commune, alone."""

    def __init__(self, database: Database, cast: Cast, studio: QuietStudio) -> None:
        self.database, self.cast, self.studio, self.sender = database, cast, studio, Sender()
        self.helpers: list[str] = []

    def attempt(self, operation: str) -> None:
        with suppress(LoaError, Refused), self.database.transaction() as session:
            me = people.actor_of(session, self.cast.owner.person_id, origin="127.0.0.1", now=NOW)
            self._act(session, me, operation)

    def _act(self, session: Session, me: Actor, operation: str) -> None:
        if operation == "add":
            cap_sources.add(session, me, COMMUNE, typed(), now=NOW)
            return
        if operation == "helper":
            # Somebody made up, with a role but without a second factor or a key to one.
            made = people.create_person(session, me, login=f"h{len(self.helpers)}", name="H", unit_id=COMMUNE, now=NOW)
            people.grant(session, me, made.id, Role.APPROVER, COMMUNE, now=NOW)
            self.helpers.append(made.id)
            return
        self._touch(
            session, me, session.scalars(select(CapSource).order_by(CapSource.id.desc()).limit(1)).one(), operation
        )

    def _touch(self, session: Session, me: Actor, row: CapSource, operation: str) -> None:
        code = second(session, me)
        changes: dict[str, dict[str, str]] = {
            "own_key": {"certificate": OWN.certificate_pem.decode()},
            "their_key": {},
            "senders": {"senders": "kttv@example.vn\nown@example.vn"},
        }
        match operation:
            case "own_key" | "their_key" | "senders":
                cap_sources.change(session, me, row.id, typed(**changes[operation]), now=NOW)
            case "off" | "on":
                cap_sources.switch(session, me, row.id, on=operation == "on", now=NOW)
            case "ask":
                standing_orders.ask(session, me, row, RULE, second=code, vault=VAULT, now=NOW)
            case "grant":
                asked = standing_orders.waiting(row)
                about = asked.about if asked else ""
                for who in (me, *(people.actor_of(session, each, origin="", now=NOW) for each in self.helpers)):
                    with suppress(LoaError):
                        standing_orders.grant(session, who, row, about, second=code, vault=VAULT, now=NOW)
            case "end":
                standing_orders.end(session, me, row, now=NOW)
            case _:
                seal = OWN if operation == "own_alert" else self.sender.seal
                raw = Sender(seal, self.sender.count).signed(self.sender.message())
                cap_in.receive(session, row, raw, pinned=False, now=NOW + timedelta(seconds=90))

    def sounding(self) -> list[str]:
        for step in (95, 100, 125):
            cap_airing.work(self.database, self.studio, now=NOW + timedelta(seconds=step))
        with self.database.read() as session:
            return list(session.scalars(select(Airing.id)))


@pytest.fixture
def studio() -> QuietStudio:
    return QuietStudio()


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(done=st.lists(st.sampled_from(OPERATIONS), min_size=3, max_size=8))
def test_one_person_makes_nothing_sound_by_itself(
    sqlite_database: Database, studio: QuietStudio, done: list[str]
) -> None:
    with sqlite_database.read() as session:
        known = session.scalar(select(Person.id).limit(1))
    loner = Loner(sqlite_database, _CASTS[-1] if known else gather(sqlite_database), studio)
    _CASTS.append(loner.cast)
    for operation in ["add", "ask", *done, "grant", "alert", "own_alert"]:
        loner.attempt(operation)
    assert loner.sounding() == []


def test_two_would(sqlite_database: Database, studio: QuietStudio) -> None:
    """What keeps it silent above is the second person, and nothing else."""
    loner = Loner(sqlite_database, gather(sqlite_database), studio)
    for operation in ("add", "ask"):
        loner.attempt(operation)
    with sqlite_database.transaction() as session:
        row, other = session.scalars(select(CapSource)).one(), loner.cast.approver
        asked = standing_orders.waiting(row)
        assert asked is not None
        standing_orders.grant(session, other, row, asked.about, second=second(session, other), vault=VAULT, now=NOW)
    loner.attempt("alert")
    assert loner.sounding()
