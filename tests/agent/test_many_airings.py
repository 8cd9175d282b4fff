"""Nothing sounds outside the rules of the air, whatever is planned, edited, stopped or cut off."""

import pytest

from device_agent import airtime
from firmware_config.protocol import Barred
from tests.agent.many_airings import Life, live

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("seed", [1_000, 2_000, 3_000, 4_000])
def test_nothing_sounds_outside_the_rules_and_nothing_is_refused_without_one(seed: int) -> None:
    tally = live(seed, airings=500)
    assert tally["heard"] > 100
    assert len([reason for reason in Barred if tally[reason]]) >= 5


@pytest.mark.parametrize("seed", [4, 5])
def test_lives_that_once_went_wrong(seed: int) -> None:
    assert Life(seed).run()["heard"] > 0


def test_the_oracle_hears_a_speaker_that_keeps_no_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(airtime, "why_barred", lambda *_: None)
    with pytest.raises(AssertionError, match=r"seed \d+: airing-\d+ sounded at \d+ although"):
        live(1, airings=500)
