"""Every speaker by where it hangs, so that many audiences are looked up and not searched for."""

from collections import defaultdict
from collections.abc import Iterable

from broadcaster.domain.audience import Choice, ChoiceKind, Place, Tree


class Atlas:
    """The tree with its speakers, at one moment."""

    def __init__(self, tree: Tree, places: Iterable[Place]) -> None:
        self.tree = tree
        self.places = {place.speaker: place for place in places}
        self._units: dict[str, set[str]] = defaultdict(set)
        self._groups: dict[str, set[str]] = defaultdict(set)
        for place in self.places.values():
            for unit in tree.path(place.unit):
                self._units[unit].add(place.speaker)
            for group in place.groups:
                self._groups[group].add(place.speaker)

    def under(self, unit: str) -> frozenset[str]:
        """The speakers that hang in a unit or anywhere below it."""
        return frozenset(self._units.get(unit, ()))

    def resolve(self, choices: Iterable[Choice]) -> tuple[Place, ...]:
        """The speakers hit by a choice that includes and by none that excepts, in the order of their ids."""
        sides: dict[bool, set[str]] = {True: set(), False: set()}
        for choice in choices:
            sides[choice.include] |= self._hit(choice)
        return tuple(self.places[speaker] for speaker in sorted(sides[True] - sides[False]))

    def _hit(self, choice: Choice) -> set[str]:
        match choice.kind:
            case ChoiceKind.UNIT:
                return self._units.get(choice.ref, set())
            case ChoiceKind.GROUP:
                return self._groups.get(choice.ref, set())
            case ChoiceKind.SPEAKER:
                return {choice.ref} & self.places.keys()
