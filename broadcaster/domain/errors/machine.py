"""The machine and what it is connected to."""

from broadcaster.domain.errors.base import STORED, UNCHANGED, LoaError


class StorageUnavailable(LoaError):
    """The database cannot store anything just now."""

    code, status, todo = "storage_unavailable", 503, "Wait a moment and try again."


class DiskFull(StorageUnavailable):
    """The server's disk is full."""

    code, todo = "disk_full", "Whoever looks after the server frees some space; then try again."


class NoBroker(LoaError):
    """The broker cannot be reached: {problem}."""

    code, status = "no_broker", 503
    kept = "What was decided is stored and goes out as soon as the broker is back."
    todo = "Install it (apt install mosquitto), or name another one in LOA_BROKERS."


class BrokenCertificate(LoaError):
    """The certificate or key “{file}” cannot be used: {problem}."""

    code, status, kept = "broken_certificate", 422, UNCHANGED
    todo = "Put the file back from a backup; a loudspeaker's is issued anew with “loa speaker add”."


class SpeakerRevoked(LoaError):
    """The loudspeaker “{id}” was taken out of service."""

    code, status, kept, todo = "speaker_revoked", 403, UNCHANGED, "Enrol it again if it should speak once more."


class BrokenSeal(LoaError):
    """What the loudspeaker sent cannot be believed ({refusal})."""

    code, status, kept, todo = "broken_seal", 422, STORED, "The speaker keeps its receipts; look at its clock and keys."
