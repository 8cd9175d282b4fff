"""Who may do what where: a table of role and action; what is not in it is forbidden."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person can be on a unit and everything under it."""

    CLERK = "clerk"
    APPROVER = "approver"
    VILLAGE_HEAD = "village_head"
    TECHNICIAN = "technician"
    PROVINCE_MONITOR = "province_monitor"
    OWNER = "owner"


class Action(StrEnum):
    """What a person can ask for."""

    SEE = "see"
    WRITE = "write"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    AIR = "air"
    CONFIRM = "confirm"
    ENROL = "enrol"
    TEND_SPEAKERS = "tend_speakers"
    TEND_UNITS = "tend_units"
    TEND_CHANNELS = "tend_channels"
    TEND_PEOPLE = "tend_people"
    SEE_AUDIT = "see_audit"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role on a unit."""

    role: Role
    unit: str
    deputy_for: str = ""
    """Whose role it is, when it is held in somebody's stead."""


MAY: dict[Role, frozenset[Action]] = {
    Role.CLERK: frozenset({Action.SEE, Action.WRITE, Action.WITHDRAW, Action.AIR}),
    Role.APPROVER: frozenset({Action.SEE, Action.WRITE, Action.APPROVE, Action.WITHDRAW, Action.AIR, Action.SEE_AUDIT}),
    Role.VILLAGE_HEAD: frozenset({Action.SEE, Action.CONFIRM}),
    Role.TECHNICIAN: frozenset({Action.SEE, Action.ENROL, Action.TEND_SPEAKERS}),
    Role.PROVINCE_MONITOR: frozenset({Action.SEE, Action.SEE_AUDIT}),
    Role.OWNER: frozenset(Action),
}


def may(grants: Iterable[Grant], action: Action, unit_path: Collection[str]) -> bool:
    """Whether one of the grants allows the action on a unit, given that unit and all above it."""
    return any(grant.unit in unit_path and action in MAY.get(grant.role, ()) for grant in grants)


def covering(grants: Iterable[Grant], action: Action, unit_path: Collection[str]) -> list[Grant]:
    """The grants that allow the action on a unit, one's own first."""
    allowing = [grant for grant in grants if may([grant], action, unit_path)]
    return sorted(allowing, key=lambda grant: (grant.deputy_for, grant.role))


def units_of(grants: Iterable[Grant], action: Action) -> frozenset[str]:
    """The topmost units on (and under) which the grants allow the action."""
    return frozenset(grant.unit for grant in grants if action in MAY.get(grant.role, ()))
