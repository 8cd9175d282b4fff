"""What is due, in which order, and what becomes of a copy that was taken."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from broadcaster.domain.mirror import MOST_REPEATS, REPEATABLE, CopyState, Outcome
from broadcaster.services.outlets import mirror_queue
from broadcaster.services.outlets.claiming import LEASE, Work
from broadcaster.store.tables import MirrorCopy
from tests.mirrors.village import Village

pytestmark = pytest.mark.database

URL = "https://loa.example.vn"
ACCEPTED = Outcome(CopyState.ACCEPTED, remote_id="m1", provider_code="ok")
UNKNOWN = Outcome(CopyState.UNKNOWN, provider_code="ReadTimeout", detail="no answer")
LATER = Outcome(CopyState.FAILED, provider_code="500", detail="fault")
REFUSED = Outcome(CopyState.FAILED, permanent=True, provider_code="401", detail="the token is not valid")


def take(village: Village, *, limit: int = 50) -> list[Work]:
    with village.database.transaction() as session:
        mirror_queue.tidy(session, now=village.now)
        rows = mirror_queue.due(session, now=village.now, limit=limit)
        return mirror_queue.claim(session, rows, now=village.now, public_url=URL)


def note(village: Village, work: Work, outcome: Outcome) -> None:
    with village.database.transaction() as session:
        mirror_queue.noted(session, work.copy.id, outcome, now=village.now)


def owed(village: Village, *, klass: str = "normal") -> str:
    village.channel()
    name = village.announcement(klass=klass)
    village.air(name)
    return name


def test_what_is_taken_is_not_taken_again(village: Village) -> None:
    owed(village)
    assert len(take(village)) == 1
    assert take(village) == []


def test_two_who_saw_the_same_copy_do_not_both_get_it(village: Village) -> None:
    owed(village)
    with village.database.read() as other:
        seen = mirror_queue.due(other, now=village.now, limit=5)
    take(village)
    with village.database.transaction() as session:
        assert mirror_queue.claim(session, seen, now=village.now, public_url=URL) == []


def test_an_accepted_copy_is_done_and_its_channel_shown_to_work(village: Village) -> None:
    owed(village)
    work = take(village)[0]
    note(village, work, ACCEPTED)
    row = village.row()
    assert (row.state, row.remote_id, row.provider_code, row.attempts) == ("accepted", "m1", "ok", 1)
    assert row.accepted_at == village.now
    assert village.channel_row(row.channel_id).last_accepted_at == village.now
    village.pass_time(hours=1)
    assert take(village) == []


def test_a_failure_that_may_pass_is_tried_again_with_growing_patience(village: Village) -> None:
    owed(village)
    waits = []
    for _ in range(8):
        note(village, take(village)[0], LATER)
        waits.append((village.row().due_at - village.now).total_seconds())
        village.now = village.row().due_at
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]
    assert village.row().state == "queued"


def test_nothing_is_taken_before_its_time(village: Village) -> None:
    owed(village)
    note(village, take(village)[0], LATER)
    village.pass_time(seconds=4)
    assert take(village) == []


def test_a_refusal_is_for_good_and_says_why(village: Village) -> None:
    owed(village)
    note(village, take(village)[0], REFUSED)
    row = village.row()
    assert (row.state, row.provider_code, row.error) == ("failed", "401", "the token is not valid")
    assert village.channel_row(row.channel_id).blocked_reason == "the token is not valid"
    village.pass_time(hours=1)
    assert take(village) == []


def test_when_nobody_knows_an_ordinary_copy_is_not_sent_again(village: Village) -> None:
    owed(village, klass="priority")
    note(village, take(village)[0], UNKNOWN)
    village.pass_time(hours=2)
    assert take(village) == []
    assert village.row().state == "unknown"


def test_when_nobody_knows_an_emergency_is_sent_again_marked_and_not_for_ever(village: Village) -> None:
    owed(village, klass="emergency")
    marks = []
    for _ in range(MOST_REPEATS + 3):
        for work in take(village):
            marks.append(work.copy.repeated)
            note(village, work, UNKNOWN)
        village.pass_time(minutes=5)
    assert marks == [False] + [True] * (MOST_REPEATS - 1)


@pytest.mark.parametrize("replace", [Village.withdraw, lambda village, name: village.correct(name, "Họp lúc 8 giờ.")])
def test_an_emergency_is_not_repeated_once_something_newer_is_owed(
    village: Village, replace: Callable[[Village, str], int]
) -> None:
    name = owed(village, klass="emergency")
    note(village, take(village)[0], UNKNOWN)
    replace(village, name)
    village.pass_time(minutes=5)
    newer = take(village)
    assert [work.copy.action for work in newer] in (["withdraw"], ["correct"])
    note(village, newer[0], ACCEPTED)
    village.pass_time(minutes=5)
    assert take(village) == []


def test_what_could_not_be_sent_before_it_was_corrected_is_dropped(village: Village) -> None:
    name = owed(village)
    work = take(village)[0]
    village.correct(name, "Họp lúc 8 giờ.")
    note(village, work, LATER)
    assert [found.copy.action for found in take(village)] == ["correct"]
    assert [state for _, _, state in village.copies()] == ["failed", "queued"]


def test_an_emergency_that_gets_through_at_last_is_accepted(village: Village) -> None:
    owed(village, klass="emergency")
    note(village, take(village)[0], UNKNOWN)
    village.pass_time(minutes=5)
    note(village, take(village)[0], LATER)
    assert village.row().state == "unknown"
    village.pass_time(minutes=5)
    note(village, take(village)[0], ACCEPTED)
    assert village.row().state == "accepted"


@pytest.mark.parametrize(("klass", "sent_again"), [("normal", []), ("emergency", [True])])
def test_after_a_crash_between_sending_and_noting_it_is_unknown(
    village: Village, klass: str, sent_again: list[bool]
) -> None:
    owed(village, klass=klass)
    take(village)
    village.pass_time(seconds=LEASE.total_seconds() - 1)
    assert take(village) == []
    village.pass_time(seconds=2)
    assert [work.copy.repeated for work in take(village)] == sent_again
    assert village.row().state == "unknown"


def test_an_answer_after_the_claim_lapsed_still_counts(village: Village) -> None:
    owed(village)
    work = take(village)[0]
    village.pass_time(minutes=5)
    take(village)
    note(village, work, ACCEPTED)
    assert village.row().state == "accepted"
    note(village, work, UNKNOWN)
    assert village.row().state == "accepted"


def test_what_expires_before_it_goes_out_is_dropped(village: Village) -> None:
    owed(village)
    village.pass_time(days=2)
    assert take(village) == []
    assert (village.row().state, village.row().provider_code) == ("failed", "expired")


def test_what_is_heard_again_tomorrow_is_not_dropped_today(village: Village) -> None:
    name = owed(village)
    village.air(name, after=timedelta(days=1))
    village.pass_time(days=1, hours=12)
    assert [work.copy.announcement for work in take(village)] == [name[-10:]]


def test_a_provider_that_asks_for_patience_gets_it_for_the_whole_channel(village: Village) -> None:
    owed(village)
    note(village, take(village)[0], Outcome(CopyState.FAILED, retry_after=600, provider_code="429"))
    village.air(village.announcement())
    village.pass_time(seconds=599)
    assert take(village) == []
    village.pass_time(seconds=1)
    assert len(take(village)) == 1


def test_emergencies_go_first_and_one_copy_at_a_time_for_each_channel(village: Village) -> None:
    village.channel("dong-1")
    village.channel("dong-2")
    for klass in ("normal", "emergency", "priority"):
        village.air(village.announcement("yen-chau", klass=klass))
        village.pass_time(seconds=1)
    assert [work.copy.klass for work in take(village)] == ["emergency", "emergency"]
    assert take(village) == []


def test_a_channel_with_much_to_say_does_not_crowd_out_the_others(village: Village) -> None:
    first = village.channel("dong-1")
    for _ in range(5):
        village.air(village.announcement("dong-1"))
    village.pass_time(seconds=1)
    second = village.channel("dong-2")
    village.air(village.announcement("dong-2"))
    assert {work.channel_id for work in take(village, limit=2)} == {first, second}


Change = Callable[[Village, str], None]


def disable(village: Village, channel: str) -> None:
    with village.database.transaction() as session:
        session.merge(village.channel_row(channel)).enabled = False


def block(village: Village, channel: str) -> None:
    with village.database.transaction() as session:
        session.merge(village.channel_row(channel)).blocked_until = village.now + timedelta(minutes=5)


@pytest.mark.parametrize("change", [disable, block])
def test_a_channel_that_is_off_or_blocked_is_left_alone(village: Village, change: Change) -> None:
    owed(village)
    change(village, village.row().channel_id)
    assert take(village) == []


def test_looking_for_what_is_stale_sees_what_tidying_changes(village: Village) -> None:
    owed(village)
    with village.database.read() as session:
        assert not mirror_queue.stale(session, now=village.now)
        assert mirror_queue.stale(session, now=village.now + timedelta(days=2))
    take(village)
    with village.database.read() as session:
        assert mirror_queue.stale(session, now=village.now + LEASE)


def test_a_claim_lapses_in_whatever_state_its_copy_is(village: Village) -> None:
    owed(village)
    take(village)
    with village.database.transaction() as session:
        session.execute(update(MirrorCopy).values(state=CopyState.FAILED, provider_code="superseded"))
    village.air(village.announcement())
    village.pass_time(seconds=LEASE.total_seconds())
    assert len(take(village)) == 1
    assert sorted(state for _, _, state in village.copies()) == ["failed", "queued"]


def test_an_emergency_that_was_put_off_often_is_still_sent_again_when_nobody_knows(village: Village) -> None:
    owed(village, klass="emergency")
    for _ in range(MOST_REPEATS):
        note(village, take(village)[0], LATER)
        village.pass_time(minutes=5)
    note(village, take(village)[0], UNKNOWN)
    village.pass_time(minutes=5)
    assert [work.copy.repeated for work in take(village)] == [True]


def test_one_attempt_is_lost_once(village: Village) -> None:
    owed(village, klass="emergency")
    work = take(village)[0]
    village.pass_time(seconds=LEASE.total_seconds())
    with village.database.transaction() as session:
        mirror_queue.tidy(session, now=village.now)
    note(village, work, UNKNOWN)
    assert (village.row().state, village.row().lost) == ("unknown", 1)


@pytest.mark.parametrize("kind", sorted(REPEATABLE))
def test_after_a_crash_what_reaches_nobody_twice_is_tried_again(village: Village, kind: str) -> None:
    village.channel(kind=kind)
    name = village.announcement()
    village.air(name)
    copy = take(village)[0].copy
    village.pass_time(seconds=LEASE.total_seconds())
    again = take(village)[0].copy
    assert (again.id, again.repeated) == (copy.id, False)
    village.pass_time(seconds=LEASE.total_seconds())
    village.withdraw(name)
    assert [found.copy.action for found in take(village)] == ["withdraw"]


def test_a_channel_that_was_asked_to_wait_does_not_hold_up_an_emergency(village: Village) -> None:
    owed(village)
    note(village, take(village)[0], Outcome(CopyState.FAILED, retry_after=3600, provider_code="429"))
    village.pass_time(seconds=1)
    village.air(village.announcement(klass="emergency"))
    (work,) = take(village)
    assert work.copy.klass == "emergency"
    note(village, work, Outcome(CopyState.FAILED, retry_after=600, provider_code="429"))
    village.pass_time(seconds=599)
    assert take(village) == []
    village.pass_time(seconds=1)
    assert [found.copy.id for found in take(village)] == [work.copy.id]
