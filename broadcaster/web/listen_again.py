"""The resident's page: what was said, to read and to hear again, without an account, a session or a script."""

import base64
import hashlib
from functools import partial
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.domain.errors import NotFound
from broadcaster.services.outlets import listen_again
from broadcaster.web import i18n
from broadcaster.web.context import Context
from broadcaster.web.render import environment
from broadcaster.web.sound import clip_file

# Short enough that a withdrawal is seen soon, long enough that a whole village costs a few renderings.
CACHE = "public, max-age=30, stale-while-revalidate=30"
SOUND_CACHE = "public, max-age=86400"
STYLE = (Path(__file__).parent / "templates" / "listen_again.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; media-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

# Said to residents only, in the language of the page; the console's words are in its catalogues.
WORDS = {
    "vi": {
        "emergency": "KHẨN CẤP",
        "priority": "ƯU TIÊN",
        "drill": "DIỄN TẬP",
        "test": "THỬ LOA",
        "withdrawn_now": "Thông báo này đã được thu hồi, đề nghị bà con không thực hiện theo.",
        "reason": "Lý do",
        "old": "Nội dung đã thu hồi",
        "listen": "Nghe lại",
        "recorded": "Thông báo này được thu âm, mời bà con bấm nghe.",
        "aired": "Phát trên loa",
        "history": "Quá trình",
        "approved": "Phê duyệt",
        "corrected": "Đính chính",
        "withdrawn": "Thu hồi",
        "correction": "Thông báo khẩn cấp này là phát nhầm. Bà con không phải làm theo.",
        "all_clear": "Tình huống khẩn cấp này đã kết thúc.",
    },
    "en": {
        "emergency": "EMERGENCY",
        "priority": "PRIORITY",
        "drill": "DRILL",
        "test": "LOUDSPEAKER TEST",
        "withdrawn_now": "This announcement has been withdrawn. Please do not act on it.",
        "reason": "Reason",
        "old": "What was withdrawn",
        "listen": "Listen again",
        "recorded": "This announcement was recorded; press play to hear it.",
        "aired": "On the loudspeakers",
        "history": "History",
        "approved": "Approved",
        "corrected": "Corrected",
        "withdrawn": "Withdrawn",
        "correction": "This emergency announcement was sent by mistake. Do not act on it.",
        "all_clear": "This emergency is over.",
    },
    "fr": {
        "emergency": "URGENCE",
        "priority": "PRIORITAIRE",
        "drill": "EXERCICE",
        "test": "ESSAI DES HAUT-PARLEURS",
        "withdrawn_now": "Cette annonce a été retirée. Merci de ne pas en tenir compte.",
        "reason": "Motif",
        "old": "Ce qui a été retiré",
        "listen": "Réécouter",
        "recorded": "Cette annonce a été enregistrée ; appuyez sur lecture pour l’entendre.",
        "aired": "Sur les haut-parleurs",
        "history": "Historique",
        "approved": "Approuvée",
        "corrected": "Corrigée",
        "withdrawn": "Retirée",
        "correction": "Cette annonce d’urgence a été diffusée par erreur. Ne suivez pas ses consignes.",
        "all_clear": "Cette urgence est terminée.",
    },
}


def listen_again_routes(context: Context) -> APIRouter:
    """The permalinks `/n/{public id}` and their sound; `?lang=` chooses the language of the page's own words."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/n/{public_id}", methods=["GET", "HEAD"])
    def permalink(request: Request, public_id: str, lang: str = "") -> Response:
        language = lang if lang in WORDS else context.settings.language
        with context.database.read() as session:
            shown = listen_again.page(session, public_id)
        return cached(request, rendered(shown, language, context.settings.public_url))

    @router.api_route("/n/{public_id}/{sha256}.ogg", methods=["GET", "HEAD"])
    def sound(public_id: str, sha256: str) -> Response:
        with context.database.read() as session:
            shown = listen_again.page(session, public_id)
        if sha256 not in shown.clips():
            raise NotFound(what="clip", id=sha256[:64])
        answer = clip_file(context.clips, sha256)
        answer.headers["cache-control"] = SOUND_CACHE
        return answer

    return router


def rendered(shown: listen_again.Page, language: str, public_url: str) -> str:
    """The page, complete in itself."""
    return (
        environment(language)
        .get_template("listen_again.html")
        .render(
            page=shown,
            language=language,
            languages=i18n.LANGUAGES,
            words=WORDS[language],
            style=STYLE,
            url=f"{public_url}/n/{shown.public_id}",
            moment=partial(i18n.moment, language),
            length_of=i18n.length,
            name_of=partial(i18n.language_name, language),
        )
    )


def cached(request: Request, text: str) -> Response:
    """The page with its ETag, or 304 for a reader who has it."""
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": CACHE, "content-security-policy": POLICY}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    return Response(status_code=304, headers=headers) if etag in known else HTMLResponse(text, headers=headers)
