"""Drills have words of their own, and none that could be taken for an alert."""

import pytest

from broadcaster.domain import drill, hazards
from broadcaster.domain.errors import SlotEmpty, UnknownHazard

pytestmark = pytest.mark.pure

SLOTS = {"place": "Bản Nà Pản", "time": "8 giờ sáng thứ Bảy", "action": "Đi theo trưởng bản."}


@pytest.mark.parametrize("language", drill.DRILLS)
@pytest.mark.parametrize("key", drill.KEYS)
def test_a_drill_says_so_in_its_first_words(key: str, language: str) -> None:
    text = drill.fill(key, language, SLOTS)
    assert text.startswith(drill.practised(key, language).name)
    assert any(word in text.lower() for word in ("diễn tập", "drill", "exercice"))
    assert all(SLOTS[slot].rstrip(".") in text for slot in drill.SLOTS)


@pytest.mark.parametrize("language", drill.DRILLS)
def test_no_headline_of_an_alert_stands_in_a_drill(language: str) -> None:
    alerts = {warned.headline.lower() for warned in hazards.WORDINGS[language].warnings.values()}
    for key in drill.KEYS:
        said = drill.fill(key, language, SLOTS).lower()
        assert [headline for headline in alerts if headline in said] == []


@pytest.mark.parametrize("slot", drill.SLOTS)
def test_an_empty_slot_is_refused_by_its_name(slot: str) -> None:
    with pytest.raises(SlotEmpty) as refused:
        drill.fill("fire", "vi", SLOTS | {slot: " "})
    assert refused.value.params["slot"] == slot


def test_an_alert_is_no_drill() -> None:
    with pytest.raises(UnknownHazard):
        drill.fill("storm", "vi", SLOTS)


def test_every_drill_is_worded_in_every_language() -> None:
    assert {tuple(words) for words in drill.DRILLS.values()} == {drill.KEYS}
