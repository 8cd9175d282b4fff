"""Where loudspeakers hang, what they are told of themselves, and how long they are to be silent."""

from broadcaster.domain.errors.base import TYPED, UNCHANGED, LoaError


class BadPlace(LoaError):
    """“{place}” is no place on a map, or no name for a post."""

    code, status, kept = "bad_place", 422, TYPED
    todo = (
        "Give degrees north and east as the phone shows them, such as 21.052400, 104.301200, or leave the place empty."
    )


class SilenceTooLong(LoaError):
    """Silence can be ordered from now to {hours} hours ahead at most."""

    code, status, kept = "silence_too_long", 422, TYPED
    todo = "Choose an earlier hour; to end an announcement for good, withdraw it."


class ChangeDoesNotFit(LoaError):
    """This cannot be done with “{unit}”: {problem}."""

    code, status, kept = "change_does_not_fit", 422, TYPED
    todo = "Change what you have chosen, and look at the preview again."


class ChangeIsOver(LoaError):
    """This change has been carried out or called off already."""

    code, status, kept = "change_is_over", 409, UNCHANGED
    todo = "Look at the list of changes; what was done can be changed back by another change."


class BadVolume(LoaError):
    """“{value}” is no volume: a whole number from 0, which is silence, to 100 is."""

    code, status, kept, todo = "bad_volume", 422, TYPED, "Give a number from 0 to 100; 50 sounds half as loud as 100."


class BadSilence(LoaError):
    """“{value}” milliseconds is no silence before or after an announcement: 0 to {most} are possible."""

    code, status, kept, todo = "bad_silence", 422, TYPED, "An amplifier wakes in 50 to 500 ms; 400 before suits most."


class BadSink(LoaError):
    """“{sink}” is no sound output that can be set from here."""

    code, status, kept = "bad_sink", 422, TYPED
    todo = "Give aplay:default, aplay:hw:1,0 or another card by name, silent, or nothing for the one set up on site."


class BadMonthlyData(LoaError):
    """“{value}” is no amount of data for a month: 0 for any amount, or {least} to {most} bytes."""

    code, status, kept = "bad_monthly_data", 422, TYPED
    todo = "Keeping in touch alone takes some 40 MB a month; give what the contract of the SIM card allows, or 0."


class BadTestTime(LoaError):
    """The weekly self-test cannot be on day “{day}” at “{at}”."""

    code, status, kept = "bad_test_time", 422, TYPED
    todo = "Choose a day of the week and an hour such as 09:00."
