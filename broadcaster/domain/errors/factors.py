"""Second factors, and the two people an emergency needs."""

from broadcaster.domain.errors.base import AS_BEFORE, UNCHANGED, LoaError


class SecondFactorNeeded(LoaError):
    """A live emergency needs your second factor as well."""

    code, status, kept = "second_factor_needed", 403, AS_BEFORE
    todo = "Enter the code your phone shows, or use your passkey."


class NoFactor(LoaError):
    """You have no second factor yet, so you cannot answer for a live emergency."""

    code, status, kept = "no_second_factor", 403, AS_BEFORE
    todo = "Open “My account” and add one; it takes two minutes."


class WrongCode(LoaError):
    """This code is not right."""

    code, status, kept = "wrong_code", 403, UNCHANGED
    todo = "Enter the code your phone shows at this moment; also look whether the phone's clock is right."


class CodeUsed(LoaError):
    """This code was used already; each counts once."""

    code, status, kept = "code_used", 403, UNCHANGED
    todo = "Wait up to 30 seconds until your phone shows the next one."


class FactorBlocked(LoaError):
    """Too many wrong codes: for {minutes} more minutes none is taken."""

    code, status, kept = "factor_blocked", 429, UNCHANGED
    todo = "Wait, or use your passkey. If it was not you who tried, tell whoever looks after the server."


class PasskeyRefused(LoaError):
    """The passkey's answer could not be accepted."""

    code, status, kept, todo = "passkey_refused", 403, UNCHANGED, "Try once more, or use a code."


class FactorUnreadable(LoaError):
    """Your second factor cannot be read on this server any more."""

    code, status, kept = "factor_unreadable", 503, UNCHANGED
    todo = "Tell whoever looks after the server: the file factors.key is missing or another one."


class TooManyFactors(LoaError):
    """You have {limit} second factors already."""

    code, status, kept, todo = "too_many_factors", 409, UNCHANGED, "Remove one you no longer use."


class SignInTooOld(LoaError):
    """You signed in too long ago to change your second factors."""

    code, status, kept = "sign_in_too_old", 403, UNCHANGED
    todo = "Sign out, sign in again, and do it within ten minutes."


class TwoPersonsNeeded(LoaError):
    """A live emergency needs two different people who both answered for it within the last five minutes."""

    code, status, kept = "two_persons_needed", 409, AS_BEFORE
    todo = "Whoever wrote it and whoever approved it confirm it again, each with their own second factor."


class PartOfAlert(LoaError):
    """The correction and the all-clear go together with their alert."""

    code, status, kept, todo = "part_of_alert", 409, UNCHANGED, "Open the alert and do it there."


class KindFixed(LoaError):
    """A live announcement cannot become a drill, nor a drill a live announcement."""

    code, status, kept, todo = "kind_fixed", 409, AS_BEFORE, "Write a new one in the right place."


class DrillNotEmergency(LoaError):
    """A drill or a test is never of the class “emergency”."""

    code, status, kept, todo = "drill_not_emergency", 422, UNCHANGED, "Drills have a page of their own."
