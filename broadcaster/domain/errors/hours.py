"""When it may be heard."""

from broadcaster.domain.errors.base import AS_BEFORE, UNCHANGED, LoaError

ANOTHER_TIME = "Choose the next free time, or ask for an exception; only an emergency may be heard at any hour."


class InThePast(LoaError):
    """{when} has passed already."""

    code, status, kept, todo = "in_the_past", 422, AS_BEFORE, "Choose a time to come, or air it now."


class TooEarly(LoaError):
    """The announcement may be heard only from {when}."""

    code, status, kept, todo = "too_early", 422, AS_BEFORE, "Choose a later time."


class OutsideHours(LoaError):
    """{start} in {unit}: outside the hours allowed, {hours}. Next free time: {next}."""

    code, status, kept, todo = "outside_hours", 422, AS_BEFORE, ANOTHER_TIME


class OnHoliday(LoaError):
    """{start} in {unit}: that is a public holiday, on which nothing is aired. Next free time: {next}."""

    code, status, kept, todo = "on_holiday", 422, AS_BEFORE, ANOTHER_TIME


class NearQuietSite(LoaError):
    """{start} in {unit}: quiet hours of {site}, {hours}. Next free time: {next}."""

    code, status, kept, todo = "near_quiet_site", 422, AS_BEFORE, ANOTHER_TIME


class CategoryBarred(LoaError):
    """{unit} airs no announcements on this subject: {category}."""

    code, status, kept = "category_barred", 422, AS_BEFORE
    todo = "Choose the right subject or other places; the commune decides which subjects are aired."


class SessionTooLong(LoaError):
    """{start} in {unit}: a session may last {minutes} minutes, and this one would be longer. Next free time: {next}."""

    code, status, kept, todo = "session_too_long", 422, AS_BEFORE, ANOTHER_TIME


class SessionsSpent(LoaError):
    """{start} in {unit}: all {sessions} sessions of that day are taken. Next free time: {next}."""

    code, status, kept, todo = "sessions_spent", 422, AS_BEFORE, ANOTHER_TIME


class DaySpent(LoaError):
    """{start} in {unit}: the {minutes} minutes of that day are taken. Next free time: {next}."""

    code, status, kept, todo = "day_spent", 422, AS_BEFORE, ANOTHER_TIME


class PauseTooShort(LoaError):
    """{start} in {unit}: {minutes} minutes must lie between two sessions. Next free time: {next}."""

    code, status, kept, todo = "pause_too_short", 422, AS_BEFORE, ANOTHER_TIME


class RulesBackwards(LoaError):
    """These hours end before they begin: {hours}."""

    code, status, kept, todo = "rules_backwards", 422, UNCHANGED, "Write first when they begin and then when they end."


class RulesLeaveNothing(LoaError):
    """With these rules {unit} would never hear anything: on no day of the year is a minute left open."""

    code, status, kept, todo = "rules_leave_nothing", 422, UNCHANGED, "Leave at least one stretch of time open."


class RulesWider(LoaError):
    """{what} would be more than {above} allows: {limit}."""

    code, status, kept = "rules_wider", 422, UNCHANGED
    todo = "Stay within what the units above allow; they can be asked to change their own rules."


class OverrideTooLong(LoaError):
    """An exception may last at most {hours} hours, and must not be over already."""

    code, status, kept, todo = "override_too_long", 422, UNCHANGED, "Ask for a shorter time to come."


class OverrideDecided(LoaError):
    """This exception has been decided on already, or is over."""

    code, status, kept, todo = "override_decided", 409, UNCHANGED, "Look at the unit’s page; ask anew if need be."


class OwnOverride(LoaError):
    """An exception must be granted by somebody who neither asked for it nor wrote the announcement."""

    code, status, kept, todo = "own_override", 403, UNCHANGED, "Ask somebody else who may approve."


class ExpiredAnnouncement(LoaError):
    """The announcement is valid only until {when}."""

    code, status, kept, todo = "expired_announcement", 409, AS_BEFORE, "Choose an earlier time or write it anew."


class ScheduleEmpty(LoaError):
    """This schedule names no day or no hour."""

    code, status, kept, todo = "schedule_empty", 422, AS_BEFORE, "Choose at least one day and one hour."


class UnknownZone(LoaError):
    """There is no time zone “{zone}”."""

    code, status, kept, todo = "unknown_zone", 422, UNCHANGED, "Name it as in “Asia/Ho_Chi_Minh”."


class OrderTooLate(LoaError):
    """In this order “{title}” would begin at {when}, {minutes} minutes later than it may."""

    code, status, kept = "order_too_late", 422, "They keep the order they had."
    todo = "Put it earlier, or plan one of them for another time."
