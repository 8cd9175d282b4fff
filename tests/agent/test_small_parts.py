"""Pauses, repetitions, overrides and volumes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent import pcm
from device_agent.backoff import MOST_S, Backoff
from device_agent.settings import Pace, from_config
from device_agent.timers import Every
from firmware_config.device_config import ConfigError, DeviceConfig

pytestmark = pytest.mark.pure

CONFIG = DeviceConfig("loa-1", "Loa", ("localhost:8883",), ("https://localhost",))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_pauses_are_drawn_from_the_whole_span_and_never_over_a_minute(chances: list[float]) -> None:
    backoff = Backoff()
    for nr, chance in enumerate(chances):
        assert backoff.next(chance) == pytest.approx(min(MOST_S, 2.0 ** min(nr, 6)) * chance)
    backoff.reset()
    assert backoff.next(1.0) == 1.0


def test_a_timer_is_due_once_a_round_and_spread_by_chance() -> None:
    now = [0.0]
    timer = Every(10, spread=0.2, chance=lambda: 1.0, monotonic=lambda: now[0])
    now[0] = 11.9
    assert not timer.due()
    now[0] = 12.0
    assert timer.due()
    assert not timer.due()
    assert Every(10, at_once=True).due()


def test_overrides_are_numbers_of_seconds() -> None:
    assert from_config(CONFIG, {}).pace == Pace()
    assert from_config(CONFIG, {"LOA_AGENT_POLL_S": "0.5"}).pace.poll_s == 0.5
    for wrong in ("", "soon", "-1", "nan", "inf"):
        with pytest.raises(ConfigError, match="LOA_AGENT_RESYNC_S"):
            from_config(CONFIG, {"LOA_AGENT_RESYNC_S": wrong})


@given(st.integers(1, 50))
def test_twice_the_number_is_ten_decibels_more(volume: int) -> None:
    assert pcm.gain(2 * volume) / pcm.gain(volume) == pytest.approx(10**0.5)


@given(st.binary(min_size=1920, max_size=1920), st.integers(0, 100))
def test_no_volume_ever_makes_a_sample_louder(frame: bytes, volume: int) -> None:
    before, after = pcm.Meter(), pcm.Meter()
    before.add(frame)
    after.add(pcm.scaled(frame, pcm.gain(volume)))
    assert after.peak <= before.peak
    assert after.ms == 20


@given(st.binary(min_size=1920, max_size=1920), st.floats(0, 1), st.floats(-1, 1))
def test_a_ramp_keeps_the_length_of_the_frame(frame: bytes, begin: float, end: float) -> None:
    assert len(pcm.ramped(frame, begin, end)) == len(frame)


def test_the_ends_of_the_scale() -> None:
    assert (pcm.gain(100), pcm.gain(0), pcm.gain(-5)) == (1.0, 0.0, 0.0)
    assert (pcm.centi_dbfs(0), pcm.centi_dbfs(32_768)) == (pcm.FLOOR, 0)
    assert pcm.Meter().level == pcm.FLOOR
