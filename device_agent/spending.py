"""Keeps the book of a SIM card's month: what the line carried is on disk each minute, and the core is told."""

from device_agent.budget import Month, counted, month_of, spent
from device_agent.desk import Desk
from device_agent.events import DataMoved
from device_agent.journal import Journal
from device_agent.month import keep_month, kept_month
from device_agent.problems import Problem
from device_agent.senses import Senses
from device_agent.settle import withheld
from device_agent.timers import Every
from firmware_config.protocol.hours import zone_named

EACH_S = 60.0
KEEP_BYTES = 4_096
"""Less news than this wears the memory card out for nothing."""


class Spending:
    """Counts what the line carries, month by month on the village clock."""

    def __init__(self, senses: Senses) -> None:
        self._due = Every(EACH_S, at_once=True, monotonic=senses.mono)
        self._seen = 0
        self._month: Month | None = None
        self._kept = Month(0, 0)

    def turn(self, desk: Desk) -> None:
        """Once a minute the count; in every turn whether something has to wait for it."""
        if self._due.due():
            self._count(desk)
        state = desk.state
        cap = state.manifest.month_bytes if state.manifest else 0
        short = cap and (spent(state.moved, cap) or withheld(state))
        desk.problem("budget", Problem.DATA_BUDGET_SPENT if short else "")

    def _count(self, desk: Desk) -> None:
        parts = desk.parts
        if self._month is None:
            self._month = self._kept = kept_month(parts.journal)
        total = parts.traffic.total
        self._month, self._seen = counted(self._month, total - self._seen, _number(desk)), total
        self._keep(self._month, parts.journal)
        desk.bytes_month = self._month.bytes
        if desk.state.moved != self._month.bytes:
            desk.events.append(DataMoved(self._month.bytes))

    def _keep(self, month: Month, journal: Journal) -> None:
        if month.number != self._kept.number or month.bytes - self._kept.bytes >= KEEP_BYTES:
            keep_month(journal, month)
            self._kept = month


def _number(desk: Desk) -> int | None:
    """The month it is where the lowest of the speaker's units lies, None while nobody can say."""
    now, manifest = desk.parts.time.judged(), desk.state.manifest
    return None if now is None or manifest is None else month_of(now, zone_named(manifest.rules[-1].zone))
