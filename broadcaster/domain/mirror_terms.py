"""On which terms a channel takes copies: when the first goes out, when it is quiet, how many a minute. PURE"""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from broadcaster.domain.errors import Malformed, UnknownZone
from broadcaster.domain.languages import require_all
from broadcaster.domain.rules_of_the_air import ZONE
from broadcaster.domain.schedule import instant, zone_named

MOST_A_MINUTE = 600
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


class PostsWhen(StrEnum):
    """What the first copy of an announcement waits for."""

    APPROVAL = "approval"
    AIRING = "airing"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a channel's owner settled about its copies."""

    posts_when: PostsWhen = PostsWhen.AIRING
    quiet_from: str = ""
    """HH:MM on the unit's clock, as the end is; both empty = never quiet."""
    quiet_until: str = ""
    per_minute: int | None = None
    """None = as many as its kind takes."""
    languages: tuple[str, ...] = ()
    """Empty = those of its unit."""


@dataclass(frozen=True, slots=True)
class TypedTerms:
    """The same as somebody fills it in, nothing checked yet."""

    posts_when: str = ""
    quiet_from: str = ""
    quiet_until: str = ""
    per_minute: str = ""
    languages: tuple[str, ...] = ()

    def settled(self) -> Terms:
        """What it amounts to. Raises Malformed, UnknownLanguage."""
        try:
            when = PostsWhen(self.posts_when or PostsWhen.AIRING)
        except ValueError:
            raise Malformed(field="posts_when", problem=self.posts_when[:40]) from None
        if (self.quiet_from or self.quiet_until) and not _is_span(self.quiet_from, self.quiet_until):
            raise Malformed(field="quiet_from", problem="22:00–05:00")
        wanted = require_all(tag for tag in self.languages if tag)
        return Terms(when, self.quiet_from, self.quiet_until, _number(self.per_minute), tuple(wanted))


def clock(named: Iterable[str | None]) -> ZoneInfo:
    """The first of these zones that there is, else the usual one: a mistake in one unit is no reason to stop."""
    for name in filter(None, named):
        with suppress(UnknownZone):
            return zone_named(name)
    return zone_named(ZONE)


def quiet_end(now: datetime, zone: ZoneInfo, begins: str, ends: str) -> datetime | None:
    """When the quiet hours end that hold now, in UTC; None when none hold. They may lie around midnight."""
    if not begins:
        return None
    local = now.astimezone(zone)
    clock, over_midnight = f"{local:%H:%M}", begins > ends
    if not (clock >= begins or clock < ends if over_midnight else begins <= clock < ends):
        return None
    tomorrow = over_midnight and clock >= begins
    end = instant(local.date() + timedelta(days=tomorrow), time.fromisoformat(ends), zone)
    # Where the clock is put back it shows such an hour twice; once was enough.
    return end if end > now else None


def _is_span(begins: str, ends: str) -> bool:
    return bool(_CLOCK.fullmatch(begins) and _CLOCK.fullmatch(ends)) and begins != ends


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST_A_MINUTE):
        raise Malformed(field="per_minute", problem=f"1–{MOST_A_MINUTE}")
    return int(text)
