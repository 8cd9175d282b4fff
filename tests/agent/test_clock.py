"""What time it is, on boards of every kind."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent.clock import DAY_MS, Anchor, Clock, anchored, believed, read
from firmware_config.protocol import ClockState

pytestmark = pytest.mark.pure

NOW = 1_795_842_000_000
TRUSTED, HOLDOVER, UNTRUSTED = ClockState.TRUSTED, ClockState.HOLDOVER, ClockState.UNTRUSTED


@pytest.mark.parametrize(
    ("clock", "wall", "synchronised", "state"),
    [
        (Clock(), NOW, True, TRUSTED),
        (Clock(), NOW, False, UNTRUSTED),
        (Clock(kept=True), NOW, False, UNTRUSTED),
        (Clock(floor=NOW - DAY_MS, kept=True), NOW, False, HOLDOVER),
        (Clock(floor=NOW - DAY_MS), NOW, False, UNTRUSTED),
        (Clock(floor=NOW, kept=True), 0, False, UNTRUSTED),
        (Clock(floor=NOW, kept=True), NOW - DAY_MS, True, UNTRUSTED),
    ],
)
def test_without_a_signed_time(clock: Clock, wall: int, synchronised: bool, state: ClockState) -> None:
    assert read(clock, wall=wall, mono=1_000, synchronised=synchronised).state is state


@pytest.mark.parametrize("wall", [0, NOW - DAY_MS, NOW + 20 * 365 * DAY_MS])
def test_a_signed_time_beats_a_wrong_wall_clock(wall: int) -> None:
    clock = anchored(Clock(floor=NOW - 5_000), signed=NOW, sent_mono=900, mono=1_100)
    reading = read(clock, wall=wall, mono=11_100, synchronised=True)
    assert (reading.now, reading.state) == (NOW + 100 + 10_000, TRUSTED)


def test_a_wall_clock_that_agrees_is_finer_than_the_network() -> None:
    clock = anchored(Clock(), signed=NOW, sent_mono=0, mono=1_000)
    assert read(clock, wall=NOW + 123, mono=1_000, synchronised=False).now == NOW + 123


def test_an_answer_that_took_long_does_not_spoil_a_wall_clock_that_may_be_right() -> None:
    clock = anchored(Clock(), signed=NOW, sent_mono=0, mono=12_000)
    # Signed as soon as it was asked for; the way back took all the time.
    assert read(clock, wall=NOW + 12_000, mono=12_000, synchronised=False).now == NOW + 12_000


@pytest.mark.parametrize("later", [60_000, DAY_MS // 2])
def test_an_answer_that_took_long_does_not_spoil_what_a_quick_one_told(later: int) -> None:
    quick = anchored(Clock(), signed=NOW, sent_mono=0, mono=100)
    slow = anchored(quick, signed=NOW + later, sent_mono=later - 500, mono=later + 12_000)
    found = read(slow, wall=0, mono=later + 12_000, synchronised=False)
    assert abs(found.now - (NOW + later + 12_000)) <= 50 + later // 10_000
    assert found.state is TRUSTED
    # It is fresh again all the same.
    assert read(slow, wall=0, mono=later + DAY_MS, synchronised=False).state is TRUSTED


def test_an_answer_that_took_long_is_believed_where_it_contradicts() -> None:
    quick = anchored(Clock(), signed=NOW, sent_mono=0, mono=100)
    slow = anchored(quick, signed=NOW + 500_000, sent_mono=50_000, mono=62_000)
    assert read(slow, wall=0, mono=62_000, synchronised=False).now == NOW + 506_000


def test_after_a_day_the_signed_time_is_holdover_and_ntp_wins() -> None:
    clock = anchored(Clock(), signed=NOW, sent_mono=0, mono=0)
    late = DAY_MS + 1
    assert read(clock, wall=0, mono=late, synchronised=False).state is HOLDOVER
    assert read(clock, wall=NOW + late, mono=late, synchronised=True).state is TRUSTED


def test_a_false_clock_cannot_bar_the_way_back() -> None:
    wild = Clock(floor=NOW + 10 * 365 * DAY_MS)
    clock = anchored(wild, signed=NOW, sent_mono=0, mono=0)
    assert read(clock, wall=NOW, mono=0, synchronised=False).now == NOW


def test_only_a_believed_time_raises_the_floor() -> None:
    clock = Clock(floor=NOW)
    wild = read(clock, wall=NOW + 10 * 365 * DAY_MS, mono=0, synchronised=False)
    assert wild.state is UNTRUSTED
    assert believed(clock, wild, 0) == clock
    known = read(clock, wall=NOW + 5, mono=0, synchronised=True)
    assert believed(clock, known, 7) == replace(clock, floor=NOW + 5, floor_mono=7, steered=Anchor(NOW + 5, 7))


@given(st.lists(st.tuples(st.integers(-DAY_MS, DAY_MS), st.integers(0, 60_000), st.booleans()), max_size=20))
def test_a_time_that_may_be_believed_never_runs_before_the_last_one(steps: list[tuple[int, int, bool]]) -> None:
    clock, mono, last = Clock(floor=NOW, kept=True), 0, NOW
    for jump, pause, synchronised in steps:
        mono += pause
        reading = read(clock, wall=NOW + jump, mono=mono, synchronised=synchronised)
        clock = believed(clock, reading, mono)
        if reading.state is not UNTRUSTED:
            assert reading.now >= last
            last = reading.now


def test_when_ntp_is_lost_the_monotonic_clock_carries_on() -> None:
    clock = believed(Clock(), read(Clock(), wall=NOW, mono=0, synchronised=True), 0)
    lost = read(clock, wall=1_000, mono=60_000, synchronised=False)
    assert (lost.now, lost.state) == (NOW + 60_000, HOLDOVER)
    assert read(Clock(floor=NOW), wall=1_000, mono=60_000, synchronised=False).state is UNTRUSTED


def test_when_ntp_contradicts_itself_nothing_is_believed() -> None:
    clock = believed(Clock(), read(Clock(), wall=NOW, mono=0, synchronised=True), 0)
    assert read(clock, wall=NOW - DAY_MS, mono=60_000, synchronised=True).state is UNTRUSTED
