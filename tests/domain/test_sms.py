"""Short texts in seven bits, and bodies that nothing can break out of."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.mirror_wording import LIMITS
from broadcaster.domain.sms import PLAIN, seven_bit
from broadcaster.domain.sms_form import Form, at, fill, phones

pytestmark = pytest.mark.pure

# GSM 03.38 without what counts twice, as far as it is ASCII.
BASIC = set(string.ascii_letters + string.digits + " \n@$!\"#%&'()*+,-./:;<=>?_")


def test_vietnamese_loses_its_marks_and_nothing_else() -> None:
    assert seven_bit("📢 KHẨN CẤP: Lũ về “Đông 1” – đi ngay… [tin]") == 'KHAN CAP: Lu ve "Dong 1" - di ngay. (tin)'
    assert LIMITS["sms_gateway"] == PLAIN


@given(st.text())
def test_a_short_text_never_grows_and_every_phone_can_show_it(text: str) -> None:
    short = seven_bit(text)
    assert set(short) <= BASIC
    assert seven_bit(short) == short


@given(st.text(alphabet="aáàảãạđĐấẾ“”…—[]{}~ \n📢"))
def test_it_is_not_longer_than_the_text_was(text: str) -> None:
    assert len(seven_bit(text)) <= len(text)


@given(st.text(), st.text(), st.text())
def test_no_value_breaks_out_of_its_place(phone: str, text: str, secret: str) -> None:
    values = {"phone": phone, "text": text, "secret": secret, "id": "x", "phones": phone}
    body = Form.read('{"to": ["{phone}"], "text": "Loa: {text}", "key": "{secret}", "n": 2}').filled(values)
    assert json.loads(json.dumps(body)) == {"to": [phone], "text": f"Loa: {text}", "key": secret, "n": 2}
    assert Form.read("to={phone}&text={text}").filled(values) == {"to": phone, "text": text}


@given(st.text())
def test_a_template_is_read_or_refused_with_a_sentence(template: str) -> None:
    try:
        form = Form.read(template)
    except ValueError:
        return
    assert "text" in form.places()


def test_a_place_that_is_none_stays_as_it_was() -> None:
    assert fill("Bearer {secret} {other}", {"secret": "{text}", "text": "no"}) == "Bearer {text} {other}"


@given(st.text(alphabet="0123456789+ .-,;x"))
def test_a_list_of_phones_is_numbers_or_refused(text: str) -> None:
    try:
        found = phones(text)
    except ValueError:
        return
    assert found
    assert len(set(found)) == len(found)
    assert all(each.removeprefix("+").isdigit() for each in found)


@pytest.mark.parametrize(
    ("path", "found"),
    [("a.0.b", "x"), ("a.1", "7"), ("c", "true"), ("a.9", None), ("a.b", None), ("a.0.b.c", None), ("n", None)],
)
def test_a_path_into_an_answer(path: str, found: str | None) -> None:
    assert at({"a": [{"b": "x"}, 7], "c": True, "n": None}, path) == found


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    ),
    st.text(),
)
def test_no_answer_and_no_path_raise(answer: object, path: str) -> None:
    found = at(answer, path)
    assert found is None or isinstance(found, str)
