"""Which copies an announcement owes: a mirror follows its announcement."""

from datetime import timedelta

import pytest

from broadcaster.domain.errors import NotAllowed
from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.services.actor import Actor
from broadcaster.services.outlets import mirror_queue
from broadcaster.services.outlets.claiming import Work
from broadcaster.services.outlets.mirrors import add_channel
from tests.mirrors.village import Village

pytestmark = pytest.mark.database

URL = "https://loa.example.vn"


def send(village: Village, outcome: Outcome) -> list[Work]:
    """Take everything that is due and let it all come to the same outcome."""
    with village.database.transaction() as session:
        mirror_queue.tidy(session, now=village.now)
        rows = mirror_queue.due(session, now=village.now, limit=50)
        works = mirror_queue.claim(session, rows, now=village.now, public_url=URL)
    with village.database.transaction() as session:
        for work in works:
            mirror_queue.noted(session, work.copy.id, outcome, now=village.now)
    return works


ACCEPTED = Outcome(CopyState.ACCEPTED, remote_id="m1")


@pytest.mark.parametrize(
    ("audience", "groups"),
    [
        (("dong-1",), {"g-yen-chau", "g-dong-1", "g-to-3"}),
        (("yen-chau",), {"g-yen-chau", "g-dong-1", "g-dong-2", "g-to-3"}),
        (("yen-chau", "-dong-1"), {"g-yen-chau", "g-dong-2"}),
        (("to-3",), {"g-yen-chau", "g-dong-1", "g-to-3"}),
        (("elsewhere",), set()),
    ],
)
def test_groups_of_the_people_addressed_get_a_copy(
    village: Village, audience: tuple[str, ...], groups: set[str]
) -> None:
    for unit in ("yen-chau", "dong-1", "dong-2", "to-3"):
        village.channel(unit)
    assert village.air(village.announcement(*audience)) == len(groups)
    assert {name for name, _, _ in village.copies()} == groups


def test_it_is_owed_once_however_often_it_airs(village: Village) -> None:
    village.channel()
    name = village.announcement()
    assert [village.air(name), village.air(name)] == [1, 0]


def test_nothing_is_owed_for_what_never_went_on_air(village: Village) -> None:
    village.channel()
    name = village.announcement()
    assert village.correct(name, "Giờ khác.") == 0
    assert village.withdraw(name) == 0
    assert village.copies() == []


def test_after_it_was_read_a_correction_follows_and_then_a_withdrawal(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name)
    send(village, ACCEPTED)
    assert village.correct(name, "Họp lúc 8 giờ.") == 1
    corrected = send(village, ACCEPTED)[0].copy
    assert corrected.texts[0].text == "Họp lúc 8 giờ."
    assert village.withdraw(name) == 1
    assert send(village, ACCEPTED)[0].copy.reason == "Nhầm ngày."
    assert [(action, state) for _, action, state in village.copies()] == [
        ("post", "accepted"),
        ("correct", "accepted"),
        ("withdraw", "accepted"),
    ]
    assert village.withdraw(name) == 0


def test_before_anybody_read_it_the_newest_words_simply_take_its_place(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name)
    village.correct(name, "Họp lúc 8 giờ.")
    assert village.copies() == [("g-dong-1", "post", "failed"), ("g-dong-1", "post", "queued")]
    assert [work.copy.texts[0].text for work in send(village, ACCEPTED)] == ["Họp lúc 8 giờ."]


def test_before_anybody_read_it_a_withdrawal_needs_no_words(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name)
    assert village.withdraw(name) == 0
    assert village.copies() == [("g-dong-1", "post", "failed")]
    assert send(village, ACCEPTED) == []


@pytest.mark.parametrize("state", [CopyState.UNKNOWN, CopyState.ACCEPTED])
def test_what_may_have_been_read_is_withdrawn(village: Village, state: CopyState) -> None:
    village.channel()
    name = village.announcement()
    village.air(name)
    send(village, Outcome(state))
    assert village.withdraw(name) == 1


def test_what_is_being_sent_is_withdrawn_after_it(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name)
    with village.database.transaction() as session:
        rows = mirror_queue.due(session, now=village.now, limit=5)
        works = mirror_queue.claim(session, rows, now=village.now, public_url=URL)
    assert village.withdraw(name) == 1
    assert send(village, ACCEPTED) == []
    with village.database.transaction() as session:
        mirror_queue.noted(session, works[0].copy.id, ACCEPTED, now=village.now)
    assert [work.copy.action for work in send(village, ACCEPTED)] == ["withdraw"]


def test_a_village_left_out_by_a_correction_is_told_to_forget_it(village: Village) -> None:
    village.channel("dong-1")
    village.channel("dong-2")
    name = village.announcement("yen-chau")
    village.air(name)
    send(village, ACCEPTED)
    village.correct(name, "Chỉ bản 1.", "dong-1")
    assert {(name, action) for name, action, state in village.copies() if state == "queued"} == {
        ("g-dong-1", "correct"),
        ("g-dong-2", "withdraw"),
    }


def test_words_nobody_approved_never_go_out(village: Village) -> None:
    village.channel()
    name = village.announcement(text="Đã duyệt.")
    village.air(name)
    village.redraft(name, "Chưa duyệt.")
    assert send(village, ACCEPTED) == []
    village.correct(name, "Duyệt lại.")
    assert [work.copy.texts[0].text for work in send(village, ACCEPTED)] == ["Duyệt lại."]


def test_what_is_withdrawn_is_what_was_read_not_a_later_draft(village: Village) -> None:
    village.channel()
    name = village.announcement(text="Đã đọc.")
    village.air(name)
    send(village, ACCEPTED)
    village.redraft(name, "Chưa duyệt.")
    village.withdraw(name)
    assert [work.copy.texts[0].text for work in send(village, ACCEPTED)] == ["Đã đọc."]


def test_a_copy_says_when_and_where_to_hear_it(village: Village) -> None:
    village.channel()
    name = village.announcement()
    village.air(name, after=timedelta(minutes=30))
    village.pass_time(minutes=30)
    copy = send(village, ACCEPTED)[0].copy
    assert copy.link == f"{URL}/n/{name[-10:]}"
    assert copy.airs_at is not None
    assert f"{copy.airs_at:%d/%m/%Y %H:%M}" == "25/11/2026 17:00"
    assert copy.place == "Bản yen-chau"


def test_only_who_tends_channels_adds_one(village: Village) -> None:
    with village.database.transaction() as session, pytest.raises(NotAllowed):
        add_channel(
            session,
            Actor("clerk", "Cán bộ"),
            unit_id="dong-1",
            kind="webhook",
            name="x",
            settings={},
            secret=None,
            now=village.now,
        )
