"""However many schools there are, a speaker takes the rules that name them all."""

import pytest

from broadcaster.domain.rules.chain import RESERVED, chain_of
from firmware_config.protocol import Hours, Rules, barred
from firmware_config.protocol.documents import Kind, Klass
from firmware_config.protocol.rules_of_the_air import Sound, check_chain

pytestmark = pytest.mark.pure

DAY = (0, 1, 2, 3, 4, 5, 6)
SIX: int = 1_795_820_400_000
"""2026-11-28 06:00 in Hà Nội."""


@pytest.mark.parametrize("schools", [1, 50, 51, 130])
def test_every_quiet_window_holds_and_no_set_is_too_long(schools: int) -> None:
    quiet = [Hours(DAY, 360 + 2 * number, 361 + 2 * number) for number in range(schools)]
    chain = chain_of(("xa", "ban"), {}, quiet, since=SIX, zone="Asia/Ho_Chi_Minh")
    check_chain(chain)
    assert [Rules.from_bytes(rules.to_bytes()) for rules in chain] == list(chain)
    assert {rules.unit for rules in chain} <= RESERVED | {"xa", "ban"}
    for number in (0, schools // 2, schools - 1):
        noisy = Sound(Klass.NORMAL, Kind.LIVE, "general", "tb-1", SIX + 2 * number * 60_000, 30_000)
        assert barred(chain, noisy) == "quiet_site"
        between = Sound(Klass.NORMAL, Kind.LIVE, "general", "tb-1", SIX + (2 * number + 1) * 60_000, 30_000)
        assert barred(chain, between) is None


def test_what_two_sites_share_is_said_once() -> None:
    window = Hours(DAY, 420, 480)
    [_, sites] = chain_of(("xa",), {}, [window, window], since=SIX, zone="Asia/Ho_Chi_Minh")
    assert sites.quiet == (window,)
