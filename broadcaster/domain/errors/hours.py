"""When it may be heard."""

from broadcaster.domain.errors.base import AS_BEFORE, UNCHANGED, LoaError


class InThePast(LoaError):
    """{when} has passed already."""

    code, status, kept, todo = "in_the_past", 422, AS_BEFORE, "Choose a time to come, or air it now."


class TooEarly(LoaError):
    """The announcement may be heard only from {when}."""

    code, status, kept, todo = "too_early", 422, AS_BEFORE, "Choose a later time."


class OutsideHours(LoaError):
    """{unit} hears announcements only at these hours: {hours}. This one would play from {start} to {end}."""

    code, status, kept = "outside_hours", 422, AS_BEFORE
    todo = "Choose a time within these hours; only an emergency may be heard at any hour."


class ExpiredAnnouncement(LoaError):
    """The announcement is valid only until {when}."""

    code, status, kept, todo = "expired_announcement", 409, AS_BEFORE, "Choose an earlier time or write it anew."


class ScheduleEmpty(LoaError):
    """This schedule names no day or no hour."""

    code, status, kept, todo = "schedule_empty", 422, AS_BEFORE, "Choose at least one day and one hour."


class UnknownZone(LoaError):
    """There is no time zone “{zone}”."""

    code, status, kept, todo = "unknown_zone", 422, UNCHANGED, "Name it as in “Asia/Ho_Chi_Minh”."
