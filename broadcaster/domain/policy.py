"""Who may approve what: rows of class, kind and size of audience, per unit; a unit below can only ask for more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from broadcaster.domain.errors import BadPolicy
from broadcaster.domain.permissions import MAY, Action, Role
from firmware_config.protocol import Kind, Klass

APPROVING = tuple(role for role in Role if Action.APPROVE in MAY[role])
MOST_ROWS = 20
MOST_APPROVALS = 5
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Demand:
    """How many people must approve, each holding one of the roles; never fewer than one, and never a writer."""

    approvals: int = 1
    roles: frozenset[Role] = frozenset(APPROVING)

    def joined(self, other: "Demand") -> "Demand":
        """What satisfies both."""
        return Demand(max(self.approvals, other.approvals), self.roles & other.roles)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a unit's policy; it holds for what it names, an empty field naming everything."""

    klass: str = ""
    kind: str = ""
    up_to_speakers: int | None = None
    """The largest audience it holds for; None = any."""
    approvals: int = 1
    roles: tuple[Role, ...] = APPROVING

    def holds_for(self, klass: str, kind: str, speakers: int) -> bool:
        """Whether an announcement falls under this row."""
        fits = self.up_to_speakers is None or speakers <= self.up_to_speakers
        return self.klass in {"", klass} and self.kind in {"", kind} and fits

    def covers(self, other: "Row") -> bool:
        """Whether everything under the other row falls under this one already."""
        wide = self.up_to_speakers is None or (
            other.up_to_speakers is not None and other.up_to_speakers <= self.up_to_speakers
        )
        return self.klass in {"", other.klass} and self.kind in {"", other.kind} and wide

    def to_json(self) -> dict[str, Any]:
        """As it is stored and sent."""
        return {
            "class": self.klass,
            "kind": self.kind,
            "up_to_speakers": self.up_to_speakers,
            "approvals": self.approvals,
            "roles": list(self.roles),
        }


Policy = tuple[Row, ...]


def demand(policies: Iterable[Sequence[Row]], klass: str, kind: str, speakers: int) -> Demand:
    """What every one of the policies asks for together; of each, its first row that holds counts."""
    asked = Demand()
    for policy in policies:
        row = next((each for each in policy if each.holds_for(klass, kind, speakers)), None)
        if row is not None:
            asked = asked.joined(Demand(row.approvals, frozenset(row.roles)))
    return asked


def parse(rows: object) -> Policy:
    """The rows of a policy as it was stored or sent. Raises BadPolicy with the first row that cannot be."""
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise BadPolicy(row=0, problem=f"0–{MOST_ROWS}")
    policy = tuple(_row(place, row) for place, row in enumerate(rows, start=1))
    for place, row in enumerate(policy):
        if any(earlier.covers(row) for earlier in policy[:place]):
            raise BadPolicy(row=place + 1, problem="an earlier row says everything already")
    return policy


def _row(place: int, given: object) -> Row:
    if not isinstance(given, Mapping) or not set(given) <= {"class", "kind", "up_to_speakers", "approvals", "roles"}:
        raise BadPolicy(row=place, problem="class, kind, up_to_speakers, approvals, roles")
    return Row(
        klass=_word(place, given.get("class", ""), Klass),
        kind=_word(place, given.get("kind", ""), Kind),
        up_to_speakers=None
        if given.get("up_to_speakers") is None
        else _number(place, given["up_to_speakers"], "up_to_speakers", LARGEST),
        approvals=_number(place, given.get("approvals", 1), "approvals", MOST_APPROVALS),
        roles=_roles(place, given.get("roles", list(APPROVING))),
    )


def _word(place: int, given: object, known: Iterable[str]) -> str:
    words = [str(each) for each in known]
    if not isinstance(given, str) or (given and given not in words):
        raise BadPolicy(row=place, problem=", ".join(words))
    return given


def _number(place: int, given: object, name: str, most: int) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= most:
        raise BadPolicy(row=place, problem=f"{name}: 1–{most}")
    return given


def _roles(place: int, given: object) -> tuple[Role, ...]:
    if not isinstance(given, list) or not given or not all(each in APPROVING for each in given):
        raise BadPolicy(row=place, problem=", ".join(APPROVING))
    return tuple(role for role in APPROVING if role in given)
