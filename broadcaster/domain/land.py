"""The tree of units with its closed joints: who is above and below whom, and where an old name leads."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import count

from broadcaster.domain.words import plain, slug

LONGEST_NAME = 200
LONGEST_ID = 40
# A unit's page lies at its id, so none may be called like the first word of another address.
# fmt: off
ADDRESSES = frozenset({
    "airings", "announcements", "api", "approvals", "audit", "calendar", "cap", "cap-sources", "channels", "clips",
    "collisions", "dev", "device", "dictionary", "drill", "drills", "emergency", "enrolments", "exports", "favicon",
    "feedback", "feeds", "groups", "healthz", "help", "language", "leave", "listen", "live", "mail-readers",
    "manifest", "map-tiles", "me", "metrics", "official-accounts", "offline", "open-id", "overrides", "people",
    "pretend", "problems", "province", "push", "readers", "reports", "residents", "robots", "say", "schedules",
    "share", "share-pack", "sign-in", "sign-out", "speakers", "standing-in", "start", "static", "stickers",
    "subscriptions", "sw", "templates", "timetables", "units", "village", "villages", "voices", "wall", "zalo",
})
# fmt: on


@dataclass(frozen=True, slots=True)
class Node:
    """One unit."""

    id: str
    parent: str | None
    name: str
    level: str
    closed: bool = False
    successor: str | None = None
    former: tuple[str, ...] = ()
    speakers: int = 0
    """So many hang in the unit itself."""


Land = Mapping[str, Node]


def fits_name(name: str) -> bool:
    """Whether a unit may be called so."""
    return 1 <= len(name) <= LONGEST_NAME


def path(land: Land, unit: str | None) -> tuple[str, ...]:
    """The unit and all above it, closed ones too, the topmost first."""
    found: list[str] = []
    while unit is not None and unit in land and unit not in found:
        found.append(unit)
        unit = land[unit].parent
    return tuple(reversed(found))


def under(land: Land, unit: str) -> frozenset[str]:
    """The unit and all in it, closed ones too."""
    return frozenset(each for each in land if unit in path(land, each))


def home(land: Land, unit: str | None) -> str | None:
    """The nearest unit at or above that is still open."""
    return next((each for each in reversed(path(land, unit)) if not land[each].closed), None)


def leaves(land: Land, unit: str | None) -> frozenset[str]:
    """The nearest open units below, through closed ones; of None the topmost."""
    above = home(land, unit)
    found = {each.id for each in land.values() if not each.closed and home(land, each.parent) == above}
    return frozenset(found) if unit == above else frozenset(each for each in found if unit in path(land, each))


def common_parent(land: Land, units: Collection[str]) -> str | None:
    """The lowest unit above all of these; None where they have none in common."""
    ways = [path(land, unit)[:-1] for unit in units]
    shared = [step[0] for step in zip(*ways, strict=False) if len(set(step)) == 1]
    return shared[-1] if shared else None


def leads_to(land: Land, unit: str) -> tuple[str, ...]:
    """What a unit is now: itself while it is open, else what it became part of, or the parts it was split into."""
    node = land[unit]
    if not node.closed:
        return (unit,)
    if node.successor is not None and node.successor in land:
        return leads_to(land, node.successor)
    return tuple(sorted(leaves(land, unit)))


def search(land: Land, text: str) -> dict[str, str]:
    """The open units that are or were called so, without diacritics, each with the old name that fits, if any."""
    words = plain(text).split()
    found: dict[str, str] = {}
    for node in land.values():
        old = _fitting((node.name, *node.former) if node.closed else node.former, words)
        if not node.closed and _fits(node.name, words):
            found[node.id] = ""
        elif old:
            for unit in leads_to(land, node.id):
                found.setdefault(unit, old)
    return found


def fresh_id(taken: Collection[str], name: str) -> str:
    """An id made of a name that nothing has yet, and no address begins with."""
    base = slug(name, most=LONGEST_ID)
    base = base if len(base) > 1 else f"unit-{base}".strip("-")
    wishes = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(each for each in wishes if each not in taken and each not in ADDRESSES)


def _fitting(names: Iterable[str], words: list[str]) -> str:
    return next((name for name in names if _fits(name, words)), "")


def _fits(name: str, words: list[str]) -> bool:
    said = plain(name)
    return bool(words) and all(word in said for word in words)
