"""Trees of units as hypothesis draws them: provinces with communes with villages, some merged long ago."""

from hypothesis import strategies as st

from broadcaster.domain.land import Node, fresh_id, leaves
from broadcaster.domain.reorganising import carried, plan
from broadcaster.domain.wishes import Kind, Part, Wish

WORDS = ("Nà Pản", "Khoóng", "Huổi Hốc", "Đông Khùa", "Yên Châu", "Viêng Lán", "Tú Nang")


@st.composite
def lands(draw: st.DrawFn) -> dict[str, Node]:
    """One province and its communes with their villages."""
    found = {"tinh": Node("tinh", None, "Tỉnh", "province")}
    for number in range(draw(st.integers(2, 5))):
        commune = f"xa-{number}"
        found[commune] = Node(commune, "tinh", f"Xã {WORDS[number]}", "commune")
        for place in range(draw(st.integers(0, 4))):
            village = f"ban-{number}-{place}"
            found[village] = Node(village, commune, f"Bản {WORDS[place]} {number}", "village", speakers=place)
    return found


@st.composite
def wishes(draw: st.DrawFn, land: dict[str, Node]) -> Wish:
    """Something one may want of the open units of a land, sensible or not."""
    kind = draw(st.sampled_from(Kind))
    name = draw(st.sampled_from(["Xã Mới", "Xã Yên Châu", "Bản Mới", ""]))
    new = fresh_id(land, name)
    units = draw(st.lists(st.sampled_from(sorted(land)), min_size=1, max_size=4, unique=True))
    if kind is Kind.MERGE:
        into = draw(st.sampled_from(["", units[0]]))
        return Wish(kind, tuple(units), id="" if into else new, into=into, name=name, level="commune")
    if kind is Kind.SPLIT:
        return Wish(kind, (units[0],), parts=draw(parts(land, units[0])))
    return Wish(kind, (units[0],), name=name, parent=draw(st.sampled_from(sorted(land))))


@st.composite
def parts(draw: st.DrawFn, land: dict[str, Node], unit: str) -> tuple[Part, ...]:
    """A unit's villages dealt out to two or three new ones."""
    number = draw(st.integers(2, 3))
    goes = {village: draw(st.integers(0, number - 1)) for village in sorted(leaves(land, unit))}
    names = [f"Phần {place}" for place in range(number)]
    ids: list[str] = []
    for name in names:
        ids.append(fresh_id({*land, *ids}, name))
    return tuple(
        Part(ids[at], names[at], "commune", tuple(each for each in goes if goes[each] == at)) for at in range(number)
    )


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Node]]:
    """A land, and how it looked after each of a few changes that fitted."""
    seen = [draw(lands())]
    for _ in range(draw(st.integers(1, 4))):
        found = plan(seen[-1], draw(wishes(seen[-1])))
        if not found.conflicts:
            seen.append(carried(seen[-1], found.steps))
    return seen
