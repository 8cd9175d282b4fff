"""Official Accounts: what Zalo refuses, and what a person must agree to."""

from broadcaster.domain.errors.base import UNCHANGED, LoaError


class ConsentSpent(LoaError):
    """This way back from Zalo is not valid: it was used, it is too old, or it is for another account."""

    code, status, kept = "consent_spent", 409, UNCHANGED
    todo = "Open the page of the Official Account and press “Agree at Zalo” once more."


class ZaloRefused(LoaError):
    """Zalo refuses: {problem}."""

    code, status, kept = "zalo_refused", 409, UNCHANGED
    todo = "Compare what is entered here with what Zalo shows, then agree at Zalo again or paste a new refresh token."


class ZaloSilent(LoaError):
    """Zalo does not answer now."""

    code, status, kept = "zalo_silent", 503, UNCHANGED
    todo = "Try again in a few minutes; copies for its groups wait meanwhile."
