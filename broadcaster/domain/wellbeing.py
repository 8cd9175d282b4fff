"""Which loudspeakers need somebody to look at them, and why: pure, from what they last said and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from firmware_config.protocol import ClockState
from firmware_config.weekly import WEEK, last_due

QUIET = timedelta(minutes=15)
"""Three questions of every five minutes that did not come."""
GRACE = timedelta(days=1)
"""A self-test due while the power was off is made within a day after."""
NEAR_DAYS = 3
"""Who is planned further ahead than this is expected to be out of reach so long."""

OUT_OF_REACH, TESTS_MISSED, CLOCK_UNKNOWN = "out_of_reach", "tests_missed", "clock_unknown"
LAGGING, BROKEN_CHAIN, MUTED = "lagging", "broken_chain", "muted"
_GAP = "gap"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one loudspeaker."""

    enrolled_at: datetime
    last_seen_at: datetime | None
    revoked: bool = False
    online: bool = False
    clock: str = ""
    problems: Sequence[str] = ()
    chain_problem: str = ""
    lagging: bool = False
    ahead_days: int = NEAR_DAYS
    tested_at: datetime | None = None
    test_day: int = 0
    test_minute: int = 540
    emergency_volume: int = 100

    @property
    def away(self) -> timedelta:
        """How long it is expected to be out of reach."""
        return timedelta(days=self.ahead_days) if self.ahead_days > NEAR_DAYS else timedelta()


def alarms(seen: Seen, zone: ZoneInfo, now: datetime) -> tuple[str, ...]:
    """The codes of all that is not well with it; none for one out of service, few for one never switched on."""
    if seen.revoked:
        return ()
    found, begun = list(seen.problems), seen.last_seen_at is not None
    if seen.emergency_volume == 0:
        # Somebody meant it, and may have forgotten it: there nobody would be warned.
        found.append(MUTED)
    if out_of_reach(seen, now):
        found.append(OUT_OF_REACH)
    elif seen.lagging and begun and not seen.away:
        found.append(LAGGING)
    if seen.clock == ClockState.UNTRUSTED:
        found.append(CLOCK_UNKNOWN)
    elif begun and missed_two(seen, zone, now):
        found.append(TESTS_MISSED)
    if seen.chain_problem and seen.chain_problem != _GAP:
        found.append(BROKEN_CHAIN)
    return tuple(dict.fromkeys(found))


def out_of_reach(seen: Seen, now: datetime) -> bool:
    """Whether it has said nothing for longer than it should."""
    return seen.last_seen_at is not None and now - seen.last_seen_at > max(QUIET, seen.away)


def missed_two(seen: Seen, zone: ZoneInfo, now: datetime) -> bool:
    """Whether two weekly self-tests in a row gave no result, though there was time for both and for word of them."""
    last = last_due(seen.test_day, seen.test_minute, now - GRACE - seen.away, zone)
    before = last_due(seen.test_day, seen.test_minute, last - WEEK / 2, zone)
    return before >= seen.enrolled_at and (seen.tested_at is None or seen.tested_at < before)
