"""When the token of a Zalo Official Account is used, renewed or given up; a refresh token works once. PURE"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

RENEW_AFTER = timedelta(hours=20)
"""Of the 25 hours an access token lives."""
MARGIN = timedelta(minutes=5)
# Longer than one question to Zalo can take: while a claim stands its holder may still come back with the answer.
CLAIM = timedelta(seconds=60)
# A token that is refused as soon as it was made is not made better by another one.
SETTLING = timedelta(seconds=60)
REFRESH_LIFE = timedelta(days=90)
LATE = timedelta(hours=2)


class Step(StrEnum):
    """What whoever wants a token does."""

    USE = "use"
    RENEW = "renew"
    """Claim the refresh token, and spend it."""
    WAIT = "wait"
    """Somebody else is spending it."""
    LATER = "later"
    """It was renewed this minute and is refused all the same."""
    AGREE = "agree"
    """Only a person can bring another one."""


class Alarm(StrEnum):
    """What somebody must be told about an account."""

    NEVER_AGREED = "never_agreed"
    AGREE_AGAIN = "agree_again"
    ZALO_SILENT = "zalo_silent"
    """The token ends, and Zalo has not answered when asked for another."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What Zalo gives for a code or a refresh token."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of an account's tokens; empty = none."""

    access: str = field(repr=False)
    access_until: datetime | None
    renewed_at: datetime | None
    refresh: str = field(repr=False)
    claimed_until: datetime | None
    trouble: str

    def usable(self, now: datetime, refused: str = "") -> bool:
        """Whether Zalo should still take the access token."""
        alive = self.access_until is not None and self.access_until - MARGIN > now
        return bool(self.access) and self.access != refused and alive


def decide(held: Held, now: datetime, *, refused: str = "") -> Step:
    """The step for somebody who wants a token, other than the one that was `refused`."""
    usable = held.usable(now, refused)
    age = now - held.renewed_at if held.renewed_at else None
    if usable and age is not None and age < RENEW_AFTER:
        return Step.USE
    if held.trouble or not held.refresh:
        return Step.USE if usable else Step.AGREE
    if held.claimed_until is not None and held.claimed_until > now:
        return Step.USE if usable else Step.WAIT
    if refused and refused == held.access and age is not None and age < SETTLING:
        return Step.LATER
    return Step.RENEW


def alarm(held: Held, now: datetime) -> Alarm | None:
    """What is wrong with an account, if anything."""
    if held.trouble:
        return Alarm.AGREE_AGAIN
    if not held.refresh:
        return Alarm.NEVER_AGREED
    if held.access_until is not None and held.access_until - LATE <= now:
        return Alarm.ZALO_SILENT
    return None
