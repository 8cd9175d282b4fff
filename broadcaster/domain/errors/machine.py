"""The machine and what it is connected to."""

from broadcaster.domain.errors.base import STORED, UNCHANGED, LoaError


class StorageUnavailable(LoaError):
    """The database cannot store anything just now."""

    code, status, todo = "storage_unavailable", 503, "Wait a moment and try again."


class DiskFull(StorageUnavailable):
    """The server's disk is full."""

    code, todo = "disk_full", "Whoever looks after the server frees some space; then try again."


class NoBroker(LoaError):
    """The broker cannot be reached."""

    code, status = "no_broker", 503
    kept = "What was decided is stored and goes out as soon as the broker is back."
    todo = "Speakers with internet fetch it by themselves meanwhile; check the broker."


class BrokenCertificate(LoaError):
    """This certificate cannot be used: {problem}."""

    code, status, kept, todo = "broken_certificate", 422, UNCHANGED, "Issue it again with “loa speaker add”."


class SpeakerRevoked(LoaError):
    """The loudspeaker “{id}” was taken out of service."""

    code, status, kept, todo = "speaker_revoked", 409, UNCHANGED, "Enrol it again if it should speak once more."


class BrokenSeal(LoaError):
    """What the loudspeaker sent cannot be believed ({refusal})."""

    code, status, kept, todo = "broken_seal", 422, STORED, "The speaker keeps its receipts; look at its clock and keys."


class AuditBroken(LoaError):
    """The audit was altered at row {seq}."""

    code, status, kept = "audit_broken", 500, UNCHANGED
    todo = "Compare with a backup; find out who could write to the database."
