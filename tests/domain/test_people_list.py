"""Lists of people: what a line says, what is made of it, and what is wrong with it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.people_list import Entry, Fault, Surroundings, as_rows, judged, login_for, read
from broadcaster.domain.permissions import Role

pytestmark = pytest.mark.pure
UNITS = {"xa": "Xã Yên Châu", "na-pan": "Bản Nà Pản", "cho-1": "Tổ 1", "cho-2": "Tổ 1"}
AROUND = Surroundings(
    UNITS, {"can bo soan": Role.CLERK}, {"lo-van-an"}, {("lo van an", "xa"): "lo-van-an"}, "xa", Role.VILLAGE_HEAD
)


def one(**told: Any) -> Entry:
    [found] = judged([Entry(1, **({"name": "Quàng Thị Hoa"} | told))], AROUND)
    return found


def test_headings_are_found_in_any_order_and_under_a_title() -> None:
    rows = [
        ["DANH SÁCH CÁN BỘ", ""],
        ["Vai trò", "HỌ VÀ TÊN", "SĐT"],
        ["", "", ""],
        ["cán bộ soạn", "Lò Văn An", "0912"],
    ]
    assert read(rows) == [Entry(4, "Lò Văn An", role="cán bộ soạn", phone="0912")]


def test_without_headings_there_are_only_names() -> None:
    assert read([["Lò Văn An", "x"], [], ["Quàng Thị Hoa"]]) == [Entry(1, "Lò Văn An"), Entry(3, "Quàng Thị Hoa")]


def test_what_a_line_leaves_out_is_what_was_chosen_for_all() -> None:
    assert one() == Entry(1, "Quàng Thị Hoa", "quang-thi-hoa", "xa", Role.VILLAGE_HEAD)


@pytest.mark.parametrize(
    ("told", "unit", "role"),
    [
        ({"unit": "ban na pan", "role": "Trưởng thôn"}, "na-pan", Role.VILLAGE_HEAD),
        ({"unit": "na-pan", "role": "Cán bộ soạn"}, "na-pan", Role.CLERK),
        ({"role": "Phó Chủ tịch"}, "xa", Role.APPROVER),
        ({"role": "technician"}, "xa", Role.TECHNICIAN),
    ],
)
def test_units_and_roles_by_name(told: dict[str, str], unit: str, role: Role) -> None:
    assert (one(**told).unit, one(**told).role, one(**told).fault) == (unit, role, None)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"name": ""}, Fault.NAME),
        ({"name": "x" * 201}, Fault.NAME),
        ({"login": "Lò Văn"}, Fault.LOGIN),
        ({"login": "a"}, Fault.LOGIN),
        ({"login": "x" * 49}, Fault.LOGIN),
        ({"unit": "Bản nào đó"}, Fault.UNIT),
        ({"unit": "tổ 1"}, Fault.UNIT_TWICE),
        ({"role": "vua"}, Fault.ROLE),
        ({"phone": "không có"}, Fault.PHONE),
        ({"mail": "ở nhà"}, Fault.MAIL),
    ],
)
def test_what_is_wrong(told: dict[str, str], fault: Fault) -> None:
    assert one(**told).fault is fault


def test_the_same_line_twice_and_two_people_of_one_name() -> None:
    name = "Quàng Thị Hoa"
    lines = [Entry(1, name), Entry(2, name), Entry(3, name, phone="0912345678"), Entry(4, "A"), Entry(5, "!")]
    found = judged(lines, AROUND)
    assert [it.login for it in found] == ["quang-thi-hoa", "", "quang-thi-hoa-2", "can-bo", "can-bo-2"]
    assert [it.fault for it in found] == [None, Fault.TWICE, None, None, None]


def test_who_works_there_already_is_not_made_again() -> None:
    [there, elsewhere] = judged([Entry(1, "Lò Văn An"), Entry(2, "Lò Văn An", unit="na-pan")], AROUND)
    assert (there.login, elsewhere.login) == ("lo-van-an", "lo-van-an-2")


def test_a_name_given_in_the_list_is_not_made_up_before() -> None:
    found = judged([Entry(1, "Quàng Thị Hoa"), Entry(2, "Người khác", "quang-thi-hoa")], AROUND)
    assert [it.login for it in found] == ["quang-thi-hoa-2", "quang-thi-hoa"]


@given(st.lists(st.lists(st.text(max_size=12), max_size=7), max_size=12))
def test_every_list_is_read_and_what_is_taken_is_read_the_same_again(rows: list[list[str]]) -> None:
    found = [it for it in judged(read(rows), AROUND) if it.fault is None]
    again = judged(read(as_rows(found)), AROUND)
    assert [(it.name, it.login, it.unit, it.role) for it in again] == [
        (it.name, it.login, it.unit, it.role) for it in found
    ]
    assert all(it.fault is None for it in again)


@given(st.text(max_size=80), st.sets(st.text(max_size=12)))
def test_a_sign_in_name_is_free_and_well_formed(name: str, taken: set[str]) -> None:
    login = login_for(name, taken)
    assert login not in taken
    assert 2 <= len(login) <= 48
