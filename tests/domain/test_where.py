"""Places as people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.errors import BadPlace
from broadcaster.domain.where import Where, read, where

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("21.0524, 104.3012", (21.0524, 104.3012)),
        ("21.0524,104.3012", (21.0524, 104.3012)),
        ("  21.0524   104.3012 ", (21.0524, 104.3012)),
        ("21,0524; 104,3012", (21.0524, 104.3012)),
        ("21,0524, 104,3012", (21.0524, 104.3012)),
        ("-0.5, -180", (-0.5, -180.0)),
        ("", (None, None)),
    ],
)
def test_what_a_phone_shows_is_read(text: str, wanted: tuple[float | None, float | None]) -> None:
    found = read(text, " Cột  3 ")
    assert (found.latitude, found.longitude) == wanted
    assert found.post == "Cột 3"


@pytest.mark.parametrize(
    "text", ["21.05", "91, 104", "21, 181", "nan, 104", "21, inf", "bản Nà Pản", "1, 2, 3", "2,1,0,4"]
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(BadPlace):
        read(text)


def test_half_a_place_or_a_long_name_is_refused() -> None:
    with pytest.raises(BadPlace):
        where(21.0, None)
    with pytest.raises(BadPlace):
        where(None, None, "C" * 61)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_what_is_shown_is_read_back(latitude: float, longitude: float) -> None:
    found = where(latitude, longitude, "Cột 3")
    assert read(found.text, found.post) == found


@given(st.text())
def test_any_text_is_a_place_or_refused(text: str) -> None:
    try:
        found = read(text)
    except BadPlace:
        return
    assert found == Where() or found.text
