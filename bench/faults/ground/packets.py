"""What can be read off the line, and off a broker that writes everything down."""

import re

_CLIP = re.compile(rb"GET /device/v1/clips/(\w{64}) HTTP")
_FROM = re.compile(rb"\r\nRange: bytes=(\d+)-\r\n")


def clip_asked_for(packet: bytes) -> tuple[str, int] | None:
    """Which clip a packet asks for, and from which byte on; None when it asks for none."""
    found = _CLIP.search(packet)
    if found is None:
        return None
    start = _FROM.search(packet)
    return found[1].decode(), int(start[1]) if start else 0


def first_acts(log: str, speaker: str) -> list[str]:
    """The kind of the first message of a speaker after each connect, as the broker wrote it down; presence left out."""
    found: list[str] = []
    waiting = False
    for row in log.splitlines():
        if f"Sending CONNACK to {speaker} (" in row:
            waiting = True
        elif waiting and f"Received PUBLISH from {speaker} (" in row and "/presence'" not in row:
            found.append(row.split(f"/{speaker}/", 1)[1].split("'", 1)[0])
            waiting = False
    return found


def manifests_acknowledged(log: str, speaker: str) -> int:
    """How many newly published manifests a speaker has acknowledged, as the broker wrote it down."""
    waiting: set[str] = set()
    acknowledged = 0
    for row in log.splitlines():
        # One that was retained comes once more with every subscription.
        if f"Sending PUBLISH to {speaker} (" in row and "/manifest'" in row and ", r0, " in row:
            waiting.add(_field(row, ", m"))
        elif f"Received PUBACK from {speaker} (" in row and (mid := _field(row, "Mid: ")) in waiting:
            waiting.discard(mid)
            acknowledged += 1
    return acknowledged


def _field(row: str, name: str) -> str:
    return row.partition(name)[2].partition(",")[0]
