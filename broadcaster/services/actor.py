"""Who is acting, with what rights, from where."""

from dataclasses import dataclass

from broadcaster.domain.permissions import Grant


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or a program in a person's name, at this moment."""

    person_id: str
    name: str
    grants: tuple[Grant, ...] = ()
    origin: str = ""
    """Where from: an address, "loa" for the command line, a speaker's id."""
    locale: str = "vi"


SYSTEM = Actor("system", "Loa", origin="broadcaster")
"""The broadcaster itself: it plans and tidies, and may do nothing that needs a person's right."""
