"""Pages whose address is their key: who opens one needs no account, and no other page learns where it stands."""

import base64
import hashlib
from datetime import datetime
from functools import partial
from typing import Any

from limits import RateLimitItemPerMinute

from broadcaster.web import i18n
from broadcaster.web.render import TEMPLATES, environment

WRONG_A_MINUTE = RateLimitItemPerMinute(30)
"""So many links that lead nowhere from one address; whoever holds a true one shares no limit with them."""
STYLE = (TEMPLATES / "say.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    # The address is the key.
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
}


def language_of(*wishes: str) -> str:
    """The first of these languages that pages are written in."""
    return next((wish for wish in wishes if wish in i18n.LANGUAGES), i18n.DEFAULT)


def drawn(template: str, language: str, *, now: datetime, **values: Any) -> str:  # noqa: ANN401  (templates take anything)
    """A page with what each of them knows."""
    known = {
        "language": language,
        "languages": i18n.LANGUAGES,
        "style": STYLE,
        "moment": partial(i18n.moment, language, now=now),
    }
    return environment(language).get_template(template).render(known | values)
