"""What a schedule cannot be."""

from broadcaster.domain.errors.base import TYPED, UNCHANGED, LoaError


class ScheduleNever(LoaError):
    """This schedule never comes round: none of its days exists between its beginning and its end."""

    code, status, kept, todo = "schedule_never", 422, TYPED, "Choose days that exist, or a later end."


class ScheduleTooOften(LoaError):
    """This schedule comes too often: at most {times} times a day, and at least {minutes} minutes apart."""

    code, status, kept, todo = "schedule_too_often", 422, TYPED, "Choose fewer hours, further apart."


class EndBeforeStart(LoaError):
    """The schedule ends ({end}) before it begins ({start})."""

    code, status, kept, todo = "end_before_start", 422, TYPED, "Choose an end after the beginning."


class LunarLeapMonth(LoaError):
    """“{day}” lies in a lunar leap month, and no year is certain to have it."""

    code, status, kept = "lunar_leap_month", 422, TYPED
    todo = "Choose the ordinary month; what comes monthly is heard in a leap month as well."


class NotATimetable(LoaError):
    """This file is not a timetable that we can read: {problem}."""

    code, status, kept, todo = "not_a_timetable", 422, UNCHANGED, "Export it again as an iCalendar file (.ics)."


class TimetableTooLarge(LoaError):
    """This timetable is larger than we take: {problem}."""

    code, status, kept, todo = "timetable_too_large", 413, UNCHANGED, "Divide it into several files."


class ForeignZone(LoaError):
    """This recurrence goes by the clock of {zone}, not by that of {here}."""

    code, status, kept, todo = "foreign_zone", 422, TYPED, "Write it by the clock of the place where it is heard."
