"""Telling browsers: which addresses are theirs, how urgently they are told, and in which words. PURE"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urlsplit

from broadcaster.domain.errors import Malformed
from broadcaster.domain.mirror import Action
from broadcaster.domain.mirror_wording import cut, plain
from firmware_config.protocol import Kind, Klass

LONGEST_ENDPOINT = 1_000
LONGEST_TITLE, LONGEST_TEXT = 160, 600
"""In UTF-16 units; with the rest of a notice they stay below the 4,096 bytes that every push service takes."""
LONGEST_TTL = 28 * 86_400
"""Seconds; no service keeps a message longer."""
KEY_BYTES, SECRET_BYTES, UNCOMPRESSED = 65, 16, 4

SERVICES: Mapping[str, str] = MappingProxyType(
    {
        "fcm.googleapis.com": "google",
        "push.services.mozilla.com": "mozilla",
        "push.apple.com": "apple",
        "notify.windows.com": "microsoft",
    }
)
"""The push services of the browsers people have, by the end of their names."""
OTHERS = "others"
"""All that nobody knows share one: whoever makes up names gets no more room for it."""

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "vi": {
            Klass.EMERGENCY: "KHẨN CẤP",
            Klass.PRIORITY: "ƯU TIÊN",
            Kind.DRILL: "DIỄN TẬP",
            Kind.TEST: "THỬ LOA",
            Action.CORRECT: "ĐÍNH CHÍNH",
            Action.WITHDRAW: "THU HỒI",
            "correction": "ĐÍNH CHÍNH KHẨN CẤP",
            "all_clear": "HẾT KHẨN CẤP",
            "repeated": "(nhắc lại)",
            "withdrawn": "Thông báo này đã được thu hồi, đề nghị bà con không thực hiện theo.",
        },
        "en": {
            Klass.EMERGENCY: "EMERGENCY",
            Klass.PRIORITY: "PRIORITY",
            Kind.DRILL: "DRILL",
            Kind.TEST: "LOUDSPEAKER TEST",
            Action.CORRECT: "CORRECTION",
            Action.WITHDRAW: "WITHDRAWN",
            "correction": "EMERGENCY CORRECTED",
            "all_clear": "EMERGENCY OVER",
            "repeated": "(again)",
            "withdrawn": "This announcement has been withdrawn. Please do not act on it.",
        },
        "fr": {
            Klass.EMERGENCY: "URGENCE",
            Klass.PRIORITY: "PRIORITAIRE",
            Kind.DRILL: "EXERCICE",
            Kind.TEST: "ESSAI",
            Action.CORRECT: "CORRECTION",
            Action.WITHDRAW: "RETRAIT",
            "correction": "URGENCE CORRIGÉE",
            "all_clear": "FIN DE L’URGENCE",
            "repeated": "(rappel)",
            "withdrawn": "Cette annonce a été retirée. Merci de ne pas en tenir compte.",
        },
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What one browser is to show."""

    action: Action
    klass: Klass
    kind: Kind
    title: str
    text: str
    place: str
    link: str
    tag: str
    """The same for all that concerns one announcement: the newer notice takes the older one's place."""
    language: str
    part: str = ""
    """Of an alert: "correction" or "all_clear"."""
    repeated: bool = False


def endpoint(text: str, *, private: bool = False) -> str:
    """The address as it is stored; `private` also allows http, for stand-ins. Raises Malformed."""
    try:
        parts = urlsplit(text)
        # A label that is too long, or says that it is another alphabet and is none, names no host.
        known = (parts.hostname or "").encode().decode("idna").encode("idna") and parts.port != 0
    except ValueError:
        known = None
    allowed = {"https", "http"} if private else {"https"}
    if not known or parts.scheme not in allowed or parts.username is not None or parts.fragment:
        raise Malformed(field="endpoint", problem="https://…")
    if len(text) > LONGEST_ENDPOINT or not text.isascii() or not text.isprintable() or " " in text:
        raise Malformed(field="endpoint", problem=f"1–{LONGEST_ENDPOINT}")
    return text


def service(address: str) -> str:
    """Whose server an endpoint lies on."""
    host = urlsplit(address).hostname or ""
    return next((name for end, name in SERVICES.items() if host == end or host.endswith(f".{end}")), OTHERS)


def keys(p256dh: str, auth: str) -> tuple[bytes, bytes]:
    """A browser's public key and its secret, as RFC 8291 has them. Raises Malformed."""
    key, secret = _bytes("p256dh", p256dh), _bytes("auth", auth)
    if len(key) != KEY_BYTES or key[0] != UNCOMPRESSED:
        raise Malformed(field="p256dh", problem="P-256")
    if len(secret) != SECRET_BYTES:
        raise Malformed(field="auth", problem=str(SECRET_BYTES))
    return key, secret


def _bytes(field: str, text: str) -> bytes:
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(field=field, problem="base64url") from None


def urgency(klass: Klass) -> str:
    """As RFC 8030 names it: what wakes a sleeping phone is an emergency only."""
    return "high" if klass is Klass.EMERGENCY else "normal"


def ttl(expires: datetime, now: datetime) -> int:
    """For how many seconds the service shall keep it for a phone that is off."""
    return max(0, min(int((expires - now).total_seconds()), LONGEST_TTL))


def payload(notice: Notice) -> bytes:
    """What is encrypted for the browser; always below 3,900 bytes."""
    words = WORDS.get(notice.language, WORDS["vi"])
    badges = (words.get(notice.kind, ""), words.get(notice.action, ""), words.get(notice.part or notice.klass, ""))
    badge = " – ".join(filter(None, (words["repeated"] if notice.repeated else "", *badges)))
    title = " ".join(plain(notice.title).split())
    said = words["withdrawn"] if notice.action is Action.WITHDRAW else f"{plain(notice.place)}. {plain(notice.text)}"
    shown = {
        "title": cut(f"{badge}: {title}" if badge else title, LONGEST_TITLE),
        "text": cut(said, LONGEST_TEXT),
        "link": notice.link,
        "tag": notice.tag,
        "language": notice.language,
        "urgent": notice.klass is Klass.EMERGENCY,
    }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
