"""Which village a Zalo group belongs to, by its name without diacritics. PURE"""

from collections.abc import Mapping, Sequence

from broadcaster.domain.audience import Tree
from broadcaster.domain.words import slug

# What a unit is, said before its name; groups are often called without it.
KINDS = (
    ("to", "dan", "pho"),
    ("khu", "dan", "cu"),
    ("khu", "pho"),
    ("thi", "tran"),
    ("ban",),
    ("thon",),
    ("xom",),
    ("buon",),
    ("lang",),
    ("ap",),
    ("xa",),
    ("phuong",),
    ("huyen",),
    ("tinh",),
)
LONGEST = 500
Words = tuple[str, ...]


def match(group: str, names: Mapping[str, str], tree: Tree, units: Sequence[str]) -> str | None:
    """The unit whose name, with the names above it, covers most words of a group's; None where two are as likely."""
    words = words_of(group)
    own = {unit: _covered(words, words_of(names[unit])) for unit in units}
    weights = {
        unit: (len(seen | _above(words, unit, names, tree)), len(seen) >= len(words_of(names[unit])))
        for unit, seen in own.items()
        if seen
    }
    best = max(weights.values(), default=(0, False))
    likely = [unit for unit, weight in weights.items() if weight == best]
    return likely[0] if len(likely) == 1 else None


def words_of(name: str) -> Words:
    """A name in words without diacritics or signs, in lower case."""
    return tuple(filter(None, slug(name[:LONGEST], most=LONGEST).split("-")))


def _above(words: Words, unit: str, names: Mapping[str, str], tree: Tree) -> frozenset[int]:
    above = [each for each in tree.path(unit) if each != unit and each in names]
    return frozenset().union(*(_covered(words, words_of(names[each])) for each in above))


def _covered(words: Words, name: Words) -> frozenset[int]:
    """Where the words of a name stand in a row; its kind may be left out."""
    bare = _bare(name)
    # "Bản 1" is not meant by every group with a 1 in its name.
    return _places(words, name) or (_places(words, bare) if not all(map(str.isdigit, bare)) else frozenset())


def _places(words: Words, name: Words) -> frozenset[int]:
    starts = (at for at in range(len(words) - len(name) + 1) if words[at : at + len(name)] == name)
    return frozenset(at + step for at in starts for step in range(len(name)))


def _bare(name: Words) -> Words:
    kind = next((kind for kind in KINDS if name[: len(kind)] == kind and len(name) > len(kind)), ())
    return name[len(kind) :]
