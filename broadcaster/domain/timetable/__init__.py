"""A timetable somebody else wrote (iCalendar, RFC 5545): what it would become here."""

from broadcaster.domain.timetable.entries import Entry, read

__all__ = ["Entry", "read"]
