"""How a live command travels on `…/command` and `…/now`: with all that is needed to carry it out at once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from firmware_config.protocol.envelope import decode_base64, encode_base64
from firmware_config.protocol.refusals import Refusal, Refused
from firmware_config.protocol.strict_json import SIZE_LIMIT, JsonValue, dumps, loads

MAX_INLINE = 65_536


@dataclass(frozen=True, slots=True)
class LivePlay:
    """A command's envelope, the announcement's where it plays one, and clips (sha256 → bytes) small enough to ride."""

    command: bytes
    announcement: bytes | None = None
    clips: Mapping[str, bytes] = field(default_factory=dict)


def pack_live(command: bytes, announcement: bytes | None = None, clips: Mapping[str, bytes] | None = None) -> bytes:
    """The message; clips above 64 KB in all are left to the other way (`Refused(OVERSIZE)`)."""
    riding = clips or {}
    _check_size(sum(map(len, riding.values())), MAX_INLINE)
    raw = dumps(
        {
            "command": encode_base64(command),
            "announcement": None if announcement is None else encode_base64(announcement),
            "clips": {name: encode_base64(clip) for name, clip in riding.items()},
        }
    )
    _check_size(len(raw), SIZE_LIMIT)
    return raw


def unpack_live(raw: bytes) -> LivePlay:
    """Take the message apart: nothing in it is verified yet, but each clip has the hash it is named by."""
    _check_size(len(raw), SIZE_LIMIT)
    try:
        outer = loads(raw)
    except Refused as refused:
        raise Refused(Refusal.SHAPE, refused.detail) from None
    if not isinstance(outer, dict) or outer.keys() != {"command", "announcement", "clips"}:
        raise Refused(Refusal.SHAPE, "not a live command")
    announcement, clips = outer["announcement"], outer["clips"]
    if not isinstance(clips, dict):
        raise Refused(Refusal.SHAPE, "clips by their hash expected")
    return LivePlay(
        decode_base64(outer["command"]),
        None if announcement is None else decode_base64(announcement),
        _clips(clips),
    )


def _clips(found: dict[str, JsonValue]) -> dict[str, bytes]:
    clips = {name: decode_base64(text) for name, text in found.items()}
    _check_size(sum(map(len, clips.values())), MAX_INLINE)
    for name, clip in clips.items():
        if hashlib.sha256(clip).hexdigest() != name:
            raise Refused(Refusal.WRONG_HASH, "a clip with another name")
    return clips


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise Refused(Refusal.OVERSIZE, f"{size} bytes, at most {limit}")
