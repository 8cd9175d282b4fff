"""What a broker that writes everything down says of its clients."""


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
