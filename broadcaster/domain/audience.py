"""Who hears an announcement: units, groups and speakers chosen, minus exceptions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from broadcaster.domain.errors import UnitCycle, UnknownUnit


class ChoiceKind(StrEnum):
    """What a choice names."""

    UNIT = "unit"
    GROUP = "group"
    SPEAKER = "speaker"


WIRE = {ChoiceKind.UNIT: "u", ChoiceKind.GROUP: "g", ChoiceKind.SPEAKER: "d"}
"""How the signed audience writes them: "u:<unit>"."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One unit, group or speaker, in the audience or excepted from it."""

    kind: ChoiceKind
    ref: str
    include: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where one speaker hangs."""

    speaker: str
    unit: str
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Tree:
    """The administrative tree as parent links; no number of levels is built in."""

    parents: Mapping[str, str | None]
    _paths: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def path(self, unit: str) -> tuple[str, ...]:
        """The unit and everything above it, topmost first; raises UnknownUnit, or UnitCycle for a broken tree."""
        if unit not in self._paths:
            self._paths[unit] = self._climb(unit)
        return self._paths[unit]

    def _climb(self, unit: str) -> tuple[str, ...]:
        path: list[str] = []
        here: str | None = unit
        while here is not None:
            if here not in self.parents:
                raise UnknownUnit(id=here)
            if here in path:
                raise UnitCycle(id=here)
            path.append(here)
            here = self.parents[here]
        return tuple(reversed(path))

    def under(self, unit: str) -> frozenset[str]:
        """The unit and everything in it; raises UnknownUnit or UnitCycle."""
        self.path(unit)
        return frozenset(other for other in self.parents if unit in self.path(other))

    def check(self) -> None:
        """Raise UnitCycle or UnknownUnit unless every unit hangs on a top."""
        for unit in self.parents:
            self.path(unit)


def hits(choice: Choice, place: Place, path: Iterable[str]) -> bool:
    """Whether a choice names this speaker, its group, or a unit it lies in."""
    match choice.kind:
        case ChoiceKind.UNIT:
            return choice.ref in path
        case ChoiceKind.GROUP:
            return choice.ref in place.groups
        case ChoiceKind.SPEAKER:
            return choice.ref == place.speaker


def resolve(choices: Iterable[Choice], tree: Tree, places: Iterable[Place]) -> tuple[Place, ...]:
    """The speakers hit by a choice that includes and by none that excepts, in the order of their ids."""
    wanted = list(choices)
    chosen = [place for place in places if _covered(wanted, place, tree.path(place.unit))]
    return tuple(sorted(chosen, key=lambda place: place.speaker))


def _covered(choices: list[Choice], place: Place, path: tuple[str, ...]) -> bool:
    hit = {choice.include for choice in choices if hits(choice, place, path)}
    return hit == {True}
