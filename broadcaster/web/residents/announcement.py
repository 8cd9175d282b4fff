"""The permalink of one announcement: what was said, to read and to hear again."""

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
from broadcaster.web.residents.kept import Shelf
from broadcaster.web.sound import clip_file

SOUND_CACHE = "public, max-age=86400"


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

    def published(public_id: str, sha256: str) -> None:
        with context.database.read() as session:
            shown = listen_again.page(session, public_id)
        if sha256 not in shown.clips():
            raise NotFound(what="clip", id=sha256[:64])

    @router.api_route("/n/{public_id}/{sha256}.ogg", methods=["GET", "HEAD"])
    def sound(public_id: str, sha256: str) -> Response:
        published(public_id, sha256)
        answer = clip_file(context.clips, sha256)
        answer.headers["cache-control"] = SOUND_CACHE
        return answer

    @router.api_route("/n/{public_id}/{sha256}.mp3", methods=["GET", "HEAD"])
    def mp3(public_id: str, sha256: str) -> Response:
        published(public_id, sha256)
        try:
            made = as_mp3(context.clips, sha256)
        except (AudioError, OSError, ValueError):
            raise UnknownClip(id=sha256[:64]) from None
        return FileResponse(made, media_type="audio/mpeg", headers={"cache-control": SOUND_CACHE})

    return router
