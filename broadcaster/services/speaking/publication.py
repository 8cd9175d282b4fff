"""What the links put on a broker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Publication:
    """Bytes for one topic; a retained one replaces what the broker kept there, an empty retained one clears it."""

    topic: str
    payload: bytes
    retain: bool = False
