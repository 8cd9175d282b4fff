"""Clips as files over HTTP, whole or in parts."""

from pathlib import Path

from fastapi.responses import FileResponse

from audio.clip import clip_path
from broadcaster.domain.errors import UnknownClip

FOR_EVER = "private, max-age=31536000, immutable"


def clip_file(folder: Path, sha256: str) -> FileResponse:
    """The clip of this name; it is its content, so it may be kept for ever. Raises UnknownClip."""
    try:
        path = clip_path(folder, sha256)
    except ValueError:
        path = None
    if path is None or not path.is_file():
        raise UnknownClip(id=sha256[:64])
    return FileResponse(path, media_type="audio/ogg", headers={"cache-control": FOR_EVER, "etag": f'"{sha256}"'})
