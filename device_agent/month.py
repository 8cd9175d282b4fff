"""The count of a SIM card's month in the journal."""

from device_agent.budget import Month
from device_agent.journal import Journal
from firmware_config.protocol import Refused, dumps, loads

_FACT = "month"


def kept_month(journal: Journal) -> Month:
    """What the journal knows of the month so far; raises JournalFailed."""
    raw = journal.fact(_FACT)
    try:
        found = loads(raw) if raw else None
    except Refused:
        found = None
    number, moved = (found.get("number"), found.get("bytes")) if isinstance(found, dict) else (0, 0)
    return Month(number, moved) if isinstance(number, int) and isinstance(moved, int) else Month(0, 0)


def keep_month(journal: Journal, month: Month) -> None:
    """Put it on disk; raises JournalFailed."""
    journal.remember(_FACT, dumps({"number": month.number, "bytes": month.bytes}))
