"""Standing in for somebody: in one role, on one unit, between two dates."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.errors import DeputyDates, DeputySelf

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Term:
    """From when until when, the end not included."""

    starts: datetime
    ends: datetime
    ended: datetime | None = None
    """When it was ended before its time."""

    def holds(self, at: datetime) -> bool:
        """Whether the deputy stands in at this moment; it ends by itself."""
        return self.starts <= at < self.ends and (self.ended is None or at < self.ended)


def check(person: str, deputy_for: str, term: Term, *, now: datetime) -> None:
    """Raise DeputySelf or DeputyDates for an appointment that cannot be."""
    if person == deputy_for:
        raise DeputySelf
    if not (term.starts < term.ends and now < term.ends <= term.starts + LONGEST and term.starts <= now + LONGEST):
        raise DeputyDates
