"""How far a short message came with each phone of a list, in one line that fits into a name. PURE"""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import groupby


class Mark(StrEnum):
    """What became of one phone."""

    LEFT = "-"
    """It is still to be tried."""
    TAKEN = "a"
    UNSURE = "u"
    REFUSED = "r"


_RUN = re.compile(r"([1-9][0-9]{0,5})([-aur])", re.ASCII)


def written(marks: Iterable[Mark]) -> str:
    """The marks in the order of the phones, each with how often it follows itself: `17a3u80-`."""
    return "".join(f"{len(list(same))}{mark}" for mark, same in groupby(marks))


def read(line: str, count: int) -> list[Mark]:
    """The marks of so many phones; from where the line is not as `written` writes it, all are LEFT."""
    marks: list[Mark] = []
    while run := _RUN.match(line):
        marks += [Mark(run[2])] * min(int(run[1]), count)
        line = line[run.end() :]
    return (marks + [Mark.LEFT] * count)[:count]
