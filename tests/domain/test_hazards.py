"""Templates of alerts: complete in every language, filled with what was given, refused where something lacks."""

from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.script import spoken
from broadcaster.domain import corrections, hazards, words
from broadcaster.domain.announcement import LONGEST_TEXT, LONGEST_TITLE
from broadcaster.domain.errors import Malformed, SlotEmpty, UnknownHazard
from broadcaster.domain.hazards import HAZARDS, LEVELS, WORDINGS

pytestmark = pytest.mark.pure

SLOTS = {
    "what": "một cháu trai 6 tuổi",
    "place": "Bản Nà Pản",
    "time": "từ 17 giờ hôm nay",
    "action": "Lên chỗ cao.",
}
CASES = [(key, level) for key, hazard in HAZARDS.items() for level in hazard.levels or (None,)]
texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=80)


def test_every_hazard_is_worded_in_every_language() -> None:
    for language, wording in WORDINGS.items():
        assert set(wording.warnings) == set(HAZARDS), language


def test_a_template_asks_for_just_the_slots_of_its_hazard() -> None:
    for wording in WORDINGS.values():
        for key, warned in wording.warnings.items():
            named = {field for _, field, _, _ in Formatter().parse(warned.happens) if field}
            assert named | {"action"} == set(HAZARDS[key].slots), key


def test_the_five_levels_have_the_colours_of_the_decision() -> None:
    colours = ["light_blue", "light_yellow", "orange", "red", "purple"]
    assert [(level.number, level.colour) for level in LEVELS.values()] == list(enumerate(colours, 1))


@pytest.mark.parametrize("language", WORDINGS)
@pytest.mark.parametrize(("key", "level"), CASES)
def test_what_was_given_is_heard(key: str, level: int | None, language: str) -> None:
    text = hazards.fill(key, level, language, SLOTS)
    for slot in HAZARDS[key].slots:
        assert SLOTS[slot].rstrip(".") in text
    assert ("{" in text, ".." in text, "  " in text) == (False, False, False)
    assert (WORDINGS[language].level.format(level=level) in text) == HAZARDS[key].natural
    assert len(hazards.title(key, level, language, SLOTS["place"])) <= LONGEST_TITLE


def test_the_usual_advice_grows_with_the_level() -> None:
    advice = [hazards.default_action("flash_flood", level, "vi") for level in LEVELS]
    assert advice[0] == advice[1] != advice[2] != advice[3] == advice[4]
    assert "rời nhà ngay" in advice[4]


@pytest.mark.parametrize("language", WORDINGS)
@pytest.mark.parametrize("slot", ["what", "place", "time", "action"])
@pytest.mark.parametrize("empty", ["", "  ", ".", " - "])
def test_an_empty_slot_is_refused_by_its_name(slot: str, empty: str, language: str) -> None:
    with pytest.raises(SlotEmpty) as refused:
        hazards.fill("epidemic", 3, language, SLOTS | {slot: empty})
    assert refused.value.params == {"slot": slot, "language": language}


@pytest.mark.parametrize(("key", "level"), [("storm", None), ("storm", 0), ("storm", 6), ("all_clear", 3)])
def test_a_level_the_hazard_has_not_is_refused(key: str, level: int | None) -> None:
    with pytest.raises(Malformed):
        hazards.fill(key, level, "vi", SLOTS)


def test_neither_an_unknown_hazard_nor_an_unknown_language_is_worded() -> None:
    with pytest.raises(UnknownHazard):
        hazards.fill("earthquake", 3, "vi", SLOTS)
    with pytest.raises(Malformed):
        hazards.fill("storm", 3, "hmn", SLOTS)


@given(st.sampled_from(CASES), st.sampled_from(sorted(WORDINGS)), st.fixed_dictionaries(dict.fromkeys(SLOTS, texts)))
def test_anything_typed_is_either_heard_whole_or_refused(
    case: tuple[str, int | None], language: str, slots: dict[str, str]
) -> None:
    try:
        text = hazards.fill(*case, language, slots)
    except SlotEmpty:
        return
    assert len(text) <= LONGEST_TEXT
    for slot in HAZARDS[case[0]].slots:
        assert words.line(slots[slot]).strip(" .") in text


def test_what_is_typed_is_no_template_itself() -> None:
    assert "{time}" in hazards.fill("storm", 3, "vi", SLOTS | {"place": "{time}"})


@pytest.mark.parametrize("language", corrections.LANGUAGES)
def test_correction_and_all_clear_name_the_alert(language: str) -> None:
    for text in corrections.texts("Cảnh báo lũ quét.", language):
        assert "Cảnh báo lũ quét" in text
        assert "lũ quét.," not in text


def test_a_language_without_words_is_corrected_in_vietnamese() -> None:
    assert corrections.spoken_in(["hmn"]) == ("vi",)
    assert corrections.spoken_in(["hmn", "en", "vi"]) == ("en", "vi")


def test_every_word_is_read_out_in_full() -> None:
    # A figure of the Decision must not be read as a date or a phone number.
    assert "cấp năm" in spoken(hazards.fill("storm", 5, "vi", SLOTS), language="vi").lower()
