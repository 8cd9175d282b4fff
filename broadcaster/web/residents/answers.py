"""How residents' pages are drawn and sent: complete in themselves, small, and kept by whoever asks."""

import base64
import hashlib
from functools import partial
from typing import Any

from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.web import i18n
from broadcaster.web.context import Context
from broadcaster.web.render import TEMPLATES, environment
from broadcaster.web.residents.words import WORDS

# Short enough that a withdrawal is seen soon, long enough that a whole village costs a few renderings.
CACHE = "public, max-age=30, stale-while-revalidate=30"
STYLE = (TEMPLATES / "residents" / "style.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "img-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def language_of(context: Context, wish: str) -> str:
    """The language of the page's own words: the one wished for, else the commune's."""
    return wish if wish in WORDS else context.settings.language


def rendered(template: str, language: str, **values: Any) -> str:  # noqa: ANN401  (templates take anything)
    """A page with what every page of residents knows."""
    known = {
        "language": language,
        "languages": i18n.LANGUAGES,
        "words": WORDS[language],
        "style": STYLE,
        "moment": partial(i18n.moment, language),
        "length_of": i18n.length,
        "name_of": partial(i18n.language_name, language),
    }
    return environment(language).get_template(template).render(known | values)


def cached(request: Request, text: str) -> Response:
    """The page with its ETag, or 304 for a reader who has it."""
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": CACHE, "content-security-policy": POLICY}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    return Response(status_code=304, headers=headers) if etag in known else HTMLResponse(text, headers=headers)
