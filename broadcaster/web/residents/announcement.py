"""The permalink of one announcement: what was said, to read and to hear again."""

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.requests import Request
from starlette.responses import Response

from audio.errors import AudioError
from audio.mp3 import as_mp3
from broadcaster.domain.errors import NotFound, UnknownClip
from broadcaster.services.outlets import listen_again
from broadcaster.web.context import Context
from broadcaster.web.residents.answers import drawn, language_of
from broadcaster.web.residents.kept import Shelf, has
from broadcaster.web.sound import clip_file

# As short as that of the words: what is withdrawn falls silent with them.
SOUND_CACHE = "public, max-age=30"


def announcement_routes(context: Context, shelf: Shelf) -> APIRouter:
    """`/n/{public id}` and its sound; `?lang=` chooses the language of the page's own words."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/n/{public_id}", methods=["GET", "HEAD"])
    def permalink(request: Request, public_id: str, lang: str = "") -> Response:
        language = language_of(context, lang)

        def make() -> tuple[bytes, dict[str, str]]:
            with context.database.read() as session:
                shown = listen_again.page(session, public_id)
            url = f"{context.settings.public_url}/n/{shown.public_id}"
            return drawn("residents/announcement.html", language, page=shown, url=url)

        return shelf.get(("n", public_id, language), make).answer(request)

    def heard(request: Request, public_id: str, sha256: str, suffix: str, file: Callable[[], Response]) -> Response:
        with context.database.read() as session:
            shown = listen_again.page(session, public_id)
        if sha256 not in shown.clips():
            raise NotFound(what="clip", id=sha256[:64])
        headers = {"etag": f'"{sha256}{suffix}"', "cache-control": SOUND_CACHE}
        answer = Response(status_code=304) if has(request, headers["etag"]) else file()
        answer.headers.update(headers if answer.status_code < 500 else {"cache-control": "no-store"})
        return answer

    @router.api_route("/n/{public_id}/{sha256}.ogg", methods=["GET", "HEAD"])
    def sound(request: Request, public_id: str, sha256: str) -> Response:
        return heard(request, public_id, sha256, "", lambda: clip_file(context.clips, sha256))

    @router.api_route("/n/{public_id}/{sha256}.mp3", methods=["GET", "HEAD"])
    def mp3(request: Request, public_id: str, sha256: str) -> Response:
        return heard(request, public_id, sha256, "-mp3", lambda: mp3_file(context.clips, sha256))

    return router


def mp3_file(folder: Path, sha256: str) -> Response:
    """The clip of this name as MP3, or word that another one is being made. Raises UnknownClip."""
    try:
        return FileResponse(as_mp3(folder, sha256), media_type="audio/mpeg")
    except BlockingIOError:
        return Response(status_code=503, headers={"retry-after": "5"})
    except (AudioError, OSError, ValueError):
        raise UnknownClip(id=sha256[:64]) from None
