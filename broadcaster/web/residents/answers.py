"""How residents' pages are drawn: complete in themselves and small."""

import base64
import hashlib
from datetime import datetime
from functools import partial
from typing import Any

from broadcaster.web import i18n
from broadcaster.web.context import Context
from broadcaster.web.render import TEMPLATES, environment
from broadcaster.web.residents.words import WORDS

STYLE = (TEMPLATES / "residents" / "style.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "img-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {"content-type": "text/html; charset=utf-8", "content-security-policy": POLICY}


def language_of(context: Context, wish: str) -> str:
    """The language of the page's own words: the one wished for, else the commune's."""
    return wish if wish in WORDS else context.settings.language


def drawn(
    template: str,
    language: str,
    *,
    now: datetime | None = None,
    **values: Any,  # noqa: ANN401  (templates take anything)
) -> tuple[bytes, dict[str, str]]:
    """A page with what every page of residents knows, and its headers; with `now` it says "today"."""
    known = {
        "language": language,
        "languages": i18n.LANGUAGES,
        "words": WORDS[language],
        "style": STYLE,
        "moment": partial(i18n.moment, language, now=now),
        "length_of": i18n.length,
        "name_of": partial(i18n.language_name, language),
    }
    return environment(language).get_template(template).render(known | values).encode(), HEADERS
