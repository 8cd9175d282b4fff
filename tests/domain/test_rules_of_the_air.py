"""Rules as they are written: what is left out is the usual, what cannot be meant is refused."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.errors import Malformed, RulesBackwards, UnknownZone
from broadcaster.domain.rules_of_the_air import DEFAULT, parse
from firmware_config.protocol import Rules

pytestmark = pytest.mark.pure

WINDOW = {"days": [0, 1], "start": 330, "end": 360}
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
fields = st.sampled_from([*DEFAULT.to_json(), "nonsense"])


def test_what_is_left_out_is_the_usual() -> None:
    assert parse({}) == DEFAULT
    written = parse({"hours": [WINDOW], "quiet": [WINDOW], "sessions_day": 2})
    assert written.hours == written.quiet
    assert (written.hours[0].first, written.hours[0].last, written.sessions_day) == (101, 1231, 2)
    assert (written.zone, written.volume_day, written.holidays) == (DEFAULT.zone, 100, DEFAULT.holidays)


def test_what_was_written_is_read_back_equal() -> None:
    rules = parse({"hours": [WINDOW], "holidays": "silent", "pause_minutes": 30, "unit": "xa-mau"})
    assert parse(rules.to_json()) == rules


@pytest.mark.parametrize("name", ["hours", "quiet"])
def test_hours_that_end_before_they_begin_are_named(name: str) -> None:
    for window in ({"days": [0], "start": 360, "end": 330}, {"days": [0], "start": 360, "end": 360}):
        with pytest.raises(RulesBackwards, match="06:00"):
            parse({name: [window]})


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": "always"},
        {"hours": [{"days": [7], "start": 0, "end": 60}]},
        {"hours": [{"days": [], "start": 0, "end": 60}]},
        {"hours": [{**WINDOW, "first": 230}]},
        {"volume_day": 101},
        {"holidays": "perhaps"},
        {"categories": ["Đất đai"]},
        {"day_minutes": -1},
        {"session_minutes": 2000},
        {"nonsense": 1},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parse(wrong)


def test_a_zone_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownZone):
        parse({"zone": "Asia/Nowhere"})


@given(st.dictionaries(fields, json, max_size=5))
def test_whatever_is_sent_becomes_rules_or_a_refusal_of_ours(sent: dict[str, Any]) -> None:
    with suppress(Malformed, RulesBackwards, UnknownZone):
        assert isinstance(parse(sent), Rules)
