"""Topic names, and the broker's access rules made from the same functions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from firmware_config.protocol.codecs import ID
from firmware_config.protocol.refusals import Refusal, Refused

BROKER_UPTIME = "$SYS/broker/uptime"


class TopicKind(StrEnum):
    """What travels on a topic; the value is the topic's last word where that is enough to tell."""

    MANIFEST = "manifest"
    COMMAND = "command"
    STATE = "state"
    RECEIPTS = "receipts"
    PRESENCE = "presence"
    RESYNC = "resync"
    UNIT_NOW = "unit_now"
    GROUP_NOW = "group_now"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic taken apart: `id` is a device's, a unit's or a group's."""

    kind: TopicKind
    id: str


def manifest(device: str) -> str:
    """To the speaker, retained: its signed manifest, or a pointer to it."""
    return f"vl/1/d/{device}/manifest"


def command(device: str) -> str:
    """To the speaker, never retained: live commands."""
    return f"vl/1/d/{device}/command"


def unit_now(unit: str) -> str:
    """To every speaker of a unit, never retained."""
    return f"vl/1/u/{unit}/now"


def group_now(group: str) -> str:
    """To every speaker of a group, never retained."""
    return f"vl/1/g/{group}/now"


def state(device: str) -> str:
    """From the speaker, retained: how it is."""
    return f"vl/1/d/{device}/state"


def receipts(device: str) -> str:
    """From the speaker, never retained: signed batches."""
    return f"vl/1/d/{device}/receipts"


def presence(device: str) -> str:
    """From the speaker, retained: birth and last will."""
    return f"vl/1/d/{device}/presence"


def resync(device: str) -> str:
    """From the speaker, never retained: what it holds, and a nonce."""
    return f"vl/1/d/{device}/resync"


_TO_ONE: tuple[Callable[[str], str], ...] = (manifest, command)
_TO_MANY: tuple[Callable[[str], str], ...] = (unit_now, group_now)
_FROM: tuple[Callable[[str], str], ...] = (state, receipts, presence, resync)
_KEPT = frozenset({state, presence})
"""Retained, though a speaker writes them."""
_MANY_KINDS = {"u": TopicKind.UNIT_NOW, "g": TopicKind.GROUP_NOW}
_DEVICE_KINDS = {name(""): TopicKind(name.__name__) for name in (*_TO_ONE, *_FROM)}


def speaker_subscriptions(device: str, units: Iterable[str], groups: Iterable[str]) -> list[str]:
    """All that one speaker listens to."""
    own = [name(device) for name in _TO_ONE]
    return own + [unit_now(unit) for unit in units] + [group_now(group) for group in groups]


def broadcaster_subscriptions() -> list[str]:
    """All that the broadcaster listens to."""
    return [name("+") for name in _FROM] + [BROKER_UPTIME]


def valid_id(text: str) -> bool:
    """2 to 63 of a-z, 0-9 and hyphen, not beginning with a hyphen: safe in topics, paths and certificates."""
    return ID.fullmatch(text) is not None


def parse(topic: str) -> Topic:
    """Take a topic apart; anything that is not one of ours raises `Refused(SHAPE)`."""
    parts = topic.split("/")
    if len(parts) == 5 and parts[:2] == ["vl", "1"] and valid_id(parts[3]):
        kind = _kind(parts[2], parts[4])
        if kind is not None:
            return Topic(kind, parts[3])
    raise Refused(Refusal.SHAPE, "not a topic of ours")


def _kind(family: str, last: str) -> TopicKind | None:
    if family == "d":
        return _DEVICE_KINDS.get(f"vl/1/d//{last}")
    return _MANY_KINDS.get(family) if last == "now" else None


def acl(broadcaster: str) -> str:
    """Mosquitto's ACL file: each speaker within its own topics by pattern, the user `broadcaster` across all."""
    lines = ["# Made from firmware_config/protocol/topics.py"]
    lines += [f"pattern read {name('%u')}" for name in _TO_ONE]
    lines += [f"pattern read {name('+')}" for name in _TO_MANY]
    lines += [f"pattern write {name('%u')}" for name in _FROM]
    lines += ["", f"user {broadcaster}"]
    # What a revoked speaker left there is cleared by us.
    lines += [f"topic {'readwrite' if name in _KEPT else 'read'} {name('+')}" for name in _FROM]
    lines += [f"topic write {name('+')}" for name in (*_TO_ONE, *_TO_MANY)]
    lines += [f"topic read {BROKER_UPTIME}"]
    return "\n".join(lines) + "\n"
