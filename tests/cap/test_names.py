"""areaDesc as people write it: lists and addresses, without diacritics, with old names; nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.audience import Tree
from broadcaster.domain.cap.gazetteer import Gazetteer
from broadcaster.domain.cap.naming import MOST_NAMES, Named, named
from broadcaster.domain.land import Node
from broadcaster.domain.words import plain

pytestmark = pytest.mark.pure

NODES = [
    Node("son-la", None, "Tỉnh Sơn La", "province"),
    Node("yen-chau", "son-la", "Xã Yên Châu", "commune", former=("Thị trấn Yên Châu", "Xã Sặp Vạt")),
    Node("chieng-hac", "son-la", "Xã Chiềng Hặc", "commune"),
    Node("phuong-1", "son-la", "Phường 1", "commune"),
    Node("phuong-2", "son-la", "Phường 2", "commune"),
    Node("ban-2", "yen-chau", "Bản 2", "village"),
    Node("ba-ria", "son-la", "Xã Bà và Rịa", "commune"),
    Node("na-pan", "yen-chau", "Bản Nà Pản", "village"),
    Node("khoong", "yen-chau", "Bản Khoóng", "village"),
    Node("na-pan-2", "chieng-hac", "Bản Nà Pản", "village"),
    Node("la", "yen-chau", "Bản Lạ", "village"),
    Node("lá", "yen-chau", "Bản Lá", "village"),
    Node("chieng-dong", "son-la", "Xã Chiềng Đông", "commune"),
    Node("ban-chieng-dong", "chieng-dong", "Bản Chiềng Đông", "village"),
    Node("old", "son-la", "Xã Tú Nang", "commune", closed=True, successor="chieng-hac"),
    Node("cut", "yen-chau", "Bản Hốc", "village", closed=True),
    Node("hoc-1", "cut", "Bản Hốc Trên", "village", former=("Bản Hốc",)),
    Node("hoc-2", "cut", "Bản Hốc Dưới", "village", former=("Bản Hốc",)),
]
LAND = {node.id: node for node in NODES}
TREE = Tree({node.id: node.parent for node in NODES})
GAZETTEER = Gazetteer(LAND)


def found(*descs: str) -> Named:
    return named(descs, GAZETTEER, TREE)


@pytest.mark.parametrize(
    ("desc", "units"),
    [
        ("Xã Yên Châu, Xã Chiềng Hặc và Phường 1", {"yen-chau", "chieng-hac", "phuong-1"}),
        ("các xã Yên Châu, Chiềng Hặc, Chiềng Đông", {"yen-chau", "chieng-hac", "chieng-dong"}),
        ("Các xã: Yên Châu; xã Chiềng Hặc.", {"yen-chau", "chieng-hac"}),
        ("03 xã: yen chau, chieng hac va chieng dong", {"yen-chau", "chieng-hac", "chieng-dong"}),
        ("XA YEN CHAU", {"yen-chau"}),
        ("Phường 1, 2", {"phuong-1", "phuong-2"}),
        ("P.1, P. 2; bản Khoong", {"phuong-1", "phuong-2", "khoong"}),
        ("TT. Yên Châu", {"yen-chau"}),
        ("X. Sặp Vạt", {"yen-chau"}),
        ("xã Tú Nang", {"chieng-hac"}),
        ("Bản Hốc", {"hoc-1", "hoc-2"}),
        ("Bản Lạ", {"la"}),
        ("thôn Khoóng", {"khoong"}),
        ("Xã Bà và Rịa, xã Yên Châu", {"yen-chau", "ba-ria"}),
        ("Bản Nà Pản, xã Yên Châu, tỉnh Sơn La", {"na-pan"}),
        ("bản Nà Pản thuộc xã Chiềng Hặc", {"na-pan-2"}),
        ("Bản Nà Pản (xã Chiềng Hặc)", {"na-pan-2"}),
        ("Tỉnh Sơn La: các xã Yên Châu, Chiềng Hặc", {"yen-chau", "chieng-hac"}),
        ("Xã Yên Châu: các bản Nà Pản, Khoóng", {"na-pan", "khoong"}),
        ("Phạm vi ảnh hưởng: xã Yên Châu", {"yen-chau"}),
        ("xã Yên Châu và tỉnh Sơn La", {"yen-chau", "son-la"}),
        ("trên địa bàn tỉnh Sơn La", {"son-la"}),
        ("Yen Chau commune, Son La province", {"yen-chau"}),
        ("communes de Yên Châu et Chiềng Hặc", {"yen-chau", "chieng-hac"}),
    ],
)
def test_it_is_read_as_it_is_meant(desc: str, units: set[str]) -> None:
    assert found(desc) == Named(frozenset(units))


@pytest.mark.parametrize(
    ("desc", "several"),
    [
        ("Bản Nà Pản", ("Bản Nà Pản",)),
        ("Chiềng Đông", ("Chiềng Đông",)),
        ("Ban La", ("Ban La",)),
        ("Bản Là", ("Bản Là",)),
        ("Bản Nà Pản và xã Yên Châu", ("Bản Nà Pản",)),
    ],
)
def test_what_may_be_two_places_is_neither(desc: str, several: tuple[str, ...]) -> None:
    it = found(desc)
    assert it.several == several
    assert it.units <= {"yen-chau"}


@pytest.mark.parametrize(
    "desc", ["Huyện Yên Châu", "Xã Khoóng", "1", "2", "Xã Yên", "phía bắc xã Yên Châu", "Nơi nào đó"]
)
def test_what_is_called_otherwise_is_not_found(desc: str) -> None:
    assert found(desc) == Named(unknown=(desc,))


def test_a_list_too_long_is_not_read_to_its_end() -> None:
    names = ", ".join(f"Xã {n} x" for n in range(MOST_NAMES))
    assert found(names).whole
    assert not found(f"{names}, xã Yên Châu").whole
    assert found("xã Yên Châu", f"{names}").units == {"yen-chau"}


OPEN = st.sampled_from([node for node in NODES if not node.closed and " và " not in node.name])


@given(st.lists(OPEN, min_size=1, max_size=5), st.sampled_from([", ", "; ", " và ", " and ", ",\n"]), st.booleans())
def test_a_list_never_means_what_it_does_not_name(nodes: list[Node], between: str, bare: bool) -> None:
    said = between.join(plain(node.name) if bare else node.name for node in nodes)
    it = found(said)
    assert {LAND[unit].name for unit in it.units} <= {node.name for node in nodes}
    assert not it.unknown


PIECES = st.sampled_from(["các", "03", "xã", "bản", "Yên Châu", "Nà Pản", "2", "P.", ",", ";", ":", "(", ")", "và"])


@given(st.text(max_size=40) | st.lists(PIECES).map(" ".join))
def test_any_text_can_be_read(text: str) -> None:
    assert found(text).units <= set(LAND)
