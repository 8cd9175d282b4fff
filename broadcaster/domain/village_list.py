"""A commune's villages as people write them down: a column of names, or a table with headings."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from broadcaster.domain.words import line, plain

MOST_ROWS = 500
MOST_PEOPLE = 1_000_000
LONGEST_NAME = 200

# What each column may be called, as plain() writes it; the first kind that fits counts.
HEADINGS: dict[str, tuple[str, ...]] = {
    "former": ("truoc", "cu", "sap nhap", "hop nhat", "former", "formerly", "merged", "old"),
    "people": ("dan so", "so dan", "khau", "so nguoi", "people", "population", "inhabitants"),
    "name": ("ten", "thon", "ban", "to", "khu", "xom", "ap", "buon", "village", "name", "hamlet"),
    "number": ("stt", "tt", "no"),
}
# A heading has no other words, so that no village's own name is taken for one.
_VIETNAMESE = (
    "stt tt so ten thon ban to dan pho khu cu xom ap buon don vi hien nay moi cac cua la va khau nhan nguoi ho truoc "
    "day sap nhap hop nhat tu goi"
)
_ENGLISH = "no village villages hamlet name names of former formerly merged from old people population inhabitants"
_WORDS = frozenset(f"{_VIETNAMESE} {_ENGLISH}".split(" "))
_ALONE = frozenset({"ten", "ten thon", "ten ban", "ten thon ban", "thon ban", "village", "villages", "name"})
_FORMER = re.compile(
    r"\(\s*(?:trước đây là|trước đây|tên cũ|sáp nhập từ|hợp nhất từ|formerly|merged from)\s*:?\s*([^()]*)\)",
    re.IGNORECASE,
)
_APART = re.compile(r"\s*(?:[,;+\n]|\bvà\b|\band\b)\s*", re.IGNORECASE)
_NUMBER_BEFORE = re.compile(r"^\d{1,3}\s*[.)]\s+")


class Problem(StrEnum):
    """Why a line cannot be taken over."""

    NO_NAME = "no_name"
    TOO_LONG = "too_long"
    TWICE = "twice"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Village:
    """One line of the list; `former` are the names it had, or the villages it was merged from."""

    number: int
    """Of the line, from 1, as whoever wrote the list counts."""
    name: str
    former: tuple[str, ...] = ()
    people: int | None = None
    problem: Problem | None = None

    @property
    def key(self) -> str:
        """What two spellings of one name have in common."""
        return plain(line(self.name))


def read(rows: Iterable[Sequence[str]]) -> tuple[Village, ...]:
    """The villages of a list, in order, each with what is wrong with it; empty lines are left out."""
    told = [(number, [line(cell) for cell in row]) for number, row in enumerate(rows, start=1)]
    told = [(number, row) for number, row in told if any(row)]
    columns, after = _columns(told)
    found = [_village(number, row, columns) for number, row in told if number > after]
    return _checked(found)


def as_text(villages: Iterable[Village]) -> list[list[str]]:
    """The same list as rows with headings, so that it can be sent once more."""
    rows = [[each.name, ", ".join(each.former), "" if each.people is None else str(each.people)] for each in villages]
    return [["Tên", "Trước đây", "Dân số"], *rows]


def _columns(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[dict[str, int], int]:
    """Which column holds what, and after which line the villages begin: a title may stand above the headings."""
    for number, row in rows[:20]:
        found = {kind: at for at in reversed(range(len(row))) if (kind := _kind(row[at]))}
        if "name" in found and (len(found) > 1 or _heading(row[found["name"]]) in _ALONE):
            return found, number
    return {"name": _likeliest(rows)}, 0


def _heading(cell: str) -> str:
    return " ".join(re.findall(r"\w+", plain(cell)))


def _kind(cell: str) -> str:
    heading = _heading(cell)
    if not heading or not _WORDS.issuperset(heading.split()):
        return ""
    fits = (kind for kind, names in HEADINGS.items() if any(f" {name} " in f" {heading} " for name in names))
    return next(fits, "")


def _likeliest(rows: Sequence[tuple[int, Sequence[str]]]) -> int:
    """Of a table without headings: the first column that holds words."""
    width = max((len(row) for _, row in rows), default=0)
    wordy = (at for at in range(width) if any(at < len(row) and not _is_number(row[at]) for _, row in rows))
    return next(wordy, 0)


def _is_number(text: str) -> bool:
    return not text or text.replace(".", "").replace(",", "").replace(" ", "").isdigit()


def _village(number: int, row: Sequence[str], columns: dict[str, int]) -> Village:
    cells = {kind: row[at] for kind, at in columns.items() if at < len(row)}
    written = _NUMBER_BEFORE.sub("", cells.get("name", ""))
    within = [name for found in _FORMER.findall(written) for name in _names(found)]
    name = line(_FORMER.sub(" ", written))
    former = dict.fromkeys(each for each in [*_names(cells.get("former", "")), *within] if plain(each) != plain(name))
    people, wrong = _people(cells.get("people", ""))
    return Village(number, name, tuple(former), people, Problem.PEOPLE if wrong else None)


def _names(text: str) -> list[str]:
    return [each for each in (line(part)[:LONGEST_NAME] for part in _APART.split(text)) if each not in {"", "-", "–"}]


def _people(text: str) -> tuple[int | None, bool]:
    """A number as people and spreadsheets write it: 1.204, 1 204, 1204.0."""
    digits = re.sub(r"(?<=\d)\.0$", "", text)
    digits = re.sub(r"[.,\s]", "", digits)
    if digits in {"", "-", "–"}:
        return None, False
    known = digits.isascii() and digits.isdigit() and len(digits) < 9 and int(digits) <= MOST_PEOPLE
    return (int(digits), False) if known else (None, True)


def _checked(villages: Iterable[Village]) -> tuple[Village, ...]:
    seen: set[str] = set()
    found = []
    for each in villages:
        problem = _name_problem(each, seen) or each.problem
        seen.add(each.key)
        found.append(replace(each, problem=problem))
    return tuple(found)


def _name_problem(village: Village, seen: set[str]) -> Problem | None:
    if not village.key:
        return Problem.NO_NAME
    if len(village.name) > LONGEST_NAME:
        return Problem.TOO_LONG
    return Problem.TWICE if village.key in seen else None
