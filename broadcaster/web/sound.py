"""Clips as files over HTTP, whole or in parts; and the sound of an announcement, made before it is submitted."""

from pathlib import Path

from fastapi.responses import FileResponse

from audio.clip import clip_path
from broadcaster.domain.errors import NotAllowed, UnknownClip
from broadcaster.domain.permissions import Action
from broadcaster.services.actor import Actor
from broadcaster.services.sound import clips
from broadcaster.web.context import Context
from broadcaster.web.shown.sight import find_announcement, sight

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


def make_sounds(context: Context, me: Actor, announcement_id: str) -> None:
    """The clip of every version, for someone who may submit it. Raises NotFound, NotAllowed and what `prepare` does."""
    with context.database.read() as session:
        seen = sight(session, me)
        row = find_announcement(session, seen, announcement_id)
        if not seen.allows(Action.WRITE, row.unit_id):
            raise NotAllowed(action=Action.WRITE)
    clips.prepare(context.database, context.studio, announcement_id, now=context.now())
