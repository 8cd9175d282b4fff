"""Where loudspeakers hang, and how long they are to be silent."""

from broadcaster.domain.errors.base import TYPED, LoaError


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
