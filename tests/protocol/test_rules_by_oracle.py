"""Rules of the air against a second implementation that walks through every minute."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_config.protocol import Barred, Rules, Sound, barred, in_force
from tests.protocol.oracle import why_barred
from tests.protocol.rule_strategies import chains, exemptions_of, plays_around, rules, sounds

pytestmark = pytest.mark.pure


@given(st.data(), chains, sounds)
@settings(deadline=None, database=None, max_examples=250)
def test_the_reason_is_that_of_the_oracle(data: st.DataObject, chain: tuple[Rules, ...], sound: Sound) -> None:
    heard, exempt = data.draw(plays_around(sound)), data.draw(exemptions_of(sound))
    assert barred(chain, sound, heard, exempt) is why_barred(chain, sound, heard, exempt)


@given(st.data(), chains, sounds, rules)
@settings(deadline=None, database=None, max_examples=80)
def test_one_more_unit_can_only_tighten(
    data: st.DataObject, chain: tuple[Rules, ...], sound: Sound, more: Rules
) -> None:
    heard = data.draw(plays_around(sound))
    before = barred(chain, sound, heard)
    if before is not None and in_force(chain, sound.start):
        lower = Rules(**{**{name: getattr(more, name) for name in Rules.__slots__}, "unit": "xom"})
        after = barred((*chain, lower), sound, heard)
        assert after is not None
        assert list(Barred).index(after) <= list(Barred).index(before)
