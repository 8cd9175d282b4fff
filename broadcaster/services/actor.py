"""Who is acting, with what rights, from where."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from broadcaster.domain.errors import NotAllowed
from broadcaster.domain.permissions import Action, Grant, may


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or a program in a person's name, at this moment."""

    person_id: str
    name: str
    grants: tuple[Grant, ...] = ()
    origin: str = ""
    """Where from: an address, "loa" for the command line, a speaker's id."""
    locale: str = "vi"

    def may(self, action: Action, unit_path: Collection[str]) -> bool:
        """Whether this actor may do something on a unit, given that unit and all above it."""
        if self.person_id == SYSTEM.person_id:
            return action in SYSTEM_MAY
        return may(self.grants, action, unit_path)

    def require(self, action: Action, unit_path: Collection[str]) -> None:
        """Raise NotAllowed unless this actor may."""
        if not self.may(action, unit_path):
            raise NotAllowed(action=action)

    def at(self, origin: str) -> "Actor":
        """The same actor, coming from elsewhere."""
        return replace(self, origin=origin)


SYSTEM = Actor("system", "Loa", origin="loa")
"""The broadcaster itself and the command line on its own machine: it keeps house and decides nothing that is heard."""

SYSTEM_MAY = frozenset(
    {
        Action.SEE,
        Action.ENROL,
        Action.TEND_SPEAKERS,
        Action.TEND_UNITS,
        Action.TEND_CHANNELS,
        Action.TEND_PEOPLE,
        Action.SEE_AUDIT,
    }
)
