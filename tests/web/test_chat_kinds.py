"""The form of each kind of chat group: its words are known, and one that starts switched off says why."""

import pytest

from broadcaster.mirrors.registry import CHANNELS, OFF
from tests import cast
from tests.web.house import House
from tests.web.texts import everything

pytestmark = pytest.mark.pages

GROUP = {"name": "Nhóm bản", "unit": cast.COMMUNE, "secret": "1:abc", "setting-chat_id": "-5", "do": "save"}
REASON = "Tháng 5/2025 đã có yêu cầu chặn Telegram tại Việt Nam"


def test_everything_the_forms_ask_for_is_said_in_every_language() -> None:
    words = {channel.label for channel in CHANNELS.values()} | set(OFF.values())
    words |= {setting.label for channel in CHANNELS.values() for setting in channel.settings}
    assert words <= everything()


def test_a_telegram_group_starts_switched_off_and_says_why(house: House) -> None:
    browser = house.browser(house.cast.owner)
    assert REASON in browser.get("/channels/new?kind=telegram").text
    made = browser.send("/channels/new?kind=telegram", "/channels/new", GROUP)
    assert "Đã tắt" in made.text
    assert REASON in made.text
    assert REASON not in browser.send(made.url.path, made.url.path, {"do": "on"}).text


def test_another_kind_is_on_at_once(house: House) -> None:
    browser = house.browser(house.cast.owner)
    assert REASON not in browser.get("/channels/new?kind=zalo_bot").text
    made = browser.send("/channels/new?kind=zalo_bot", "/channels/new", GROUP)
    assert "Chưa thử" in made.text
