"""What is asked for, and in what form."""

from broadcaster.domain.errors.base import TYPED, UNCHANGED, LoaError


class Malformed(LoaError):
    """“{field}” is missing or is not what it should be: {problem}."""

    code, status, kept = "malformed", 422, TYPED
    todo = "Correct it and send it again."


class TooLarge(LoaError):
    """This is larger than we take ({limit} bytes)."""

    code, status, kept, todo = "too_large", 413, UNCHANGED, "Send something smaller."


class TooMany(LoaError):
    """Too many requests in a short time."""

    code, status, kept = "too_many", 429, UNCHANGED
    todo = "Wait a little and try again."


class NotFound(LoaError):
    """There is no such thing here: {what} {id}."""

    code, status, kept = "not_found", 404, UNCHANGED
    todo = "Check the name; perhaps it belongs to another commune."


class UnknownUnit(LoaError):
    """There is no unit “{id}”."""

    code, status, kept, todo = "unknown_unit", 404, TYPED, "Choose a unit of the list."


class UnknownGroup(LoaError):
    """There is no group “{id}”."""

    code, status, kept, todo = "unknown_group", 404, TYPED, "Choose a group of the list."


class UnknownSpeaker(LoaError):
    """There is no loudspeaker “{id}”, or it was taken out of service."""

    code, status, kept, todo = "unknown_speaker", 404, TYPED, "Choose a loudspeaker of the list."


class UnknownClip(LoaError):
    """There is no clip or recording “{id}”."""

    code, status, kept, todo = "unknown_clip", 404, TYPED, "Record it or have it read again."


class AlreadyExists(LoaError):
    """“{id}” exists already."""

    code, status, kept, todo = "already_exists", 409, UNCHANGED, "Choose another name."


class UnitCycle(LoaError):
    """A unit cannot lie inside itself ({id})."""

    code, status, kept, todo = "unit_cycle", 422, UNCHANGED, "Choose another unit above it."


class IdempotencyKeyMissing(LoaError):
    """A request that changes something needs an Idempotency-Key."""

    code, status, kept = "idempotency_key_missing", 400, UNCHANGED
    todo = "Send one key for each thing you want done, and the same key when you repeat it."


class IdempotencyConflict(LoaError):
    """This Idempotency-Key was used for another request."""

    code, status = "idempotency_conflict", 409
    kept = "What the first request did stands."
    todo = "Use a new key for a new request."
