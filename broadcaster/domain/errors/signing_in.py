"""Coming in by a password or by another house's account, and who is invited."""

from broadcaster.domain.errors.base import UNCHANGED, LoaError


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
