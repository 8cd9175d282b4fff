"""Nothing sounds without a person unless two of them ordered it, for exactly this source, and both still may."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.domain.cap.incoming import State
from broadcaster.domain.cap.message import Area, Certainty, Message, MsgType, Severity, Status
from broadcaster.domain.deputy import Term
from broadcaster.domain.errors import (
    Malformed,
    NoOrder,
    NotAllowed,
    OwnOrder,
    SecondFactorNeeded,
    TwoPersonsNeeded,
    WrongCode,
)
from broadcaster.domain.permissions import Role
from broadcaster.services.actor import SYSTEM
from broadcaster.services.alarms import cap_airing, cap_in, emergencies
from broadcaster.services.outlets import cap_sources, standing_orders
from broadcaster.services.people import deputies, people
from broadcaster.services.people.second_factor import Method, Second
from broadcaster.services.speaking.signing import Signing, make_keys, sign_announcement
from broadcaster.services.writing import policies
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, AuditEntry, CapMessage, CapSource, Person, Unit
from tests.cap.senders import RULE, SENDER, Sender, known, order, storm, typed
from tests.cast import COMMUNE, NOW, OTHER_VILLAGE, VAULT, Cast, gather, second
from tests.studios import QuietStudio

pytestmark = pytest.mark.database

AFTER = timedelta(seconds=20)
"""When those who are slow to store the correction are waited for no longer."""


class Desk:
    """A commune with the weather service as a source, and the time."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.cast, self.sender = database, gather(database), Sender()
        self.studio, self.signing = QuietStudio(), make_keys(folder / "keys", now=NOW)
        with database.transaction() as session:
            self.source = known(session, self.cast).id

    def do(self, work: Callable[[Session, CapSource], object]) -> None:
        with self.database.transaction() as session:
            work(session, session.get_one(CapSource, self.source))

    def ordered(self) -> None:
        self.do(lambda session, source: order(session, source, self.cast.approver, self.cast.second_approver))

    def comes(self, message: Message) -> str:
        with self.database.transaction() as session:
            source = session.get_one(CapSource, self.source)
            raw = self.sender.signed(message)
            return cap_in.receive(session, source, raw, pinned=False, now=NOW + timedelta(seconds=30)).id

    def time_passes(self) -> set[str]:
        """What went on the air within the next minute."""
        steps = (timedelta(seconds=30), timedelta(seconds=35), timedelta(seconds=30) + AFTER)
        return set().union(*(cap_airing.work(self.database, self.studio, now=NOW + step) for step in steps))

    def row(self, message_id: str) -> CapMessage:
        with self.database.read() as session:
            return session.get_one(CapMessage, message_id)

    def announcement(self, message_id: str) -> Announcement:
        with self.database.read() as session:
            return session.get_one(Announcement, self.row(message_id).announcement_id)

    def sounding(self) -> list[str]:
        """The announcements with an airing that is neither cancelled nor only stands by."""
        with self.database.read() as session:
            rows = select(Airing.announcement_id).where(Airing.standby.is_(False), Airing.cancelled_at.is_(None))
            return list(session.scalars(rows))


@pytest.fixture
def desk(sqlite_database: Database, tmp_path: Path) -> Desk:
    return Desk(sqlite_database, tmp_path)


def sign(session: Session, announcement_id: str, signing: Signing) -> str:
    return sign_announcement(session, announcement_id, signing=signing, now=NOW + timedelta(minutes=1))


def test_without_an_order_it_waits_with_its_sound_made(desk: Desk) -> None:
    made = desk.comes(desk.sender.message())
    assert desk.time_passes() == set()
    assert (desk.row(made).state, desk.announcement(made).state) == (State.DRAFTED, "draft")
    assert all(version.clip_sha256 for version in desk.announcement(made).versions)


def test_under_an_order_of_two_it_sounds_and_the_signer_agrees(desk: Desk) -> None:
    desk.ordered()
    made = desk.comes(desk.sender.message())
    assert len(desk.time_passes()) == 1
    assert desk.row(made).state == State.AIRED
    alert = desk.announcement(made)
    assert desk.sounding() == [alert.id]
    with desk.database.transaction() as session:
        assert sign(session, alert.id, desk.signing).startswith("sha256:")
        correction = emergencies.standing(session, alert.id, "correction")
        assert correction is not None
        assert correction.standby
    with desk.database.read() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "cap_air")).one()
    assert told.details["people"] == "Phó chủ tịch, Chủ tịch"
    assert (told.person_name, told.details["sender"]) == ("Đài khí tượng", SENDER)


@pytest.mark.parametrize(
    "message",
    [
        {"infos": (storm(severity=Severity.MODERATE),)},
        {"infos": (storm(severity=Severity.UNKNOWN),)},
        {"infos": (storm(certainty=Certainty.POSSIBLE),)},
        {"infos": (storm(), storm(language="en-US", severity=Severity.MINOR))},
        {"infos": (storm(areas=()),)},
        {"infos": (storm(event="Rò rỉ hoá chất"),)},
        {"status": Status.EXERCISE},
        {"status": Status.TEST},
    ],
)
def test_what_is_not_wholly_under_the_rule_waits(desk: Desk, message: dict[str, object]) -> None:
    desk.ordered()
    desk.comes(desk.sender.message(**message))  # type: ignore[arg-type]
    assert desk.time_passes() == set()
    assert desk.sounding() == []


def test_what_may_be_two_places_waits_although_another_one_is_certain(desk: Desk) -> None:
    desk.ordered()
    with desk.database.transaction() as session:
        session.get_one(Unit, OTHER_VILLAGE).name = "Bản Nà Pản"
    desk.comes(desk.sender.message(infos=(storm(areas=(Area("Bản Nà Pản, bản Khoóng"),)),)))
    assert desk.time_passes() == set()
    made = desk.comes(desk.sender.message(infos=(storm(areas=(Area("Bản Khoóng, xã Nào Đó"),)),)))
    assert len(desk.time_passes()) == 1
    assert desk.sounding() == [desk.row(made).announcement_id]


def test_one_person_orders_nothing(desk: Desk) -> None:
    cast = desk.cast

    def alone(session: Session, source: CapSource) -> None:
        for actor in (cast.clerk, cast.village_head, cast.technician, cast.monitor, cast.stranger):
            with pytest.raises(NotAllowed):
                standing_orders.ask(session, actor, source, RULE, second=None, vault=VAULT, now=NOW)
        with pytest.raises(SecondFactorNeeded):
            standing_orders.ask(session, cast.owner, source, RULE, second=None, vault=VAULT, now=NOW)
        asked = standing_orders.ask(
            session, cast.owner, source, RULE, second=second(session, cast.owner), vault=VAULT, now=NOW
        )
        with pytest.raises(OwnOrder):
            standing_orders.grant(
                session, cast.owner, source, asked.about, second=second(session, cast.owner), vault=VAULT, now=NOW
            )
        with pytest.raises(WrongCode):
            standing_orders.grant(
                session, cast.approver, source, asked.about, second=Second(Method.TOTP, "000000"), vault=VAULT, now=NOW
            )

    desk.do(alone)
    desk.comes(desk.sender.message())
    assert desk.time_passes() == set()


def test_a_grant_is_for_what_was_read(desk: Desk) -> None:
    cast = desk.cast

    def changed(session: Session, source: CapSource) -> None:
        code = second(session, cast.approver)
        asked = standing_orders.ask(session, cast.approver, source, RULE, second=code, vault=VAULT, now=NOW)
        wider = RULE | {"severities": ["Extreme", "Severe", "Moderate", "Minor"]}
        code = second(session, cast.approver)
        standing_orders.ask(session, cast.approver, source, wider, second=code, vault=VAULT, now=NOW)
        code = second(session, cast.owner)
        with pytest.raises(NoOrder):
            standing_orders.grant(session, cast.owner, source, asked.about, second=code, vault=VAULT, now=NOW)

    desk.do(changed)


@pytest.mark.parametrize("wanted", [{}, RULE | {"senders": ["x@y"]}, RULE | {"severities": ["Unknown"]}])
def test_a_rule_names_what_it_lets_through(desk: Desk, wanted: dict[str, object]) -> None:
    def ask(session: Session, source: CapSource) -> None:
        with pytest.raises(Malformed):
            standing_orders.ask(session, desk.cast.owner, source, wanted, second=None, vault=VAULT, now=NOW)

    desk.do(ask)


@pytest.mark.parametrize("changes", [{"senders": f"{SENDER}\nother@example.vn"}, {"url": "https://other.example/"}])
def test_one_person_cannot_change_who_is_believed_under_an_order(desk: Desk, changes: dict[str, object]) -> None:
    desk.ordered()
    desk.do(lambda session, source: cap_sources.change(session, desk.cast.owner, source.id, typed(**changes), now=NOW))
    desk.comes(desk.sender.message())
    assert desk.time_passes() == set()


def test_not_even_past_the_services(desk: Desk) -> None:
    """A row changed by whatever way is not the one two people looked at."""
    desk.ordered()
    desk.do(lambda session, _: session.execute(update(CapSource).values(senders=[SENDER, "evil@example.vn"])))
    desk.comes(desk.sender.message(sender="evil@example.vn"))
    desk.comes(desk.sender.message())
    assert desk.time_passes() == set()


def test_an_order_ends_with_the_right_of_either(desk: Desk) -> None:
    desk.ordered()
    with desk.database.transaction() as session:
        people.take_back(session, SYSTEM, desk.cast.approver.person_id, Role.APPROVER, COMMUNE, now=NOW)
    desk.comes(desk.sender.message())
    assert desk.time_passes() == set()


def test_an_order_ends_with_the_account_of_either(desk: Desk) -> None:
    desk.ordered()
    with desk.database.transaction() as session:
        session.get_one(Person, desk.cast.second_approver.person_id).disabled_at = NOW
    desk.comes(desk.sender.message())
    assert desk.time_passes() == set()


@pytest.mark.parametrize(("away", "waits"), [("second_approver", True), ("owner", False)])
def test_whoever_only_stands_in_for_the_other_is_no_second_voice(desk: Desk, away: str, waits: bool) -> None:
    desk.ordered()
    stands_in, instead = desk.cast.approver.person_id, getattr(desk.cast, away).person_id
    with desk.database.transaction() as session:
        role, day = next(iter(people.actor_of(session, instead, origin="", now=NOW).grants)).role, timedelta(days=1)
        deputies.appoint(
            session,
            SYSTEM,
            COMMUNE,
            person_id=stands_in,
            deputy_for=instead,
            role=role,
            term=Term(NOW, NOW + day),
            now=NOW,
        )
        people.take_back(session, SYSTEM, stands_in, Role.APPROVER, COMMUNE, now=NOW)
    desk.comes(desk.sender.message())
    assert (desk.time_passes() == set()) is waits


def test_whoever_may_withdraw_ends_it_alone(desk: Desk) -> None:
    desk.ordered()
    desk.do(lambda session, source: standing_orders.end(session, desk.cast.clerk, source, now=NOW))
    desk.comes(desk.sender.message())
    assert desk.time_passes() == set()


def test_a_policy_that_asks_for_more_than_two_is_kept(desk: Desk) -> None:
    desk.ordered()
    with desk.database.transaction() as session:
        policies.change(session, desk.cast.owner, COMMUNE, [{"class": "emergency", "approvals": 3}], now=NOW)
    desk.comes(desk.sender.message())
    assert desk.time_passes() == set()


def test_what_a_person_has_touched_is_theirs(desk: Desk) -> None:
    desk.ordered()
    made = desk.comes(desk.sender.message())
    with desk.database.transaction() as session:
        alert = session.get_one(Announcement, desk.row(made).announcement_id)
        alert.writers = [*alert.writers, desk.cast.clerk.person_id]
    assert desk.time_passes() == set()


def test_the_signer_refuses_what_no_order_stands_behind(desk: Desk) -> None:
    desk.ordered()
    made = desk.comes(desk.sender.message())
    desk.time_passes()
    desk.do(lambda session, source: standing_orders.end(session, desk.cast.clerk, source, now=NOW))
    with desk.database.transaction() as session, pytest.raises(TwoPersonsNeeded):
        sign(session, desk.announcement(made).id, desk.signing)


def test_a_cancel_stops_what_sounds_at_once(desk: Desk) -> None:
    desk.ordered()
    first = desk.sender.message()
    made = desk.comes(first)
    desk.time_passes()
    assert desk.sounding()
    desk.comes(desk.sender.message(MsgType.CANCEL, first))
    assert (desk.sounding(), desk.row(made).state) == ([], State.CANCELLED)
    assert desk.announcement(made).state == "withdrawn"


def test_an_update_that_airs_takes_the_old_one_off_the_air(desk: Desk) -> None:
    desk.ordered()
    first = desk.sender.message()
    desk.comes(first)
    desk.time_passes()
    new = desk.comes(desk.sender.message(MsgType.UPDATE, first))
    desk.time_passes()
    assert desk.sounding() == [desk.announcement(new).id]


def test_an_update_that_waits_leaves_the_alarm_alone(desk: Desk) -> None:
    desk.ordered()
    first = desk.sender.message()
    old = desk.comes(first)
    desk.time_passes()
    milder = replace(desk.sender.message(MsgType.UPDATE, first), infos=(storm(severity=Severity.MINOR),))
    new = desk.comes(milder)
    desk.time_passes()
    assert desk.sounding() == [desk.announcement(old).id]
    assert desk.announcement(new).supersedes_id == desk.announcement(old).id


def test_what_has_expired_is_stopped_in_mid_play(desk: Desk) -> None:
    desk.ordered()
    desk.comes(desk.sender.message(infos=(storm(expires=NOW + timedelta(minutes=10)),)))
    desk.time_passes()
    assert desk.sounding()
    cap_airing.work(desk.database, desk.studio, now=NOW + timedelta(minutes=10))
    assert desk.sounding() == []


def test_no_more_than_a_few_in_an_hour(desk: Desk) -> None:
    desk.ordered()
    for _ in range(cap_airing.MOST_IN_AN_HOUR + 2):
        desk.comes(desk.sender.message())
        desk.time_passes()
    assert len(desk.sounding()) == cap_airing.MOST_IN_AN_HOUR


@pytest.mark.parametrize("ends", [timedelta(minutes=3), timedelta(hours=3)])
def test_what_is_over_was_heard_all_the_same(desk: Desk, ends: timedelta) -> None:
    desk.ordered()
    for _ in range(cap_airing.MOST_IN_AN_HOUR):
        desk.comes(desk.sender.message(infos=(storm(expires=NOW + ends),)))
    assert len(desk.time_passes()) == cap_airing.MOST_IN_AN_HOUR
    cap_airing.work(desk.database, desk.studio, now=NOW + timedelta(minutes=4))
    desk.comes(desk.sender.message())
    soon = [NOW + timedelta(minutes=4, seconds=seconds) for seconds in (1, 6, 30, 60)]
    assert [cap_airing.work(desk.database, desk.studio, now=at) for at in soon] == [set()] * 4


def test_what_waited_too_long_is_for_people(desk: Desk) -> None:
    desk.ordered()
    desk.comes(desk.sender.message())
    late = NOW + cap_airing.FRESH + timedelta(minutes=1)
    for step in (timedelta(), AFTER, 2 * AFTER):
        assert cap_airing.work(desk.database, desk.studio, now=late + step) == set()


def test_everybody_has_a_voice_of_their_own(desk: Desk, sqlite_database: Database) -> None:
    cast: Cast = desk.cast
    desk.ordered()
    with sqlite_database.read() as session:
        source = session.get_one(CapSource, desk.source)
        found = standing_orders.in_force(session, source, now=NOW)
    assert found is not None
    assert found.granted is not None
    assert {found.asked.person_id, found.granted.person_id} == {
        cast.approver.person_id,
        cast.second_approver.person_id,
    }
