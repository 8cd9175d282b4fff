"""What time it is on a board whose own clock may be wrong, and how far to believe it."""

from dataclasses import dataclass, replace

from firmware_config.protocol import ClockState, Millis

DAY_MS = 86_400_000
AGREE_MS = 2_000
"""A wall clock this close to the signed time is right; it is finer than a signed time that crossed a network."""

FREE_MS = 100
"""One that nobody steers must be as close as the answer was quick: it may have been set by hand since."""
_DRIFT = 10_000
"""A board's oscillator gains or loses at most one part in so many."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A signed time from the broadcaster, and the monotonic clock when it was true."""

    time: Millis
    mono: Millis
    doubt: Millis = 0
    """So much earlier or later it may really have been."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known about time; monotonic readings count from the kernel's boot."""

    floor: Millis = 0
    """The latest time believed so far; time never runs before it."""
    floor_mono: Millis = 0
    anchor: Anchor | None = None
    steered: Anchor | None = None
    """The last time NTP gave, which the monotonic clock carries on when NTP is lost."""
    kept: bool = False
    """A battery-backed clock is on the board."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The time to act on."""

    now: Millis
    state: ClockState


def read(clock: Clock, *, wall: Millis, mono: Millis, synchronised: bool) -> Reading:
    """The time, from the wall clock, the monotonic clock and whether NTP steers the wall clock."""
    anchor = clock.anchor
    if anchor is not None:
        signed = anchor.time + mono - anchor.mono
        agree = abs(wall - signed) <= anchor.doubt + (AGREE_MS if synchronised else FREE_MS)
        fresh = mono - anchor.mono <= DAY_MS
        if fresh or not synchronised:
            state = ClockState.TRUSTED if fresh else ClockState.HOLDOVER
            return Reading(max(wall if agree else signed, clock.floor), state)
    plausible = wall >= clock.floor
    if synchronised and plausible:
        return Reading(wall, ClockState.TRUSTED)
    if clock.steered is not None and not synchronised:
        return Reading(max(clock.steered.time + mono - clock.steered.mono, clock.floor), ClockState.HOLDOVER)
    if clock.kept and plausible and clock.floor > 0:
        return Reading(wall, ClockState.HOLDOVER)
    return Reading(max(wall, clock.floor + mono - clock.floor_mono), ClockState.UNTRUSTED)


def offset(clock: Clock, *, wall: Millis, mono: Millis) -> Millis | None:
    """The board's own clock less the signed time; None before there was any."""
    return None if clock.anchor is None else wall - (clock.anchor.time + mono - clock.anchor.mono)


def anchored(clock: Clock, *, signed: Millis, sent_mono: Millis, mono: Millis) -> Clock:
    """The clock after a signed time answered a question put at `sent_mono`; the way there and back is halved.

    The answer to our own question is fresh, so it may also take back a floor that a false clock had raised.
    """
    doubt = (mono - sent_mono) // 2
    anchor = _better(clock.anchor, Anchor(signed + doubt, mono, doubt))
    return replace(clock, anchor=anchor, steered=None, floor=min(clock.floor, signed), floor_mono=mono)


def _better(known: Anchor | None, told: Anchor) -> Anchor:
    """What crossed a slow line does not spoil what was known more exactly and does not contradict it."""
    if known is None:
        return told
    since = told.mono - known.mono
    carried = Anchor(known.time + since, told.mono, known.doubt + since // _DRIFT)
    contradicted = abs(carried.time - told.time) > carried.doubt + told.doubt
    return told if contradicted or told.doubt <= carried.doubt else carried


def believed(clock: Clock, reading: Reading, mono: Millis) -> Clock:
    """Raise the floor, by a time that may be believed only: a wild jump must not bar the way back."""
    if reading.state is ClockState.UNTRUSTED or reading.now <= clock.floor:
        return clock
    if reading.state is ClockState.TRUSTED:
        clock = replace(clock, steered=Anchor(reading.now, mono))
    return replace(clock, floor=reading.now, floor_mono=mono)
