"""Which units an areaDesc names: lists and addresses as people write them; what can be two places is neither."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from broadcaster.domain.audience import Tree
from broadcaster.domain.cap.gazetteer import Gazetteer, Meaning, is_kind, kind_of
from broadcaster.domain.words import line

MOST_NAMES = 500
"""Of one message that are looked up."""
_ADDED = re.compile(r"\s*&\s*|\s+(?:và|va|and|et)\s+", re.IGNORECASE)
_WITHIN = re.compile(r"\s+(?:thuộc|thuoc|của)\s+", re.IGNORECASE)
_LEAD = re.compile(r"(?:(?:trên|tren) )?(?:địa bàn|dia ban|khu vực|khu vuc|toàn bộ|toan bo|toàn|toan) ", re.IGNORECASE)
_MANY = re.compile(r"(?:các|cac|những|nhung|\d{1,3}) (?=\D)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """What was found."""

    units: frozenset[str] = frozenset()
    several: tuple[str, ...] = ()
    """Names that more than one unit has."""
    unknown: tuple[str, ...] = ()
    whole: bool = True


@dataclass(slots=True)
class _Item:
    text: str
    means: frozenset[Meaning]
    added: bool
    """Whether an "and" stands before it: then it tells nothing of where the one before lies."""
    counts: bool = True


@dataclass(slots=True)
class _Clause:
    """What stands between two semicolons."""

    gazetteer: Gazetteer
    kind: str = ""
    """What the names without a kind are, after "các xã"; after one "xã" only numbers are."""
    many: bool = False
    items: list[_Item] = field(default_factory=list)

    def take(self, piece: str) -> None:
        """Put in what stands between two commas."""
        if self.gazetteer.means(piece):
            self._item(piece, added=False)
            return
        for place, part in enumerate(_ADDED.split(piece)):
            if line(part) and len(self.items) <= MOST_NAMES:
                self._item(line(part), added=place > 0)

    def _item(self, text: str, *, added: bool) -> None:
        many = _MANY.match(text) if not self.gazetteer.means(text) else None
        named = text[many.end() :] if many else text
        if kind := is_kind(named):
            self.kind, self.many = kind, True
            return
        if own := kind_of(named):
            self.kind, self.many = own, many is not None
        self.items.append(_Item(text, self._means(named), added))

    def _means(self, text: str) -> frozenset[Meaning]:
        bare = _LEAD.sub("", text, count=1)
        for wording in (text, bare):
            carried = self.kind if self.many or wording.isdecimal() else ""
            if found := self.gazetteer.means(wording, carried) or self.gazetteer.means(wording):
                return found
        return frozenset()


def named(descs: Iterable[str], gazetteer: Gazetteer, tree: Tree) -> Named:
    """All units that these name; of an address only its first part, what follows tells where that lies."""
    said = dict.fromkeys(clause for desc in descs for clause in line(desc).split(";") if clause.strip(" ."))
    items: list[_Item] = []
    for clause in said:
        if len(items) > MOST_NAMES:
            break
        items += _read(clause, gazetteer, tree)
    counted = [each for each in items[:MOST_NAMES] if each.counts]
    return Named(
        frozenset(unit for each in counted if len(each.means) == 1 for meaning in each.means for unit in meaning),
        tuple(dict.fromkeys(each.text for each in counted if len(each.means) > 1)),
        tuple(dict.fromkeys(each.text for each in counted if not each.means)),
        whole=len(items) <= MOST_NAMES,
    )


def _read(text: str, gazetteer: Gazetteer, tree: Tree) -> list[_Item]:
    clause = _Clause(gazetteer)
    label, colon, rest = text.partition(":")
    if not colon:
        label, rest = "", text
    for piece in islice(_pieces(label), MOST_NAMES):
        # "Các xã: …" says what follows; "Tỉnh Sơn La: …" where it lies; any other heading nothing.
        clause.take(piece)
    heading = [each for each in clause.items if len(each.means) == 1]
    clause.items = []
    for piece in islice(_pieces(rest), MOST_NAMES + 1):
        clause.take(piece)
    _locate(clause.items, tree)
    for each in heading:
        _within(clause.items, each, tree)
    return clause.items


def _pieces(text: str) -> Iterator[str]:
    parts = (line(part).strip(" .") for part in re.split(r"[,()]", _WITHIN.sub(", ", text)))
    return (part for part in parts if part)


def _locate(items: Sequence[_Item], tree: Tree) -> None:
    """Read "bản A, xã B, tỉnh C" as the address of A: from the end, for what lies behind is told by what is above."""
    for place in range(len(items) - 1, 0, -1):
        here = items[place]
        if len(here.means) == 1 and not here.added and _under(items[place - 1], here, tree):
            here.counts = False
            _within(items[:place], here, tree)


def _within(items: Sequence[_Item], outer: _Item, tree: Tree) -> None:
    for each in reversed(items):
        inner = _under(each, outer, tree)
        if not inner:
            return
        each.means = inner


def _under(item: _Item, outer: _Item, tree: Tree) -> frozenset[Meaning]:
    """Those of its meanings that lie wholly under another one."""
    (around,) = outer.means
    return frozenset(meaning for meaning in item.means if all(around & set(tree.path(unit)[:-1]) for unit in meaning))
