"""Addresses as people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.mail_list import Typed, addresses, is_address, without_addresses

pytestmark = pytest.mark.pure

names = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9]{1,8})?@[a-z0-9]{1,8}\.(vn|com|gov\.vn)", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "good", "wrong"),
    [
        ("an@dan.vn\nBinh@Dan.VN", ("an@dan.vn", "binh@dan.vn"), ()),
        ("an@dan.vn; binh@dan.vn,chi@dan.vn", ("an@dan.vn", "binh@dan.vn", "chi@dan.vn"), ()),
        ("Nguyễn Văn An <an@dan.vn>, binh@dan.vn", ("an@dan.vn", "binh@dan.vn"), ()),
        ("an@dan.vn an@dan.vn", ("an@dan.vn",), ()),
        ("an@dan", (), ("an@dan",)),
        ("0912 345 678", (), ("0912", "345", "678")),
        ("ăn@dan.vn", (), ("ăn@dan.vn",)),
        ("an@dan.vn@x.vn", (), ("an@dan.vn@x.vn",)),
        ("", (), ()),
    ],
)
def test_what_is_typed(text: str, good: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    assert addresses(text) == Typed(good, wrong)


@given(st.lists(names, max_size=8), st.sampled_from([" ", "\n", ", ", ";\t", "\r\n"]))
def test_however_they_are_put_apart_they_are_found_once_and_in_order(some: list[str], apart: str) -> None:
    assert addresses(apart.join(some)) == Typed(tuple(dict.fromkeys(some)), ())


@given(st.text(max_size=80))
def test_nothing_that_could_break_a_header_is_an_address(text: str) -> None:
    found = addresses(text)
    assert all(address.isascii() and address.isprintable() and " " not in address for address in found.good)
    assert not is_address(text) or text.isprintable()


@given(st.lists(names, min_size=1, max_size=4))
def test_what_a_server_says_names_nobody(some: list[str]) -> None:
    assert "@" not in without_addresses(" is unknown, ".join(f"<{name}>" for name in some))
