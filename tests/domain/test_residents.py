"""Which alerts stand on top, how room is shared, and what is shown of a change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.differences import Change, changed, words
from broadcaster.domain.residents import ENDED, MORE, UNENDED, around, fair, on_top

pytestmark = pytest.mark.pure
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
HOURS = st.integers(-72, 72).map(lambda hours: NOW + timedelta(hours=hours))


@given(aired=HOURS, expires=st.none() | HOURS, ended=st.none() | HOURS)
def test_an_alert_is_on_top_until_it_is_over_or_was_called_off_for_a_while(
    aired: datetime, expires: datetime | None, ended: datetime | None
) -> None:
    shown = on_top(aired, expires, ended, NOW)
    if aired > NOW:
        assert not shown
    elif ended:
        assert shown == (NOW - ended < ENDED)
    elif expires:
        assert shown == (expires > NOW)
    else:
        assert shown == (NOW - aired < UNENDED)


@given(st.lists(st.integers(0, 5_000), max_size=40), st.integers(0, 50_000))
def test_room_is_never_exceeded_and_nobody_gets_more_than_somebody_who_lacks(sizes: list[int], room: int) -> None:
    given_to = fair(sizes, room)
    assert sum(given_to) <= room
    assert all(got <= size for got, size in zip(given_to, sizes, strict=True))
    lacking = [got for got, size in zip(given_to, sizes, strict=True) if got < size]
    if lacking:
        assert max(given_to) <= min(lacking) + len(sizes)
        assert sum(given_to) > room - len(sizes)


TEXTS = st.lists(st.sampled_from(["một", "hai", "ba", "bốn", "năm"]), max_size=60).map(" ".join)


@given(TEXTS, TEXTS)
def test_every_change_is_shown_whole_and_the_rest_in_few_words(before: str, after: str) -> None:
    pieces = words(before, after)
    shown = around(pieces)
    assert changed(shown) == changed(pieces)
    for was, now in zip(pieces, shown, strict=True):
        assert now == was or (now.change is was.change is Change.SAME and MORE in now.text)
        assert now.change is not Change.SAME or len(now.text.split()) <= 13
