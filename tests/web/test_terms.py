"""On which terms a chat group takes copies, on its own form; and every kind that is registered has one."""

import pytest
from sqlalchemy import select

from broadcaster.demo.stand_in_chat import TOKEN
from broadcaster.mirrors.registry import CHANNELS
from broadcaster.store.tables import Channel
from tests.cast import COMMUNE
from tests.web.house import House

pytestmark = pytest.mark.pages

FILLED = {
    "name": "Nhóm xã",
    "unit": COMMUNE,
    "secret": TOKEN,
    "setting-chat_id": "g1",
    "posts_when": "approval",
    "quiet_from": "21:30",
    "quiet_until": "05:00",
    "per_minute": "12",
    "languages": ["hmn", "vi"],
}


def test_terms_are_kept_and_shown_again(house: House) -> None:
    browser = house.browser(house.cast.owner)
    made = browser.send("/channels/new", "/channels/new", FILLED)
    with house.database.read() as session:
        row = session.scalars(select(Channel)).one()
    assert (row.posts_when, row.quiet_from, row.quiet_until) == ("approval", "21:30", "05:00")
    assert (row.rate_per_minute, row.languages) == (12, ["hmn", "vi"])
    for part in ('value="21:30"', 'value="05:00"', 'value="12"', 'value="approval" selected', 'value="hmn" selected'):
        assert part in made.text


def test_half_a_stretch_of_quiet_hours_is_refused_and_nothing_typed_is_lost(house: House) -> None:
    browser = house.browser(house.cast.owner)
    refused = browser.send("/channels/new", "/channels/new", FILLED | {"quiet_until": ""})
    assert refused.status_code == 422
    assert "Giờ yên tĩnh" in refused.text
    for part in ('value="Nhóm xã"', 'value="21:30"', 'value="12"'):
        assert part in refused.text


@pytest.mark.parametrize("kind", CHANNELS)
def test_every_kind_has_its_form(house: House, kind: str) -> None:
    shown = house.browser(house.cast.owner).get(f"/channels/new?kind={kind}").text
    assert f'name="outlet" value="{kind}"' in shown
    for setting in CHANNELS[kind].settings:
        assert ('name="secret"' if setting.secret else f'name="setting-{setting.name}"') in shown


def test_a_group_reached_by_hand_needs_only_a_name(house: House) -> None:
    browser = house.browser(house.cast.owner)
    form = "/channels/new?kind=share_pack"
    made = browser.send(form, "/channels/new", {"name": "Nhóm Zalo bản", "unit": COMMUNE, "outlet": "share_pack"})
    assert made.status_code == 200
    assert "Chuyển tiếp bằng tay" in made.text
    assert "quiet_from" not in made.text
    assert 'value="post"' not in made.text
