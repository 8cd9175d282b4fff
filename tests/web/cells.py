"""What each of the cast is answered about their own and about others' things, as the cells of one table."""

from dataclasses import dataclass

CAST = ("anonymous", "clerk", "approver", "village_head", "technician", "monitor", "owner", "stranger")

# Statuses in the order of the cast. "ok" is the route's own success, "in" the way to the sign-in of whoever is nobody.
# First about a thing of the commune, then about one of its neighbour, which only the province and its own people see.
ANSWERS = {
    #            anon clerk appr head tech mon  own  stranger
    "anyone": (("ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok"),) * 2,
    "nobody": (("401", "401", "401", "401", "401", "401", "401", "401"),) * 2,
    "signed in": (("in", "ok", "ok", "ok", "ok", "ok", "ok", "ok"),) * 2,
    "write anywhere": (("in", "ok", "ok", "403", "403", "403", "ok", "ok"),) * 2,
    "log book": (("in", "403", "ok", "403", "403", "ok", "ok", "ok"),) * 2,
    # A village head sees what his own loudspeakers said, and not yet what others are still writing.
    "see": (
        ("in", "ok", "ok", "404", "ok", "ok", "ok", "404"),
        ("in", "404", "404", "404", "404", "ok", "404", "ok"),
    ),
    "see aired": (
        ("in", "ok", "ok", "ok", "ok", "ok", "ok", "404"),
        ("in", "404", "404", "404", "404", "ok", "404", "ok"),
    ),
    "write for": (
        ("in", "ok", "ok", "403", "403", "403", "ok", "403"),
        ("in", "403", "403", "403", "403", "403", "403", "ok"),
    ),
    "write it": (
        ("in", "ok", "ok", "404", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    # Where a page opens only for those who may do it somewhere, the others are told so and not what there is.
    "write it, page": (
        ("in", "ok", "ok", "403", "403", "403", "ok", "404"),
        ("in", "404", "404", "403", "403", "403", "404", "ok"),
    ),
    "approve it": (
        ("in", "403", "ok", "404", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    "stop it": (
        ("in", "ok", "ok", "403", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    "look after": (
        ("in", "403", "403", "404", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    "look after anywhere": (("in", "403", "403", "403", "403", "403", "ok", "ok"),) * 2,
    "look after, page": (
        ("in", "403", "403", "403", "403", "403", "ok", "404"),
        ("in", "403", "403", "403", "403", "403", "404", "ok"),
    ),
    # Whoever asked may think better of it.
    "approve it or asked": (
        ("in", "ok", "ok", "404", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    "has no phone yet": (("in", "403", "403", "ok", "ok", "ok", "403", "403"),) * 2,
    "tend it": (
        ("in", "403", "403", "404", "ok", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    "enrol there": (
        ("in", "403", "403", "403", "ok", "403", "ok", "404"),
        ("in", "403", "403", "403", "404", "403", "404", "ok"),
    ),
    "tend anywhere": (("in", "403", "403", "403", "ok", "403", "ok", "ok"),) * 2,
    "tend it, page": (
        ("in", "403", "403", "403", "ok", "403", "ok", "404"),
        ("in", "403", "403", "403", "404", "403", "404", "ok"),
    ),
    # Its head and those who put things on the air say what was said in a village.
    "answer for it": (
        ("in", "ok", "ok", "ok", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    # A village head confirms for his village and not for the commune.
    "confirm it": (
        ("in", "403", "403", "403", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One route: who may, which thing it needs, and what it answers those who may."""

    answers: str
    ok: int = 200
    thing: str = ""


API = "/api/v1"


def expected(row: Row, who: str, *, foreign: bool, page: bool, reading: bool) -> int:
    """The status of one cell."""
    cell = ANSWERS[row.answers][foreign][CAST.index(who)]
    if cell == "in":
        return 303 if page and reading else 401
    return row.ok if cell == "ok" else int(cell)
