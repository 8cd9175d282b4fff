"""G1: a month without a signal, and a full outage whose receipts come back at once."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.month import Month
from device_agent.effects import Record
from firmware_config.protocol import Event

DAYS = 30
RECEIPTS = 5_000
MOST_S = 600.0


@dataclass(frozen=True, slots=True)
class Backfill:
    """How an outage's receipts came back."""

    written: int
    stored: int
    spent_s: float

    @property
    def words(self) -> str:
        """For the figure."""
        return f"{self.stored} of {self.written} in {self.spent_s:.1f} s"


def run(scale: Scale) -> Outcome:
    """The month with a stick, then as many receipts as an outage may leave."""
    days, number = scale.of(DAYS, 3), scale.of(RECEIPTS, 120)
    month = Month(scale.folder)
    month.plan(days)
    month.carry()
    speaker = month.speaker()
    for day in range(1, days + 1):
        speaker.until(month.clock.booted + day * 86_400)
        progress(f"G1 day {day} of {days}")
        if day == days // 2:
            speaker.cut_power()
            month.clock.wind(600)
            month.clock.steered = False
            speaker = month.speaker()
    for _ in range(20):
        speaker.turn(3.0)
    month.bring_back()
    told = month.told(speaker.journal.head().seq)
    speaker.cut_power()
    by_stick, by_network = (outage(month, number, signal=signal) for signal in (False, True))
    whole = all(one.stored == one.written >= number for one in (by_stick, by_network))
    figure = (
        f"{days} days offline: {told.heard} of {told.planned} airings heard, at most {told.worst_late_s:.2f} s off; "
        f"{told.stored} of {told.receipts} receipts back in one chain; an outage's receipts by stick: "
        f"{by_stick.words}, by network: {by_network.words}; none doubled"
    )
    return Outcome(told.good and whole, figure)


def outage(month: Month, number: int, *, signal: bool) -> Backfill:
    """Receipts of a whole outage at once, handed over by the stick or by the network."""
    speaker = month.speaker(signal=signal)
    before = speaker.journal.head().seq
    with speaker.journal.writing():
        for _ in range(number):
            speaker.agent.desk.record(Record(Event.SELF_TEST, reason="ok"))
    began = time.monotonic()
    [*sticks] = speaker.parts.sticks
    while (sticks[0].written if sticks else speaker.journal.confirmed()) < speaker.journal.head().seq:
        speaker.turn(1.0)
        if time.monotonic() - began > MOST_S:
            break
    if sticks:
        month.bring_back()
    spent = time.monotonic() - began
    head = speaker.journal.head().seq
    speaker.cut_power()
    return Backfill(head - before, month.stored() - before, spent)


FAULT = Fault(
    number="G1",
    title="a month without a signal",
    criterion="30 days offline: every planned airing heard, all receipts back with true times; 5,000 receipts of one "
    "outage back, 0 lost, 0 doubled",
    run=run,
)
