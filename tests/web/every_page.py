"""Each page that somebody may open, and who that is: from the table of rights, so that no new one is forgotten."""

from tests.web.cells import Row, expected
from tests.web.rights import ELSEWHERE, TABLE

# Who looks, the one who may do most first.
LOOKERS = ("owner", "approver", "clerk", "technician", "monitor", "village_head", "stranger")
OTHERS = ("/api/", "/device/", "/metrics", "/healthz", "/cap/")
USUAL = {"language": "vi", "hazard": "fire", "key": "fire"}


def who_may(row: Row) -> str:
    """Somebody who gets the page; "" where it is nobody's."""
    if row.ok != 200:
        return ""
    if row.answers == "anyone":
        return "anonymous"
    return next((who for who in LOOKERS if expected(row, who, foreign=False, page=True, reading=True) == 200), "")


PAGES = {
    path: (row, who)
    for route, row in TABLE.items()
    for method, _, path in [route.partition(" ")]
    if method == "GET" and route not in ELSEWHERE and not path.startswith(OTHERS) and (who := who_may(row))
}


def address(path: str, thing: dict[str, str]) -> str:
    """The page of one thing."""
    for name, value in (USUAL | thing).items():
        path = path.replace(f"{{{name}}}", value)
    return path
