"""The weekly self-test: at its hour by the wall clock of the village, or as soon as it can be made up for."""

from device_agent.desk import Desk
from device_agent.selftest import self_test
from device_agent.senses import Senses
from device_agent.timers import Every
from firmware_config.protocol import Manifest, Millis, SelfTest
from firmware_config.protocol.hours import zone_named
from firmware_config.weekly import last_due_ms

SETTLED_S = 600.0
"""A speaker that never tested itself does so once it has worked for this long: whoever hung it sees the result."""
LOOK_S = 10.0
_FACT = "tested"


def is_due(manifest: Manifest, tested: Millis, now: Millis, *, settled: bool) -> bool:
    """Whether a test should be made, given when the last one was (0 = never) and whether the agent has settled down.

    One that was due while the power was off is made up for; a last test in the future was dated by a wrong clock.
    """
    weekly = manifest.weekly
    if weekly is None:
        return False
    if not 0 < tested <= now:
        return settled
    return tested < last_due_ms(weekly.day, weekly.minute, now, zone_named(manifest.rules[-1].zone))


class WeeklyTest:
    """The chore."""

    def __init__(self, senses: Senses) -> None:
        self._mono = senses.mono
        self._began = senses.mono()
        self._look = Every(LOOK_S, monotonic=senses.mono)

    def turn(self, desk: Desk) -> None:
        """Measure, and record what was found, where a test is due, the time is known and nothing sounds."""
        if not self._look.due():
            return
        manifest, journal, now = desk.state.manifest, desk.parts.journal, desk.parts.time.judged()
        if manifest is None or manifest.weekly is None or now is None or desk.state.playing is not None:
            return
        settled = self._mono() - self._began >= SETTLED_S
        if is_due(manifest, journal.number(_FACT), now, settled=settled):
            # On disk before it sounds: a disk that takes nothing must not let it sound at every look.
            journal.remember(_FACT, str(now).encode())
            self_test(SelfTest(manifest.weekly.silent), desk.state, desk.parts, desk.problems)
