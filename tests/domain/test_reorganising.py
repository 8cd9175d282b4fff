"""Units merged, split, renamed and moved: a tree stays a tree, no village is lost, every old name leads somewhere."""

from itertools import pairwise

import pytest
from hypothesis import given

from broadcaster.domain.land import Node, common_parent, fresh_id, home, leads_to, leaves, path, search, under
from broadcaster.domain.permissions import Role
from broadcaster.domain.reorganising import Held, carried, plan
from broadcaster.domain.wishes import END, Kind, Part, Trouble, Wish
from firmware_config.protocol import valid_id
from tests.domain.lands import histories, lands

pytestmark = pytest.mark.pure

LAND = {
    node.id: node
    for node in (
        Node("tinh", None, "Tỉnh", "province"),
        Node("xa-a", "tinh", "Xã Chiềng Pằn", "commune", former=("Xã Pằn",)),
        Node("xa-b", "tinh", "Xã Viêng Lán", "commune"),
        Node("ban-1", "xa-a", "Bản Đông Khùa", "village", speakers=2),
        Node("ban-2", "xa-a", "Bản Nà Pản", "village", speakers=1),
        Node("ban-3", "xa-b", "Bản Khoóng", "village", speakers=1),
    )
}
MERGE = Wish(Kind.MERGE, ("xa-a", "xa-b"), id="xa-yen-chau", name="Xã Yên Châu", level="commune")
OWNERS = [Held("g-a", Role.OWNER, "xa-a"), Held("g-b", Role.OWNER, "xa-b"), Held("g-c", Role.CLERK, "xa-a")]


def after(wish: Wish, land: dict[str, Node] | None = None) -> dict[str, Node]:
    found = plan(land or LAND, wish)
    assert found.conflicts == ()
    return carried(land or LAND, found.steps)


def troubles(wish: Wish) -> set[Trouble]:
    found = plan(LAND, wish)
    assert found.steps == ()
    return {conflict.trouble for conflict in found.conflicts}


@given(histories())
def test_a_tree_stays_a_tree_and_no_village_is_lost_or_doubled(history: list[dict[str, Node]]) -> None:
    for before, now in pairwise(history):
        assert all(now[path(now, unit)[0]].parent is None for unit in now)
        assert before.keys() <= now.keys()
        closed = {unit for unit in now if now[unit].closed and not (unit in before and before[unit].closed)}
        for unit in before.keys() - closed:
            assert now[unit].closed == before[unit].closed
        # Where its loudspeakers hang stays in the tree, and every unit that is shown hangs under one that is.
        assert sum(node.speakers for node in now.values()) == sum(node.speakers for node in before.values())
        tops = leaves(now, None)
        shown = {unit for unit in now if not now[unit].closed}
        assert shown == set(tops) | {below for unit in shown for below in leaves(now, unit)}
        assert len(shown) == len(tops) + sum(len(leaves(now, unit)) for unit in shown)


@given(histories())
def test_every_name_a_unit_ever_had_leads_to_open_units(history: list[dict[str, Node]]) -> None:
    land = history[-1]
    for node in (node for each in history for node in each.values()):
        ends = leads_to(land, node.id)
        assert all(not land[unit].closed for unit in ends)
        found = search(land, node.name.upper())
        assert set(ends) <= found.keys()
        assert all(not land[unit].closed for unit in found)


@given(histories())
def test_what_named_a_unit_before_a_merger_or_a_split_reaches_the_same_loudspeakers_after_it(
    history: list[dict[str, Node]],
) -> None:
    for before, now in pairwise(history):
        closed = [unit for unit in before if now[unit].closed and not before[unit].closed]
        for unit in closed:
            assert {each for each in under(now, unit) if now[each].speakers} == {
                each for each in under(before, unit) if before[each].speakers
            }


@given(lands())
def test_merging_everything_leaves_all_villages_under_one_unit(land: dict[str, Node]) -> None:
    communes = tuple(sorted(leaves(land, "tinh")))
    villages = frozenset[str]().union(*(leaves(land, each) for each in communes))
    now = after(Wish(Kind.MERGE, communes, id="xa-moi", name="Xã Mới", level="commune"), land)
    assert leaves(now, "xa-moi") == villages
    assert leaves(now, "tinh") == {"xa-moi"}
    assert all(leads_to(now, each) == ("xa-moi",) for each in communes)


def test_a_merger_puts_the_new_unit_above_the_closed_ones() -> None:
    now = after(MERGE)
    assert path(now, "ban-1") == ("tinh", "xa-yen-chau", "xa-a", "ban-1")
    assert now["xa-yen-chau"].former == ("Xã Chiềng Pằn", "Xã Pằn", "Xã Viêng Lán")
    assert (home(now, "xa-a"), now["xa-a"].successor) == ("xa-yen-chau", "xa-yen-chau")
    assert search(now, "vieng lan") == {"xa-yen-chau": "Xã Viêng Lán"}
    assert search(now, "dong khua") == {"ban-1": ""}


def test_others_may_become_part_of_one_that_goes_on() -> None:
    now = after(Wish(Kind.MERGE, ("xa-a", "xa-b"), into="xa-a", name="Xã Yên Châu"))
    assert path(now, "ban-1") == ("tinh", "xa-a", "ban-1")
    assert path(now, "ban-3") == ("tinh", "xa-a", "xa-b", "ban-3")
    assert (now["xa-a"].name, leads_to(now, "xa-b")) == ("Xã Yên Châu", ("xa-a",))


def test_a_split_puts_the_new_units_below_the_closed_one() -> None:
    parts = (Part("xa-1", "Xã Một", "commune", ("ban-1",)), Part("xa-2", "Xã Hai", "commune", ("ban-2",)))
    now = after(Wish(Kind.SPLIT, ("xa-a",), parts=parts))
    assert path(now, "ban-2") == ("tinh", "xa-a", "xa-2", "ban-2")
    assert leaves(now, "tinh") == {"xa-1", "xa-2", "xa-b"}
    assert set(search(now, "chieng pan")) == {"xa-1", "xa-2"}


def test_what_was_merged_can_be_split_again_and_takes_its_own_along() -> None:
    now = after(MERGE)
    parts = (
        Part("xa-c", "Xã Chiềng Pằn", "commune", ("ban-1", "ban-2")),
        Part("xa-d", "Xã Lán", "commune", ("ban-3",)),
    )
    again = after(Wish(Kind.SPLIT, ("xa-yen-chau",), parts=parts), now)
    assert path(again, "ban-1") == ("tinh", "xa-yen-chau", "xa-c", "xa-a", "ban-1")


@pytest.mark.parametrize(
    ("wish", "trouble"),
    [
        (Wish(Kind.MERGE, ("xa-a",), id="n", name="N", level="x"), Trouble.TOO_FEW),
        (Wish(Kind.MERGE, ("xa-a", "ban-1"), id="n", name="N", level="x"), Trouble.NESTED),
        (Wish(Kind.MERGE, ("xa-a", "nowhere"), id="n", name="N", level="x"), Trouble.UNKNOWN),
        (Wish(Kind.MERGE, ("xa-a", "xa-b"), id="n", name="", level="x"), Trouble.NO_NAME),
        (Wish(Kind.MERGE, ("xa-a", "xa-b"), id="n", name="N"), Trouble.NO_LEVEL),
        (Wish(Kind.MERGE, ("ban-1", "ban-2"), id="ban-3", name="N", level="x"), Trouble.ID_TAKEN),
        (Wish(Kind.MERGE, ("xa-a", "xa-b"), id="n", name="N", level="x", parent="ban-1"), Trouble.CYCLE),
        (Wish(Kind.RENAME, ("xa-a",), name="xa vieng lan"), Trouble.NAME_TAKEN),
        (Wish(Kind.RENAME, ("xa-a",), name="Xã Chiềng Pằn"), Trouble.NOTHING),
        (Wish(Kind.MOVE, ("xa-a",), parent="ban-1"), Trouble.CYCLE),
        (Wish(Kind.MOVE, ("ban-1",), parent="xa-a"), Trouble.NOTHING),
        (Wish(Kind.MOVE, ("ban-1",), parent="nowhere"), Trouble.UNKNOWN),
        (
            Wish(Kind.SPLIT, ("xa-a",), parts=(Part("p", "P", "x", ("ban-1",)), Part("q", "Q", "x", ("ban-1",)))),
            Trouble.UNPLACED,
        ),
        (
            Wish(Kind.SPLIT, ("xa-a",), parts=(Part("p", "P", "x", ("ban-1", "ban-2")), Part("q", "Q", "x", ()))),
            Trouble.EMPTY_PART,
        ),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(wish: Wish, trouble: Trouble) -> None:
    assert trouble in troubles(wish)


def test_a_unit_in_which_loudspeakers_hang_is_not_split_over_their_heads() -> None:
    land = {**LAND, "xa-a": Node("xa-a", "tinh", "Xã", "commune", speakers=1)}
    parts = (Part("p", "P", "x", ("ban-1",)), Part("q", "Q", "x", ("ban-2",)))
    found = plan(land, Wish(Kind.SPLIT, ("xa-a",), parts=parts))
    assert {conflict.trouble for conflict in found.conflicts} == {Trouble.LOUDSPEAKERS}


def test_a_closed_unit_is_not_changed_again() -> None:
    assert {each.trouble for each in plan(after(MERGE), MERGE).conflicts} == {Trouble.CLOSED}


def test_in_a_merger_those_who_decide_are_asked_about_and_somebody_must_own_the_whole() -> None:
    def answered(**answers: str) -> set[Trouble]:
        told = {key.replace("_", "-"): value for key, value in answers.items()}
        wish = Wish(Kind.MERGE, MERGE.units, id=MERGE.id, name=MERGE.name, level="commune", answers=told)
        return {conflict.trouble for conflict in plan(LAND, wish, OWNERS).conflicts}

    assert answered() == {Trouble.UNANSWERED, Trouble.NOBODY}
    assert answered(g_a="", g_b=END) == {Trouble.NOBODY}
    assert answered(g_a="", g_b="xa-yen-chau") == set()
    above = [*OWNERS, Held("g-p", Role.OWNER, "tinh")]
    assert {each.trouble for each in plan(LAND, MERGE, above).conflicts} == {Trouble.UNANSWERED}
    assert plan(LAND, MERGE, above, asking=False).conflicts == ()


def test_ids_are_made_of_names_and_parents_are_those_in_common() -> None:
    assert fresh_id(LAND, "Xã Đông Á") == "xa-dong-a"
    assert fresh_id({"xa-dong-a"}, "Xã Đông Á") == "xa-dong-a-2"
    assert all(valid_id(fresh_id((), name)) for name in ("中文", "A", "x" * 300, "-"))
    assert common_parent(LAND, ["ban-1", "ban-2"]) == "xa-a"
    assert common_parent(LAND, ["ban-1", "ban-3"]) == "tinh"
    assert common_parent(LAND, ["tinh"]) is None


@given(lands())
def test_a_wish_is_read_back_as_it_was_written(land: dict[str, Node]) -> None:
    wish = Wish(Kind.SPLIT, ("xa-0",), parts=(Part("p", "P", "x", tuple(sorted(land))),), answers={"g": END})
    assert Wish.from_json(wish.to_json()) == wish
