"""The board of an airing says what the word of a loudspeaker rests on, and how loud each second was."""

import pytest

from broadcaster.services.airtime import airings
from broadcaster.store.tables import Delivery
from broadcaster.web.shown.board_row import BARS, BARS_ACROSS, strip
from firmware_config.protocol import write_levels
from tests.cast import NOW, SPEAKERS, approved
from tests.web.house import House

pytestmark = pytest.mark.pages


def test_each_second_is_a_bar_as_high_as_it_was_loud() -> None:
    assert strip(write_levels([-9_600, -4_500, -3_000, -1_600, 0])) == "▁▁▃▆█"
    assert strip("") == ""


def test_ten_minutes_fit_into_a_narrow_column() -> None:
    long = strip(write_levels([-9_600, -1_600] * 60))
    assert len(long) <= BARS_ACROSS
    assert set(long) == {BARS[5]}


def test_the_board_says_whether_it_was_heard_back_on_the_spot(house: House) -> None:
    with house.database.transaction() as session:
        announcement = approved(session, house.cast).id
        airing = airings.air(session, house.cast.clerk, announcement, at=None, now=NOW).id
        for speaker, proof in zip(SPEAKERS, ("frames", "loop", None), strict=True):
            row = session.get_one(Delivery, (airing, speaker))
            row.state, row.heard_at, row.proof, row.seconds = "heard", NOW, proof, write_levels([-1_600] * 3)
    text = house.browser(house.cast.clerk).get(f"/airings/{airing}").text
    assert text.count("Đã nghe (khung âm)") == 1
    assert text.count("Đã nghe (vòng kiểm tra)") == 1
    assert text.count(strip(write_levels([-1_600] * 3))) == 3
