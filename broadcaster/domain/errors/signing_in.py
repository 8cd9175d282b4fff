"""Coming in by a password or by another house's account, and who is invited."""

from broadcaster.domain.errors.base import TYPED, UNCHANGED, LoaError


class WrongPassword(LoaError):
    """The sign-in name or the password is not right."""

    code, status, kept = "wrong_password", 401, UNCHANGED
    todo = "Try once more, or ask whoever looks after the system for a sign-in link."


class TooManyTries(LoaError):
    """Too many wrong tries: for {minutes} more minutes none is taken from here."""

    code, status, kept = "too_many_tries", 429, UNCHANGED
    todo = "Wait that long, or come in by a sign-in link, which always works."


class PasswordTooShort(LoaError):
    """A password needs at least {least} characters."""

    code, status, kept = "password_too_short", 422, UNCHANGED
    todo = "Take three or four words that only you would put together."


class PasswordTooLong(LoaError):
    """A password has at most {limit} characters."""

    code, status, kept, todo = "password_too_long", 422, UNCHANGED, "Take a shorter one."


class PasswordGuessable(LoaError):
    """This password is among those that are tried first."""

    code, status, kept = "password_guessable", 422, UNCHANGED
    todo = "Take three or four words that only you would put together."


class PasswordsDiffer(LoaError):
    """The two passwords are not the same."""

    code, status, kept, todo = "passwords_differ", 422, UNCHANGED, "Enter the same password in both fields."


class ProofNeeded(LoaError):
    """Changes of people and keys need your second factor as well."""

    code, status, kept = "proof_needed", 403, UNCHANGED
    todo = "Enter the code your phone shows, or use your passkey; it counts for ten minutes."


class WasHereBefore(LoaError):
    """This person was here before, so nobody else is given a link to their account."""

    code, status, kept = "was_here_before", 409, UNCHANGED
    todo = "Whoever looks after the server makes them a sign-in link; it works once, for half an hour."


class NobodyListed(LoaError):
    """There is nobody in the list."""

    code, status, kept, todo = "nobody_listed", 422, TYPED, "Write one name on each line, or choose a file."


class NotYourself(LoaError):
    """Nobody ends their own access."""

    code, status, kept, todo = "not_yourself", 409, UNCHANGED, "Ask another owner to do it."


class NoProvider(LoaError):
    """Signing in with another account is not set up here."""

    code, status, kept, todo = "no_provider", 404, UNCHANGED, "Sign in with your password or a sign-in link."


class ProviderSilent(LoaError):
    """The server that keeps the other accounts did not answer as it should."""

    code, status, kept = "provider_silent", 502, UNCHANGED
    todo = "Try again in a minute, or sign in with your password."


class ProviderRefused(LoaError):
    """Signing in with the other account was broken off."""

    code, status, kept, todo = "provider_refused", 401, UNCHANGED, "Begin again on the page where one signs in."


class UnknownIdentity(LoaError):
    """Nobody here is known by this account ({name})."""

    code, status, kept = "unknown_identity", 403, UNCHANGED
    todo = "Ask whoever looks after the people of your unit to invite you, and open the invitation with this account."


class IdentityTaken(LoaError):
    """This account belongs to somebody else here already."""

    code, status, kept = "identity_taken", 409, UNCHANGED
    todo = "Sign out there and choose your own account."
