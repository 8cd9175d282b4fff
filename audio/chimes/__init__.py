"""Our own chimes, made by code so that nothing is downloaded and nothing is owed."""

from __future__ import annotations

from audio.chimes.make import CHIMES, VERSION, chime

__all__ = ["CHIMES", "VERSION", "chime"]
