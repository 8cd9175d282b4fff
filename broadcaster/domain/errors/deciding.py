"""Who decides: policy and deputies."""

from broadcaster.domain.errors.base import AS_BEFORE, TYPED, UNCHANGED, LoaError


class PolicyForbids(LoaError):
    """In this unit, only these may approve this: {roles}."""

    code, status, kept = "policy_forbids", 403, AS_BEFORE
    todo = "Ask one of them to read and hear it."


class AlreadyApproved(LoaError):
    """You have approved it already; it needs somebody else as well."""

    code, status, kept, todo = "already_approved", 409, AS_BEFORE, "Ask another approver to read and hear it."


class BadPolicy(LoaError):
    """Row {row} of the approval rules cannot be: {problem}."""

    code, status, kept, todo = "bad_policy", 422, TYPED, "Correct this row; the rules in force stay as they were."


class PolicyUnreachable(LoaError):
    """These rules ask for {needed} approvals, but only {people} people here could give them."""

    code, status, kept = "policy_unreachable", 422, TYPED
    todo = "Ask for fewer approvals, or give the role to more people first."


class DeputySelf(LoaError):
    """Nobody stands in for themselves."""

    code, status, kept, todo = "deputy_self", 422, TYPED, "Choose another person."


class DeputyDates(LoaError):
    """A deputy needs a first and a last day: the last not before the first, not past, and within a year."""

    code, status, kept, todo = "deputy_dates", 422, TYPED, "Correct the dates."


class DeputyWithoutRole(LoaError):
    """Whoever is to be represented does not have this role here themselves."""

    code, status, kept, todo = "deputy_without_role", 422, UNCHANGED, "Choose a role this person holds."
