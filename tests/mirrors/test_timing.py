"""When a first copy goes out: at approval, when an airing has begun, and not in quiet hours."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.domain.mirror_terms import PostsWhen, Terms
from broadcaster.services.outlets import mirror_queue, mirrors
from broadcaster.services.outlets.quiet import quiet
from broadcaster.store.tables import Airing, Announcement, Unit
from tests.mirrors.village import Village

pytestmark = pytest.mark.database

ACCEPTED = Outcome(CopyState.ACCEPTED, remote_id="m1")
EARLY = Terms(posts_when=PostsWhen.APPROVAL)
# The village's clock shows 16:30.
EVENING = Terms(quiet_from="16:00", quiet_until="18:00")
LATER = timedelta(minutes=30)


def send(village: Village) -> list[str]:
    """Let everything that is due be accepted; the actions, in order."""
    with village.database.transaction() as session:
        mirror_queue.tidy(session, now=village.now)
        rows = mirror_queue.due(session, now=village.now, limit=50)
        works = mirror_queue.claim(session, rows, now=village.now, public_url="https://loa.example.vn")
        for work in works:
            mirror_queue.noted(session, work.copy.id, ACCEPTED, now=village.now)
    return [work.copy.action for work in works]


def approve(village: Village, name: str) -> int:
    """What is owed once it is approved and nothing is planned yet."""
    with village.database.transaction() as session:
        return mirrors.owe(session, session.get_one(Announcement, name), now=village.now)


def call_off(village: Village) -> None:
    with village.database.transaction() as session:
        session.execute(update(Airing).values(cancelled_at=village.now, state="cancelled"))


def test_it_is_posted_when_its_airing_begins(village: Village) -> None:
    village.channel()
    assert village.air(village.announcement(), after=LATER) == 1
    village.pass_time(minutes=29)
    assert send(village) == []
    village.pass_time(minutes=1)
    assert send(village) == ["post"]


def test_what_the_commune_put_later_is_posted_later(village: Village) -> None:
    village.channel()
    village.air(village.announcement())
    with village.database.transaction() as session:
        session.execute(update(Airing).values(hold_until=village.now + LATER))
    assert send(village) == []
    village.pass_time(minutes=30)
    assert send(village) == ["post"]


def test_an_airing_that_was_called_off_posts_nothing_and_the_next_one_does(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name, after=LATER)
    call_off(village)
    village.pass_time(hours=1)
    assert send(village) == []
    village.air(name)
    assert send(village) == ["post"]


def test_a_copy_waits_for_the_airing_that_takes_the_place_of_another(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name, after=LATER)
    call_off(village)
    assert village.air(name, after=timedelta(days=3)) == 0
    village.pass_time(days=3)
    assert send(village) == ["post"]


def test_one_far_ahead_is_still_worth_posting_then(village: Village) -> None:
    village.channel()
    village.air(village.announcement(), after=timedelta(days=5))
    village.pass_time(days=5)
    assert send(village) == ["post"]


def test_words_approved_again_before_it_aired_wait_for_the_airing_too(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name, after=LATER)
    village.correct(name, "Họp lúc 8 giờ.")
    assert send(village) == []
    village.pass_time(minutes=30)
    assert send(village) == ["post"]


def test_a_channel_that_posts_at_approval_needs_no_airing(village: Village) -> None:
    village.channel("dong-1", terms=EARLY)
    village.channel("yen-chau")
    name = village.announcement()
    assert approve(village, name) == 1
    assert send(village) == ["post"]
    assert village.air(name) == 1
    assert send(village) == ["post"]
    assert {group for group, _, _ in village.copies()} == {"g-dong-1", "g-yen-chau"}


def test_posted_at_approval_it_is_corrected_and_withdrawn_before_anything_aired(village: Village) -> None:
    village.channel(terms=EARLY)
    name = village.announcement()
    approve(village, name)
    send(village)
    village.correct(name, "Họp lúc 8 giờ.")
    assert send(village) == ["correct"]
    village.withdraw(name)
    assert send(village) == ["withdraw"]


def test_an_emergency_waits_for_whoever_airs_it_also_where_others_are_posted_at_approval(village: Village) -> None:
    village.channel(terms=EARLY)
    name = village.announcement(klass="emergency")
    assert approve(village, name) == 0
    assert village.air(name, after=LATER) == 1
    assert send(village) == []
    village.pass_time(minutes=30)
    assert send(village) == ["post"]


def test_what_comes_due_in_quiet_hours_waits_until_they_end(village: Village) -> None:
    village.channel(terms=EVENING)
    village.air(village.announcement())
    assert send(village) == []
    with village.database.read() as session:
        (end,) = quiet(session, now=village.now).values()
    assert end == village.now + timedelta(minutes=90)
    village.now = end
    assert send(village) == ["post"]


def test_an_emergency_keeps_no_quiet_hours(village: Village) -> None:
    village.channel(terms=EVENING)
    name = village.announcement(klass="emergency")
    village.air(name)
    assert send(village) == ["post"]
    village.withdraw(name)
    assert send(village) == ["withdraw"]


@pytest.mark.parametrize(
    ("read", "drafted", "sent"), [("emergency", "normal", ["withdraw"]), ("normal", "emergency", [])]
)
def test_quiet_hours_ask_what_was_read_and_not_what_was_drafted_since(
    small_village: Village, read: str, drafted: str, sent: list[str]
) -> None:
    small_village.channel(terms=Terms(quiet_from="17:00", quiet_until="18:00"))
    name = small_village.announcement(klass=read)
    small_village.air(name)
    assert send(small_village) == ["post"]
    small_village.pass_time(hours=1)
    small_village.redraft(name, "Chưa duyệt.", klass=drafted)
    small_village.withdraw(name)
    assert (send(small_village), small_village.row().klass) == (sent, read)


def test_what_is_not_worth_it_any_more_when_quiet_hours_end_is_dropped(village: Village) -> None:
    village.channel(terms=EVENING)
    name = village.announcement()
    with village.database.transaction() as session:
        session.get_one(Announcement, name).expires = village.now + timedelta(hours=1)
    village.air(name)
    village.pass_time(minutes=90)
    assert send(village) == []
    assert (village.row().state, village.row().provider_code) == ("failed", "expired")


def test_quiet_hours_are_those_of_the_clock_of_its_own_unit(village: Village) -> None:
    with village.database.transaction() as session:
        session.get_one(Unit, "dong-2").zone = "Asia/Kabul"
    for unit in ("dong-1", "dong-2"):
        village.channel(unit, terms=EVENING)
    village.air(village.announcement("yen-chau"))
    assert send(village) == ["post"]
    assert ("g-dong-2", "post", "accepted") in village.copies()


def test_a_unit_with_a_clock_that_is_none_has_that_of_the_one_above_and_stops_no_other(small_village: Village) -> None:
    with small_village.database.transaction() as session:
        session.get_one(Unit, "dong-2").zone = "Asia/Nowhere"
        session.get_one(Unit, "yen-chau").zone = "Asia/Kabul"
    for unit in ("dong-1", "dong-2", "to-3"):
        small_village.channel(unit, terms=EVENING if unit == "dong-2" else Terms())
    small_village.air(small_village.announcement("yen-chau"))
    assert send(small_village) == ["post"] * 3


def test_a_kind_that_is_carried_by_hand_is_never_sent(village: Village) -> None:
    village.channel(kind="share_pack", terms=EARLY)
    village.air(village.announcement())
    assert send(village) == []
    assert village.copies() == [("g-dong-1", "post", "queued")]


def test_where_nothing_waits_nobody_looks_at_the_clock(village: Village) -> None:
    village.channel(terms=EVENING)
    with village.database.read() as session:
        assert quiet(session, now=village.now) == {}
        assert session.scalars(select(Airing)).all() == []
