"""How much a speaker may be heard: sessions, minutes and pauses, counted over what it played and will play."""

from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from firmware_config.protocol.codecs import Millis
from firmware_config.protocol.hours import MINUTE_MS, day_of

JOIN_MS: Millis = 60_000
"""Plays that follow one another within this are one session."""


class Played(NamedTuple):
    """What one speaker played or will play, in milliseconds since 1970; never an emergency."""

    start: Millis
    end: Millis


def sessions(plays: Iterable[Played]) -> list[Played]:
    """The plays as sessions, in order: each from its first start to its last end."""
    found: list[Played] = []
    for play in sorted(plays):
        if found and play.start - found[-1].end <= JOIN_MS:
            found[-1] = Played(found[-1].start, max(found[-1].end, play.end))
        else:
            found.append(play)
    return found


def session_of(play: Played, all_sessions: Iterable[Played]) -> Played:
    """The session that the play is in."""
    return next(one for one in all_sessions if one.start <= play.start and play.end <= one.end)


def sessions_on_the_day_of(session: Played, all_sessions: Iterable[Played], zone: ZoneInfo) -> int:
    """How many sessions begin on the local date on which this one begins."""
    day = day_of(session.start, zone)
    return sum(day_of(one.start, zone) == day for one in all_sessions)


def minutes_on_the_day_of(play: Played, plays: Iterable[Played], zone: ZoneInfo) -> float:
    """Minutes of all plays that begin on the local date on which this one begins."""
    day = day_of(play.start, zone)
    return sum(one.end - one.start for one in plays if day_of(one.start, zone) == day) / MINUTE_MS


def nearest(session: Played, all_sessions: Iterable[Played]) -> float:
    """Minutes of silence between this session and the nearest other one; infinite where there is no other."""
    gaps = (max(one.start - session.end, session.start - one.end) for one in all_sessions if one != session)
    return min(gaps, default=float("inf")) / MINUTE_MS
