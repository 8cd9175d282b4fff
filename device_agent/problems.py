"""What may be wrong with a speaker, as codes for its state report."""

from enum import StrEnum


class Problem(StrEnum):
    """One thing that is not well."""

    BROKER_UNREACHABLE = "broker_unreachable"
    SERVER_UNREACHABLE = "server_unreachable"
    SERVER_REFUSES = "server_refuses"
    FETCH_BROKE_OFF = "fetch_broke_off"
    FETCHED_WRONG_BYTES = "fetched_wrong_bytes"
    CERTIFICATE_UNUSABLE = "certificate_unusable"
    CACHE_FULL = "cache_full"
    DATA_BUDGET_SPENT = "data_budget_spent"
    DISK_FULL = "disk_full"
    DISK_NEARLY_FULL = "disk_nearly_full"
    DISK_READ_ONLY = "disk_read_only"
    JOURNAL_NEWER = "journal_newer"
    JOURNAL_CORRUPT = "journal_corrupt"
    JOURNAL_FAILED = "journal_failed"
    JOURNAL_LOST = "journal_lost"
    NO_SOUND_CARD = "no_sound_card"
    NO_FFMPEG = "no_ffmpeg"
    NO_ESPEAK_NG = "no_espeak_ng"
    MEMORY_LOW = "memory_low"
    TOO_HOT = "too_hot"
    UNDER_VOLTAGE = "under_voltage"
    RELAY_NOT_DRIVEN = "relay_not_driven"
