"""What may be decided about a loudspeaker, and what differs between two decisions."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.errors import LoaError
from broadcaster.domain.tending import NAMES, Care, checked, clock, difference, minute_of, tended
from firmware_config.protocol import Klass

pytestmark = pytest.mark.pure

MB = 1_000_000
CARES = st.builds(
    Care,
    volume_max=st.integers(0, 100),
    volumes=st.dictionaries(st.sampled_from([klass.value for klass in Klass]), st.integers(0, 100)),
    languages=st.lists(st.sampled_from(["vi", "hmn", "en"]), unique=True).map(tuple),
    sink=st.sampled_from(["", "silent", "aplay:default", "aplay:hw:1,0", "aplay:plughw:CARD=Device"]),
    lead_ms=st.integers(0, 10_000),
    tail_ms=st.integers(0, 10_000),
    month_bytes=st.sampled_from([0, 40 * MB, 2_000 * MB]),
    test_day=st.integers(0, 6),
    test_minute=st.integers(0, 1439),
    test_silent=st.booleans(),
)


@given(CARES)
def test_what_may_be_decided_is_left_as_it_is(care: Care) -> None:
    assert checked(care) == care


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"volume_max": 101}, "bad_volume"),
        ({"volume_max": -1}, "bad_volume"),
        ({"volume_max": True}, "bad_volume"),
        ({"volumes": {"normal": 101}}, "bad_volume"),
        ({"volumes": {"loud": 50}}, "bad_volume"),
        ({"lead_ms": 10_001}, "bad_silence"),
        ({"tail_ms": -1}, "bad_silence"),
        ({"sink": "wav:/etc/passwd"}, "bad_sink"),
        ({"sink": "aplay:file:/etc/passwd"}, "bad_sink"),
        ({"sink": "aplay:hw:1,0\n"}, "bad_sink"),
        ({"month_bytes": 1}, "bad_monthly_data"),
        ({"month_bytes": 40 * MB - 1}, "bad_monthly_data"),
        ({"month_bytes": -1}, "bad_monthly_data"),
        ({"month_bytes": 10**15}, "bad_monthly_data"),
        ({"test_day": 7}, "bad_test_time"),
        ({"test_minute": 1440}, "bad_test_time"),
        ({"languages": ("xx",)}, "unknown_language"),
        ({"languages": ("vi", "vi")}, "language_twice"),
    ],
)
def test_what_may_not_is_refused_by_name(given: dict[str, Any], code: str) -> None:
    with pytest.raises(LoaError) as refused:
        checked(tended(Care(), given))
    assert refused.value.code == code


@given(CARES, CARES)
def test_a_difference_leads_there_and_back(before: Care, after: Care) -> None:
    told = difference(before, after)
    assert told["before"].keys() == told["after"].keys() <= NAMES
    assert tended(before, told["after"]) == after
    assert tended(after, told["before"]) == before
    assert not difference(before, before)["after"]


@given(st.integers(0, 1439))
def test_an_hour_is_read_as_it_is_written(minute: int) -> None:
    assert minute_of(clock(minute)) == minute


@pytest.mark.parametrize("text", ["", "24:00", "9", "9:5", "nine", "09:60"])
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(LoaError) as refused:
        minute_of(text)
    assert refused.value.code == "bad_test_time"


def test_a_new_name_of_what_is_decided_has_a_column() -> None:
    assert replace(Care(), **{name: getattr(Care(), name) for name in NAMES}) == Care()
