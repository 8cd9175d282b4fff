"""Clips under their own hash, in the folder where `audio` puts them."""

import re
from dataclasses import dataclass
from pathlib import Path

from audio.clip import clip_path

SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ClipsOnDisk:
    """One folder, shared with whoever renders."""

    folder: Path

    def find(self, sha256: str) -> Path | None:
        """The clip's file; None when it is not here, or when this is no hash at all."""
        if not SHA256.fullmatch(sha256):
            return None
        path = clip_path(self.folder, sha256)
        return path if path.is_file() else None

    def read(self, sha256: str) -> bytes | None:
        """The clip's bytes, or None when it is not here."""
        path = self.find(sha256)
        return path.read_bytes() if path else None
