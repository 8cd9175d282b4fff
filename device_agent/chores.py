"""What the agent's own thread does again and again."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from device_agent import health, log_ring, systemd
from device_agent.desk import Desk
from device_agent.problems import Problem
from device_agent.senses import Senses
from device_agent.settings import Settings
from device_agent.spending import Spending
from device_agent.stick import Sticks
from device_agent.timers import Every
from device_agent.weekly import WeeklyTest
from firmware_config.protocol import ClockState
from firmware_config.thresholds import ailments

_log = logging.getLogger(__name__)

_HEALTH_S = 60.0
_WATCHDOG_S = 10.0
_LOG_S = 900.0
_ERROR_S = 60.0


class Chore(Protocol):
    """Looked at in every turn, at most a second apart; keeps its own time."""

    def turn(self, desk: Desk) -> None:
        """Do what is due; raises JournalFailed, and then it is tried again."""


class Watchdog:
    """Tells systemd that all threads live, and ends the process when one has died."""

    def __init__(self, senses: Senses) -> None:
        self._due = Every(_WATCHDOG_S, monotonic=senses.mono)

    def turn(self, desk: Desk) -> None:
        """A thread that died leaves a speaker that looks well and says nothing: systemd starts it anew."""
        if not self._due.due():
            return
        parts = desk.parts
        if parts.speaker.alive and parts.link.alive and parts.courier.alive:
            systemd.notify("WATCHDOG=1")
        else:
            _log.error("action=thread_died")
            desk.leave(1)


class Health:
    """Looks after the board: what is ill is told at once, figures that moved now and then."""

    def __init__(self, settings: Settings, senses: Senses) -> None:
        self._board = health.Board(settings.data, senses)
        self._due = Every(_HEALTH_S, monotonic=senses.mono)
        self._pace = health.Pace(senses.mono)
        self._ill: tuple[str, ...] = ()

    def turn(self, desk: Desk) -> None:
        """Say what is wrong with it."""
        self._board.turn()
        if not self._due.due():
            return
        parts = desk.parts
        found = replace(
            self._board.look(),
            clock_offset_ms=parts.time.offset(),
            amplifier=getattr(parts.relay, "closed", None),
            bytes_month=desk.bytes_month,
        )
        desk.health, self._ill = found, ailments(found, self._ill)
        desk.problem("health", *self._ill, *health.missing_programs())
        if self._pace.news(found):
            desk.report(again=True)


class KeepLog:
    """Puts the last lines of the log on disk, with few writes: an error soon, all else each quarter of an hour."""

    def __init__(self, senses: Senses) -> None:
        self._usual = Every(_LOG_S, monotonic=senses.mono)
        self._soon = Every(_ERROR_S, monotonic=senses.mono)

    def turn(self, desk: Desk) -> None:  # noqa: ARG002  (a chore like any other)
        """Save what is new."""
        ring = log_ring.current()
        if ring is None:
            return
        soon, usual = self._soon.due(), self._usual.due()
        if ring.unsaved and (usual or (soon and ring.urgent)):
            ring.save()


class Asking:
    """Asks what we should hold, whether or not anything seems to be missing."""

    def __init__(self, settings: Settings, senses: Senses) -> None:
        pace = settings.pace
        self._resync = Every(pace.resync_s, monotonic=senses.mono)
        self._poll = Every(pace.poll_s, spread=0.2, at_once=True, chance=senses.chance, monotonic=senses.mono)
        self._prove = Every(pace.resync_s, at_once=True, monotonic=senses.mono)
        self._apart = False
        """Whether the link was down or deaf when we last looked."""

    def turn(self, desk: Desk) -> None:
        """Over the link each five minutes, over HTTPS each minute while the link is down or deaf."""
        outbox = desk.parts.outbox
        if self._resync.due() and desk.parts.link.up:
            desk.questions.listen_again()
            desk.questions.ask()
            outbox.ask_confirmation()
            # Where a broker never said that it listens to us, nothing has left since the link came up.
            outbox.hurry()
        if not desk.questions.second_path:
            self._apart = False
        elif self._poll.due():
            # What went over the link last may have reached nobody.
            desk.report(again=not self._apart)
            self._apart = True
            # The signed answer to a nonce is most of what asking costs, and proves the clock for a day.
            if self._prove.due() or desk.state.clock is not ClockState.TRUSTED or desk.parts.inbox.holding:
                desk.questions.ask()
            else:
                outbox.poll(desk.parts.inbox.have, "")
            outbox.ask_confirmation()
            outbox.hurry()
        if desk.questions.deaf:
            desk.problem("answers", Problem.BROKER_DEAF)
        elif not desk.questions.unanswered:
            desk.problem("answers")
        desk.questions.ask_again()
        desk.questions.catch_up()

    def wait_s(self, desk: Desk) -> float:
        """How long it has nothing to do if no letter comes."""
        if desk.questions.open:
            return 1.0
        if desk.parts.link.up:
            return self._resync.left_s()
        return self._poll.left_s() if desk.questions.second_path else 1.0


def usual(settings: Settings, senses: Senses) -> Sequence[Chore]:
    """What every speaker does."""
    asking = (Asking(settings, senses), WeeklyTest(senses), Sticks(senses))
    return (Watchdog(senses), Spending(senses), Health(settings, senses), KeepLog(senses), *asking)
