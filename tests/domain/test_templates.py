"""What stands in braces is found once, filled in, and never lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.templates import fill, placeholders

pytestmark = pytest.mark.pure
NAMES = st.text("abcđêgiờ ", min_size=1, max_size=10).map(str.strip).filter(bool)


def test_each_place_is_asked_for_once_in_its_order() -> None:
    assert placeholders(["Họp lúc {giờ} tại { nơi họp }", "{giờ}, {}, {\n}, {{ai}}"]) == ["giờ", "nơi họp", "ai"]


def test_what_has_no_value_stays_where_nobody_overlooks_it() -> None:
    assert fill("Lúc {giờ} tại {nơi}", {"giờ": "19h30", "nơi": ""}) == "Lúc 19h30 tại {nơi}"


@given(st.dictionaries(NAMES, st.text("xyz ", min_size=1), max_size=5), st.text(max_size=30))
def test_everything_asked_for_is_filled_in(values: dict[str, str], around: str) -> None:
    plain = around.replace("{", "").replace("}", "")
    text = plain + " ".join(f"{{{name}}}" for name in values)
    assert placeholders([text]) == list(values)
    assert fill(text, values) == plain + " ".join(values.values())


@given(st.text(max_size=60))
def test_a_text_without_values_stays_as_it_is(text: str) -> None:
    assert fill(text, {}) == text
