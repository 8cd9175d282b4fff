"""A clip: the sound made of one version of an announcement, named by its sha256."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

SUFFIX = ".ogg"
_SHA256 = re.compile(r"[0-9a-f]{64}")


def _numbers(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Clip:
    """Ogg/Opus, mono, 48 kHz, loudness-levelled."""

    sha256: str
    bytes: int
    ms: int
    """Length in milliseconds."""
    lufs: float
    """Integrated loudness (EBU R128), measured on the encoded clip."""
    true_peak: float
    """dBTP, measured on the encoded clip."""
    language: str
    voice: str
    """Who really spoke: "gtts/vi", "espeak/vi", "recording"."""

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError("a clip is named by 64 hexadecimal digits")
        if self.bytes <= 0 or self.ms <= 0:
            raise ValueError("a clip has a size and a length")

    def to_dict(self) -> dict[str, Any]:
        """Return the clip as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raise ValueError at anything else."""
        if set(value) != {field.name for field in fields(cls)}:
            raise ValueError("not the fields of a clip")
        if not all(isinstance(value[name], str) for name in ("sha256", "language", "voice")):
            raise ValueError("names must be text")
        if not all(type(value[name]) is int for name in ("bytes", "ms")):
            raise ValueError("sizes must be whole numbers")
        if not all(_numbers(value[name]) for name in ("lufs", "true_peak")):
            raise ValueError("levels must be numbers")
        return cls(**value)


def clip_path(folder: Path, sha256: str) -> Path:
    """Say where a clip lies under `folder`; raise ValueError if `sha256` is none."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError("a clip is named by 64 hexadecimal digits")
    return folder / sha256[:2] / f"{sha256}{SUFFIX}"
