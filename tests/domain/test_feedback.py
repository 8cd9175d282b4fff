"""What residents say: which airing they mean, what is struck out of a note, and by what floods are counted."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain import feedback
from broadcaster.domain.errors import Malformed
from broadcaster.domain.feedback import AFTER, BEFORE, HIDDEN, LONGEST_ANSWER, LONGEST_NOTE, Sounding, What

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
minutes = st.integers(-300, 300)


def sounding(after: int) -> Sounding:
    return Sounding(f"at {after}", NOW + timedelta(minutes=after))


@given(st.lists(minutes, max_size=8))
def test_the_latest_that_began_is_meant_else_the_next_within_minutes(offsets: list[int]) -> None:
    found = feedback.meant(NOW, [sounding(each) for each in offsets])
    begun = [each for each in offsets if -BEFORE.total_seconds() / 60 <= each <= 0]
    soon = [each for each in offsets if 0 < each <= AFTER.total_seconds() / 60]
    expected = max(begun) if begun else min(soon, default=None)
    assert (found.airing if found else None) == (f"at {expected}" if expected is not None else None)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Loa rè quá", "Loa rè quá"),
        ("Gọi tôi 0912 345 678 nhé", f"Gọi tôi {HIDDEN} nhé"),
        ("+84 (0)912.345.678", HIDDEN),
        ("CCCD 014089001234", f"CCCD {HIDDEN}"),
        ("a.b@example.vn hoặc https://example.vn/x", f"{HIDDEN} hoặc {HIDDEN}"),
        ("Họp 19h30 ngày 26/11/2026", "Họp 19h30 ngày 26/11/2026"),
        ("Cắt điện 7 giờ 30 đến 11 giờ 00", "Cắt điện 7 giờ 30 đến 11 giờ 00"),
    ],
)
def test_a_note_keeps_hours_and_days_and_loses_what_names_somebody(written: str, kept: str) -> None:
    assert feedback.note(written) == kept


@given(st.text(max_size=1_000))
def test_a_note_is_short_and_holds_no_address(text: str) -> None:
    kept = feedback.note(f"{text} a{text}@b")
    assert len(kept) <= LONGEST_NOTE
    assert not re.search(r"\S@\S", kept)


@pytest.mark.parametrize("piece", ["x", "@", "x@", "0 ", "e\u0316\u0301"])
def test_a_note_without_an_end_takes_no_longer_than_another(piece: str) -> None:
    # Whatever grows with the square of its length would not come back today.
    assert len(feedback.note(piece * 500_000)) <= LONGEST_NOTE


def test_what_is_not_one_of_the_five_is_refused() -> None:
    assert [feedback.what(each.value) for each in What] == list(What)
    with pytest.raises(Malformed):
        feedback.what("great")


def test_an_answer_has_words_and_an_end() -> None:
    assert feedback.answer("  Sẽ chỉnh.  ") == "Sẽ chỉnh."
    for text in ("", "   ", "x" * (LONGEST_ANSWER + 1)):
        with pytest.raises(Malformed):
            feedback.answer(text)


@given(st.text(max_size=14) | st.integers(-10_000, 10_000).map(lambda back: str(int(NOW.timestamp()) - back)))
def test_a_form_is_bound_to_the_minute_it_was_opened_in_and_to_no_other(text: str) -> None:
    at = feedback.minute(text, NOW)
    assert NOW - BEFORE <= at <= NOW
    if text.isascii() and text.isdigit() and 0 <= int(NOW.timestamp()) - int(text) <= BEFORE.total_seconds():
        assert int(at.timestamp()) == int(text)


def test_a_network_of_addresses_is_one_household() -> None:
    assert feedback.household("203.0.113.9") == "203.0.113.9"
    assert feedback.household("2001:db8:1:2:3::4") == feedback.household("2001:db8:1:2:ffff::1")
    assert feedback.household("2001:db8:1:3::1") != feedback.household("2001:db8:1:2::1")
    assert feedback.household("testclient") == "testclient"
