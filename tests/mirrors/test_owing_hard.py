"""Which copies are owed when a channel, its place, or the hour is in the way."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.services.actor import SYSTEM
from broadcaster.services.airtime import planning
from broadcaster.services.hours import rules
from broadcaster.services.outlets import by_hand, mirror_queue, mirrors
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, Channel, MirrorCopy, RuleSet, Unit
from tests import cast
from tests.mirrors.test_by_hand import HEAD
from tests.mirrors.test_owing import ACCEPTED, URL, send
from tests.mirrors.village import Village
from tests.services.planned import EVERY_DAY, repeat

pytestmark = pytest.mark.database


def switch(village: Village, *, on: bool) -> None:
    with village.database.transaction() as session:
        for channel in session.query(Channel):
            channel.enabled = on


def test_a_channel_that_is_off_when_the_next_airing_is_planned_is_not_told_to_forget_it(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name)
    send(village, ACCEPTED)
    switch(village, on=False)
    assert village.air(name) == 0
    switch(village, on=True)
    assert send(village, ACCEPTED) == []
    assert village.copies() == [("g-dong-1", "post", "accepted")]


def test_what_waits_for_a_channel_to_be_switched_on_goes_out_then(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name)
    send(village, Outcome(CopyState.FAILED, shut_out=True))
    assert village.air(name) == 0
    switch(village, on=True)
    village.pass_time(minutes=1)
    assert [work.copy.action for work in send(village, ACCEPTED)] == ["post"]


def test_a_channel_that_is_off_waits_with_the_correction_of_what_was_read_there(village: Village) -> None:
    village.channel("dong-1")
    village.channel("dong-2")
    name = village.announcement()
    village.air(name)
    send(village, ACCEPTED)
    switch(village, on=False)
    assert village.correct(name, "Họp lúc 8 giờ.", "yen-chau") == 1
    assert village.air(name) == 0
    assert send(village, ACCEPTED) == []
    switch(village, on=True)
    assert [work.copy.action for work in send(village, ACCEPTED)] == ["correct"]


def test_a_place_that_moved_is_left_out_by_whoever_approves_and_not_by_the_planner(village: Village) -> None:
    village.channel()
    name = village.announcement("yen-chau")
    village.air(name)
    send(village, ACCEPTED)
    with village.database.transaction() as session:
        session.get_one(Unit, "dong-1").parent_id = "elsewhere"
    assert village.air(name) == 0
    assert village.correct(name, "Họp lúc 8 giờ.", "yen-chau") == 1
    assert village.air(name) == 0
    assert [work.copy.action for work in send(village, ACCEPTED)] == ["withdraw"]


def test_a_village_left_out_and_taken_in_again_reads_the_withdrawal(village: Village) -> None:
    village.channel("dong-2")
    name = village.announcement("yen-chau")
    village.air(name)
    send(village, ACCEPTED)
    for audience in ("dong-1", "yen-chau"):
        village.correct(name, "Họp lúc 8 giờ.", audience)
        send(village, ACCEPTED)
    assert village.withdraw(name) == 1
    assert village.withdraw(name) == 0
    assert [work.copy.action for work in send(village, ACCEPTED)] == ["withdraw"]


@pytest.mark.parametrize("first", ["yen-chau", "dong-1"])
@pytest.mark.parametrize("sends", [True, False])
def test_a_village_taken_in_again_reads_the_words_at_once_and_takes_nothing_back(
    small_village: Village, first: str, *, sends: bool
) -> None:
    channel = small_village.channel("dong-2")
    name = small_village.announcement(first)
    small_village.air(name)
    read = [work.copy.action for work in send(small_village, ACCEPTED)]
    small_village.correct(name, "Chỉ bản 1.", "dong-1")
    read += [work.copy.action for work in send(small_village, ACCEPTED)] if sends else []
    small_village.correct(name, "Cả xã.", "yen-chau")
    (work,) = send(small_village, ACCEPTED)
    assert (work.channel_id, work.copy.texts[0].text) == (channel, "Cả xã.")
    had = first == "yen-chau"
    assert work.copy.action == ("correct" if had else "post")
    assert read == ["post"] * had + ["withdraw"] * (had and sends)


def test_whom_a_new_revision_takes_in_waits_with_an_alert_and_with_what_nobody_heard(small_village: Village) -> None:
    small_village.channel("dong-2")
    alert, planned = small_village.announcement("dong-1", klass="emergency"), small_village.announcement("dong-1")
    small_village.air(alert)
    small_village.air(planned, after=timedelta(hours=1))
    assert [small_village.correct(name, "Cả xã.", "yen-chau") for name in (alert, planned)] == [0, 0]


def test_a_withdrawal_that_waits_is_not_lost_when_somebody_asks_again(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name)
    send(village, ACCEPTED)
    assert [village.correct(name, "Chỉ bản 2.", "dong-2"), village.air(name)] == [1, 0]
    assert [village.withdraw(name), village.withdraw(name)] == [0, 0]
    assert [work.copy.action for work in send(village, ACCEPTED)] == ["withdraw"]


def test_what_was_refused_when_it_was_planned_is_owed_once_it_is_allowed(sqlite_database: Database) -> None:
    everybody = cast.gather(sqlite_database)
    night = {"version": 1, "zone": "Asia/Ho_Chi_Minh", "hours": [{"days": EVERY_DAY, "start": 60, "end": 120}]}
    with sqlite_database.transaction() as session:
        mirrors.add_channel(
            session, SYSTEM, unit_id=cast.COMMUNE, kind="share_pack", name="Xã", settings={}, secret=None, now=cast.NOW
        )
        rules.set(session, everybody.owner, cast.COMMUNE, night, now=cast.NOW)
        repeat(session, cast.approved(session, everybody))
        assert session.query(MirrorCopy).all() == []
        session.query(RuleSet).delete()
        first, *_ = planning.recheck(session, [cast.COMMUNE], now=cast.NOW)
        assert [(copy.action, copy.airing_id) for copy in session.query(MirrorCopy)] == [("post", first)]


def test_what_is_being_taken_to_be_sent_while_it_is_withdrawn_is_withdrawn_after_it(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name)
    with ThreadPoolExecutor(1) as pool:
        with village.database.transaction() as session:
            rows = mirror_queue.due(session, now=village.now, limit=5)
            (work,) = mirror_queue.claim(session, rows, now=village.now, public_url=URL)
            withdrawn = pool.submit(village.withdraw, name)
            # The claim is not committed yet: the other must wait for it.
            with suppress(TimeoutError):
                withdrawn.result(timeout=0.3)
        assert withdrawn.result() == 1
    with village.database.transaction() as session:
        mirror_queue.noted(session, work.copy.id, ACCEPTED, now=village.now)
    assert [(action, state) for _, action, state in village.copies()] == [("post", "accepted"), ("withdraw", "queued")]


def test_what_is_being_withdrawn_while_somebody_carries_it_over_is_taken_back_there(village: Village) -> None:
    village.channel(kind="share_pack")
    name = village.announcement()
    village.air(name)
    shown = village.row().id

    def forward() -> None:
        with village.database.transaction() as session:
            by_hand.forwarded(session, HEAD, shown, now=village.now)

    with ThreadPoolExecutor(1) as pool:
        with village.database.transaction() as session:
            found = session.get_one(Announcement, name, with_for_update=True)
            found.state, found.withdrawn_at = "withdrawn", village.now
            mirrors.owe(session, found, now=village.now)
            forwarded = pool.submit(forward)
            with suppress(TimeoutError):
                forwarded.result(timeout=0.3)
        forwarded.result()
    assert [(action, state) for _, action, state in village.copies()] == [("post", "delivered"), ("withdraw", "queued")]


def test_words_that_nobody_heard_in_one_week_are_posted_in_the_next(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name)
    for _ in range(25):
        send(village, Outcome(CopyState.FAILED, detail="unreachable"))
        village.pass_time(hours=1)
    send(village, ACCEPTED)
    assert village.copies() == [("g-dong-1", "post", "failed")]
    village.pass_time(days=4)
    assert village.air(name, after=timedelta(days=2)) == 0
    village.pass_time(days=2)
    (work,) = send(village, ACCEPTED)
    assert (work.copy.action, work.copy.airs_at) == ("post", village.now)
    assert village.air(name) == 0
    assert send(village, ACCEPTED) == []


def test_words_approved_again_long_before_the_next_airing_wait_for_it(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name, after=timedelta(hours=1))
    with village.database.transaction() as session:
        session.query(Airing).update({"cancelled_at": village.now, "state": "cancelled"})
    village.correct(name, "Họp lúc 8 giờ.")
    village.pass_time(days=3)
    assert send(village, ACCEPTED) == []
    village.air(name, after=timedelta(days=3))
    village.pass_time(days=3)
    assert [work.copy.action for work in send(village, ACCEPTED)] == ["post"]


def test_what_was_refused_for_good_or_read_by_some_is_not_posted_again_with_the_next_airing(village: Village) -> None:
    village.channel("dong-1")
    village.channel("yen-chau")
    name = village.announcement()
    village.air(name)
    send(village, Outcome(CopyState.FAILED, permanent=True))
    with village.database.transaction() as session:
        one = session.query(MirrorCopy).first()
        assert one is not None
        one.provider_code, one.remote_id = "expired", "m1"
    assert village.air(name) == 0
    assert send(village, ACCEPTED) == []


def test_what_is_withdrawn_is_what_was_read_not_a_correction_that_nobody_got(village: Village) -> None:
    village.channel()
    name = village.announcement(text="Đã đọc.")
    village.air(name)
    send(village, ACCEPTED)
    village.correct(name, "Không ai đọc.")
    send(village, Outcome(CopyState.FAILED, permanent=True))
    village.withdraw(name)
    assert [work.copy.texts[0].text for work in send(village, ACCEPTED)] == ["Đã đọc."]
