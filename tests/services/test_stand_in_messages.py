"""What a village head is sent: written with the request, sent once, with a link of which only the hash is kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from broadcaster.domain.errors import Malformed, NotAllowed, NotFound
from broadcaster.domain.mirror import MOST_REPEATS, Action, CopyState, Outcome
from broadcaster.domain.mirror_wording import compose
from broadcaster.domain.permissions import Role
from broadcaster.services.actor import SYSTEM
from broadcaster.services.alarms import stand_in_answers, stand_in_limits, standing_in
from broadcaster.services.ids import hashed
from broadcaster.services.outlets import mirrors, reaching, stand_in_queue
from broadcaster.services.outlets.claiming import Work
from broadcaster.services.people import people
from broadcaster.store.database import Database
from broadcaster.store.tables import Channel, MirrorCopy, Person, StandIn, StandInLink, StandInMessage
from tests.cast import COMMUNE, SPEAKERS, VILLAGES, Cast, person
from tests.services.stood_in import HOME, SAID, Commune

pytestmark = pytest.mark.database

LOST = Outcome(CopyState.UNKNOWN, provider_code="ReadTimeout")
LATER = Outcome(CopyState.FAILED, provider_code="500")
TAKEN = Outcome(CopyState.ACCEPTED, remote_id="m1")


@pytest.fixture
def commune(database: Database, cast: Cast) -> Commune:
    return Commune(database, cast)


@pytest.fixture
def asked(commune: Commune) -> str:
    """The village head has a chat of his own and was asked about an alert."""
    commune.chat()
    airing = commune.alert()
    commune.later(minutes=3)
    commune.look()
    return airing


def note(commune: Commune, work: Work, outcome: Outcome) -> None:
    with commune.database.transaction() as session:
        stand_in_queue.noted(session, work.copy.id, outcome, now=commune.now)


def test_the_message_says_all_that_must_be_said_and_its_link_opens_the_request(commune: Commune, asked: str) -> None:
    work = commune.take()[0]
    text = compose(work.copy, limit=2000)
    assert text.startswith("📢 CẦN NÓI THAY LOA – KHẨN CẤP:")
    assert "Lên chỗ cao." in text
    assert "Loa ban-na-pan" in text
    secret = work.copy.link.rpartition("/")[2]
    with commune.database.read() as session:
        row, link = stand_in_answers.of_link(session, secret, now=commune.now)
        assert (row.unit_id, link.person_id) == (HOME, commune.cast.village_head.person_id)
        assert session.get_one(StandInLink, hashed(secret)).stand_in_id == row.id


def look_and_fail(commune: Commune) -> None:
    with commune.database.transaction() as session:
        standing_in.look(session, now=commune.now)
        raise ZeroDivisionError


def test_the_intention_is_written_with_the_request_or_not_at_all(commune: Commune) -> None:
    commune.chat()
    commune.alert()
    commune.later(minutes=3)
    with pytest.raises(ZeroDivisionError):
        look_and_fail(commune)
    assert commune.messages() == []
    assert commune.asked() == []


def test_every_attempt_has_a_link_of_its_own_and_each_of_them_works(commune: Commune, asked: str) -> None:
    first = commune.take()[0]
    assert commune.take() == []
    note(commune, first, LATER)
    commune.later(seconds=5)
    second = commune.take()[0]
    note(commune, second, LOST)
    commune.later(minutes=1)
    third = commune.take()[0]
    assert third.copy.repeated
    links = {work.copy.link for work in (first, second, third)}
    assert len(links) == 3
    with commune.database.read() as session:
        for link in links:
            stand_in_answers.of_link(session, link.rpartition("/")[2], now=commune.now)


def test_what_was_taken_and_never_noted_is_sent_again(commune: Commune, asked: str) -> None:
    commune.take()
    commune.later(seconds=46)
    assert commune.take()[0].copy.repeated


def test_what_surely_did_not_go_out_is_not_counted_among_what_was_lost(commune: Commune, asked: str) -> None:
    for _ in range(MOST_REPEATS):
        note(commune, commune.take()[0], LATER)
        commune.later(seconds=80)
    note(commune, commune.take()[0], LOST)
    commune.later(minutes=5)
    assert commune.take()[0].copy.repeated


def test_a_request_is_not_sent_again_without_end(commune: Commune, asked: str) -> None:
    for _ in range(MOST_REPEATS):
        note(commune, commune.take()[0], LOST)
        commune.later(seconds=80)
    assert commune.take() == []


def test_a_claim_lapses_in_whatever_state_its_message_is(commune: Commune, asked: str) -> None:
    commune.take()
    with commune.database.transaction() as session:
        session.execute(update(StandInMessage).values(state="failed"))
    commune.later(seconds=46)
    for due in (True, False):
        with commune.database.read() as session:
            assert stand_in_queue.stale(session, now=commune.now) is due
        assert commune.take() == []


def test_who_has_it_already_is_told_that_it_is_over_though_it_is_tried_again(commune: Commune, asked: str) -> None:
    note(commune, commune.take()[0], Outcome(CopyState.FAILED, remote_id="m1", provider_code="503"))
    commune.call_up(asked, "correction")
    commune.look()
    assert commune.messages()[:2] == [("ask", "failed"), ("release", "queued")]


def test_a_chat_that_was_asked_to_wait_does_not_hold_up_an_alert(commune: Commune, asked: str) -> None:
    with commune.database.transaction() as session:
        session.execute(update(Channel).values(blocked_until=commune.now + timedelta(hours=1)))
    assert len(commune.take()) == 1


def test_an_unsent_request_is_dropped_and_nobody_is_told_of_its_end(commune: Commune, asked: str) -> None:
    commune.tell(asked, "started", SPEAKERS[0])
    commune.look()
    assert commune.messages() == [("ask", "failed")]
    assert commune.take() == []


def test_who_may_have_read_it_is_told_that_it_is_over(commune: Commune, asked: str) -> None:
    work = commune.take()[0]
    commune.call_up(asked, "correction")
    commune.look()
    # It waits for what is still on its way.
    assert commune.take() == []
    note(commune, work, TAKEN)
    over = commune.take()[0].copy
    assert (over.action, over.link, over.reason) == (Action.RELEASE, "", "withdrawn")
    assert "đừng đọc" in compose(over, limit=2000)


def test_an_answer_ends_the_asking(commune: Commune, asked: str) -> None:
    note(commune, commune.take()[0], LOST)
    commune.answer()
    commune.later(minutes=10)
    assert commune.take() == []


def test_no_announcement_is_copied_into_a_persons_own_chat(commune: Commune, asked: str) -> None:
    with commune.database.transaction() as session:
        mirrors.add_channel(
            session, SYSTEM, unit_id=HOME, kind="zalo_bot", name="Nhóm bản", settings={"chat_id": "g"}, secret="1:x",
            now=commune.now,
        )  # fmt: skip
    commune.notice()
    with commune.database.read() as session:
        own = session.scalars(select(StandInMessage.channel_id)).all()
        copied = session.scalars(select(MirrorCopy.channel_id)).all()
    assert len(copied) == 1
    assert not set(copied) & set(own)


def test_without_a_head_those_above_are_asked_and_deputies_too(commune: Commune) -> None:
    with commune.database.transaction() as session:
        above = person(session, "ca-xa", "Trưởng xã", {COMMUNE: [Role.VILLAGE_HEAD]})
        names = [head.name for head in reaching.heads(session, VILLAGES[1], now=commune.now)]
        own = [head.person_id for head in reaching.heads(session, HOME, now=commune.now)]
        assert names == ["Trưởng xã"]
        assert own == [commune.cast.village_head.person_id]
        session.get_one(Person, above.person_id).disabled_at = commune.now
        session.flush()
        assert reaching.heads(session, VILLAGES[1], now=commune.now) == ()


def test_a_new_chat_takes_the_place_of_the_old_one(commune: Commune) -> None:
    commune.chat(chat_id="old")
    commune.chat(chat_id="new")
    commune.alert()
    commune.later(minutes=3)
    commune.look()
    assert [work.settings["chat_id"] for work in commune.take()] == ["new"]


@pytest.mark.parametrize("phone", ["0912 345 678", "+84 912.345.678", "02123-840-123", ""])
def test_a_phone_number_is_kept_as_it_was_written(commune: Commune, phone: str) -> None:
    head = commune.cast.village_head.person_id
    with commune.database.transaction() as session:
        reaching.set_phone(session, commune.cast.owner, head, phone, now=commune.now)
        assert session.get_one(Person, head).phone == phone


@pytest.mark.parametrize("phone", ["javascript:alert(1)", "12", "0912 345 678;x", "٠٩١٢٣٤٥٦٧٨", "0" * 40])
def test_what_cannot_be_dialled_is_no_number(commune: Commune, phone: str) -> None:
    with pytest.raises(Malformed), commune.database.transaction() as session:
        reaching.set_phone(session, SYSTEM, commune.cast.village_head.person_id, phone, now=commune.now)


def test_only_who_tends_people_there_says_how_they_are_reached(commune: Commune) -> None:
    head = commune.cast.village_head.person_id
    for who in (commune.cast.clerk, commune.cast.stranger, commune.cast.village_head):
        with pytest.raises(NotAllowed), commune.database.transaction() as session:
            reaching.set_phone(session, who, head, "0912 345 678", now=commune.now)
    with pytest.raises(NotFound), commune.database.transaction() as session:
        reaching.set_phone(session, SYSTEM, "nobody", "0912 345 678", now=commune.now)


def test_limits_are_changed_by_who_tends_the_unit_and_read_along_the_tree(commune: Commune) -> None:
    with pytest.raises(NotAllowed), commune.database.transaction() as session:
        stand_in_limits.change(session, commune.cast.clerk, COMMUNE, {"emergency": [5, 6]}, now=commune.now)
    with commune.database.transaction() as session:
        stand_in_limits.change(session, commune.cast.owner, COMMUNE, {"emergency": [5, 6]}, now=commune.now)
        found = {one.klass: (one.limits.ask, one.own) for one in stand_in_limits.of_unit(session, HOME)}
        assert found == {"emergency": (timedelta(minutes=5), False), "priority": (timedelta(minutes=15), False)}
        stand_in_limits.change(session, commune.cast.owner, COMMUNE, {}, now=commune.now)
        assert stand_in_limits.of_unit(session, COMMUNE)[0].limits.ask == timedelta(minutes=3)


@pytest.mark.parametrize("who", ["technician", "monitor", "stranger"])
def test_who_has_nothing_to_say_there_answers_nothing(commune: Commune, asked: str, who: str) -> None:
    request = commune.asked(HOME)[0].id
    actor = getattr(commune.cast, who)
    with pytest.raises(NotAllowed), commune.database.transaction() as session:
        stand_in_answers.hand_over(session, actor, request, now=commune.now)
    with pytest.raises(NotAllowed), commune.database.transaction() as session:
        stand_in_answers.answer_for(session, actor, request, SAID, now=commune.now)
    with commune.database.read() as session:
        assert session.get_one(StandIn, request).state == "open"


def test_a_person_who_left_is_asked_nothing(commune: Commune) -> None:
    commune.chat()
    with commune.database.transaction() as session:
        people.disable(session, SYSTEM, commune.cast.village_head.person_id, now=commune.now)
    commune.alert()
    commune.later(minutes=3)
    commune.look()
    assert commune.messages() == []
    assert len(commune.asked()) == 3
