"""What residents read in a chat group: title, text, hour and link, cut to the channel's limit. PURE"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from broadcaster.domain.corrections import TITLES, Part
from broadcaster.domain.mirror import Action, Copy
from broadcaster.domain.stand_in import State
from firmware_config.protocol import Kind, Klass

LIMITS: Mapping[str, int] = MappingProxyType(
    {
        "zalo_bot": 2_000,
        "zalo_oa": 2_000,
        "webhook": 20_000,
        "matrix": 8_000,
        "email": 20_000,
        "telegram": 4_096,
        "share_pack": 4_000,
        "facebook_page": 60_000,
        "sms_gateway": 459,
        "apprise": 4_000,
    }
)
"""How long a text each kind of channel takes, in UTF-16 units."""
LEAD = "📢 "
REPEATED = "(nhắc lại)"
MORE = " …"
GAP = "\n\n"
# Below this a piece of text says nothing; its language is left to the page behind the link.
LEAST = 12

BADGES: Mapping[Klass, str] = MappingProxyType(
    {Klass.EMERGENCY: "KHẨN CẤP", Klass.PRIORITY: "ƯU TIÊN", Klass.NORMAL: ""}
)
KINDS: Mapping[Kind, str] = MappingProxyType({Kind.LIVE: "", Kind.DRILL: "DIỄN TẬP", Kind.TEST: "THỬ LOA"})
# Of a list of messages people read the first words.
PARTS: Mapping[str, str] = MappingProxyType({"correction": "ĐÍNH CHÍNH KHẨN CẤP", "all_clear": "HẾT KHẨN CẤP"})
ACTIONS: Mapping[Action, str] = MappingProxyType(
    {
        Action.POST: "",
        Action.EDIT: "",
        Action.CORRECT: "ĐÍNH CHÍNH",
        Action.WITHDRAW: "THU HỒI",
        Action.ASK: "CẦN NÓI THAY LOA",
        Action.RELEASE: "THÔI NÓI THAY LOA",
    }
)
WITHDRAWN = "Thông báo này đã được thu hồi, đề nghị bà con không thực hiện theo."
CORRECTED = "Nội dung dưới đây thay cho thông báo đã gửi trước."
ASKED = "Loa không phát từ {when}: {who}. Nhờ ông/bà đọc to lời dưới đây cho bà con nghe, rồi mở liên kết để báo lại."
NOT_NEEDED = "Ông/bà không cần đọc nữa: loa đã phát, hoặc bản đã nắm được."
MUST_NOT = "Ông/bà đừng đọc thông báo này nữa: xã đã thu hồi hoặc thay bằng thông báo khác."

# What turns text round or hides it; line breaks stay.
_HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_BLANKS = re.compile(r" *\n\s*")
_SENTENCE = re.compile(r"[.!?…。][\"”’)]*(?=\s|$)|\n")


def plain(text: str) -> str:
    """Text that no chat program takes for a mention, a command or a trick: NFC, no control characters, no `[@`."""
    text = _HIDDEN.sub("", _CONTROL.sub(" ", text.replace("\r\n", "\n")))
    text = _MENTION.sub("＠", text.replace("[@", "(＠"))
    return _BLANKS.sub("\n", unicodedata.normalize("NFC", text)).strip()


def size(text: str) -> int:
    """How long providers may hold a text to be: UTF-16 units, never fewer than its characters."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, room: int) -> str:
    """The longest beginning that fits, ended at a sentence if that keeps half of it, else at a word, and marked."""
    if size(text) <= room:
        return text
    space = room - size(MORE)
    if space <= 0:
        return ""
    head = _clip(text, space)
    ends = [match.end() for match in _SENTENCE.finditer(head)]
    if ends and ends[-1] * 2 >= len(head):
        return head[: ends[-1]].rstrip() + MORE
    word = head.rfind(" ")
    return (head[:word] if word * 2 >= len(head) else head).rstrip() + MORE


def _clip(text: str, room: int) -> str:
    head = text[:room]
    while size(head) > room:
        head = head[:-1]
    # A combining mark belongs to the letter before it.
    while head and len(head) < len(text) and unicodedata.combining(text[len(head)]):
        head = head[:-1]
    return head


def compose(copy: Copy, *, limit: int) -> str:
    """The whole message within `limit` UTF-16 units, its link always whole (limit ≥ 100 + the length of the link)."""
    tail = _tail(copy)
    room = limit - size(tail) - len(GAP)
    head = cut(_head(copy), room // 2)
    room -= size(head)
    parts = [head]
    for note in notes(copy):
        parts += filter(None, [cut(note, room - len(GAP))])
        room -= size(note) + len(GAP)
    if copy.action not in {Action.WITHDRAW, Action.RELEASE}:
        parts += _share([plain(text.text) for text in copy.texts], room)
    return GAP.join(filter(None, [*parts, tail]))


def badge(copy: Copy) -> str:
    """What readers must know before the title: an exercise, a correction, an emergency; empty = nothing."""
    badges = [KINDS[copy.kind], ACTIONS[copy.action], PARTS.get(copy.part, BADGES[copy.klass])]
    return " – ".join(filter(None, badges))


def title(copy: Copy) -> str:
    """The title in one line, without what its badge says already."""
    return plain(copy.title).removeprefix(TITLES[Part(copy.part)] if copy.part else "").replace("\n", " ")


def _head(copy: Copy) -> str:
    words = f"{badge(copy)}: {title(copy)}" if badge(copy) else title(copy)
    return LEAD + (f"{REPEATED} {words}" if copy.repeated else words)


def notes(copy: Copy) -> list[str]:
    """What stands between the title and the text: that it corrects or takes back, and why."""
    if copy.action is Action.ASK:
        who = cut(plain(copy.reason).replace("\n", " "), 300) or copy.place
        return [ASKED.format(when=moment(copy.airs_at) if copy.airs_at else "–", who=who)]
    if copy.action is Action.RELEASE:
        return [MUST_NOT if copy.reason == State.WITHDRAWN else NOT_NEEDED]
    if copy.action is Action.WITHDRAW:
        reason = cut(plain(copy.reason).replace("\n", " "), 300)
        return [WITHDRAWN, f"Lý do: {reason}"] if reason else [WITHDRAWN]
    return [CORRECTED] if copy.action is Action.CORRECT else []


def _tail(copy: Copy) -> str:
    if copy.action is Action.RELEASE:
        return ""
    if copy.action is Action.ASK:
        return f"Báo lại ở đây: {copy.link}"
    airs = f"Phát trên loa: {moment(copy.airs_at)}\n" if copy.airs_at and copy.action is not Action.WITHDRAW else ""
    return f"{airs}Nghe lại: {copy.link}"


def moment(at: datetime) -> str:
    """An hour and a date as a commune writes them."""
    return f"{at.hour} giờ {at.minute:02d}, ngày {at:%d/%m/%Y}"


def _share(texts: list[str], room: int) -> list[str]:
    """Every language gets its fair part of the room; what a short one leaves goes to the longer ones."""
    parts: dict[int, str] = {}
    for done, index in enumerate(sorted(range(len(texts)), key=lambda i: size(texts[i]))):
        fair = room // (len(texts) - done) - len(GAP)
        parts[index] = cut(texts[index], fair) if fair >= LEAST else ""
        room -= size(parts[index]) + len(GAP)
    return [parts[index] for index in range(len(texts)) if parts[index]]
