"""Which passwords are taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain import passwords
from broadcaster.domain.errors import PasswordGuessable, PasswordTooLong, PasswordTooShort

pytestmark = pytest.mark.pure


TRIED_FIRST = """
0123456789;9876543210;aaaaaaaaaaaa;abababababab;matkhau12345;MậtKhẩu@2026;0912345678;+84912345678;password!!!!
1qwertyuiop1;Việt Nam 2026;anh yêu em 123;loaloaloaloa;1234123412
"""


@pytest.mark.parametrize("password", TRIED_FIRST.replace("\n", ";").strip(";").split(";"))
def test_what_is_tried_first(password: str) -> None:
    with pytest.raises(PasswordGuessable):
        passwords.check(password)


@pytest.mark.parametrize("password", ["bò vàng qua suối", "correct horse", "zK8#qpW2!x", "mua nuoc do 7", "0a9b8c7d6e"])
def test_what_is_taken(password: str) -> None:
    passwords.check(password, about=("truong-ban", "Trưởng bản"))


def test_what_everybody_knows_of_its_owner() -> None:
    for password in ("truongban2026", "Trưởng-Bản-1!", "2026 trưởng bản"):
        passwords.check(password)
        with pytest.raises(PasswordGuessable):
            passwords.check(password, about=("truong-ban", "Trưởng bản"))


@given(st.text(max_size=250))
def test_every_text_is_taken_or_refused_by_its_length_or_as_guessable(password: str) -> None:
    short, long = len(password) < passwords.SHORTEST, len(password) > passwords.LONGEST
    wanted = PasswordTooShort if short else PasswordTooLong if long else PasswordGuessable
    if short or long or passwords.guessable(password):
        with pytest.raises(wanted):
            passwords.check(password)
    else:
        passwords.check(password)


@given(st.text(alphabet="0123456789!. ", min_size=0, max_size=6))
def test_trimmings_make_no_common_word_rare(trimmings: str) -> None:
    assert passwords.guessable(f"{trimmings}matkhau{trimmings}")
