"""Times of day and lengths of time: 8h30, 17 giờ 00, 05:30, 7g, 15'."""

import re

from audio.script.context import begins_with, ends_with, words_after, words_before
from audio.script.figures import DASH
from audio.script.numbers import cardinal
from audio.script.pipeline import Rule
from audio.script.tables import words

_LEFT = r"(?<![\w.,/:+-])"
_MINUTES = r"(?P<m{n}>[0-5]\d)(?![\d/]|[.,:]\d)(?: ?(?:phút|['’′]|ph|p|m)(?!\w))?"
_TIME = (
    r"(?P<h{n}>\d{{1,2}}) ?(?:[hHgG]|giờ)(?: ?" + _MINUTES + r"|(?!\w))"
    r"|(?P<c{n}>[01]?\d|2[0-4]):(?P<cm{n}>[0-5]\d)(?::[0-5]\d)?(?: ?(?:giờ|phút|h)\b)?(?![\w:]|[.,]\d)"
)
_AROUND_HOURS = words("lúc|từ|đến|tới|hồi|trước|sau|vào|sáng|trưa|chiều|tối|đêm|khoảng|hoặc|và")
_AFTER_HOURS = _AROUND_HOURS | {"ngày", "hôm", "thứ", "hằng", "hàng", "cùng", "mỗi", "các"}
_LUNAR = words("âm lịch|âl|al")
_DATED = words("ngày|số|sáng|đêm|chiều|tối|hôm|đến|hết")
_RATIO = frozenset(["tỷ lệ", "tỉ lệ", "tỷ số", "tỉ số", "bản đồ", "theo tỷ lệ", "qcvn", "tcvn"])


def _time(n: str) -> str:
    return "(?:" + _TIME.format(n=n) + ")"


def _said(match: re.Match[str], n: str) -> str | None:
    hour, minute = match[f"h{n}"] or match[f"c{n}"], match[f"m{n}"] or match[f"cm{n}"]
    if int(hour) > 24 and minute:
        return None
    said = f"{cardinal(int(hour))} giờ"
    return f"{said} {cardinal(int(minute))} phút" if minute and int(minute) else said


def _is_grams(match: re.Match[str], text: str) -> bool:
    """Whether "7g" without minutes is a weight: it is, unless words of time stand beside it."""
    if not re.fullmatch(r"\d+ ?[gG]", match[0]):
        return False
    before, after = words_before(text, match.start(), 1), words_after(text, match.end(), 1)
    return before not in _AROUND_HOURS and after not in _AFTER_HOURS


def _at(match: re.Match[str], text: str) -> str | None:
    if _is_grams(match, text) or (":" in match[0] and ends_with(words_before(text, match.start(), 3), _RATIO)):
        return None
    return _said(match, "")


def _between(match: re.Match[str], _text: str) -> str | None:
    start, end = _said(match, "1"), _said(match, "2")
    return f"{start} đến {end}" if start and end else None


def _hours_between(match: re.Match[str], _text: str) -> str | None:
    end = _said(match, "")
    return f"{cardinal(int(match['low']))} đến {end}" if end else None


def _round_the_clock(match: re.Match[str], text: str) -> str | None:
    before = words_before(text, match.start(), 1)
    lunar = begins_with(words_after(text, match.end(), 2), _LUNAR)
    if lunar or before in _DATED:
        return None
    return f"hai mươi bốn trên {cardinal(int(match['n']))}" + (" giờ" if match["h"] else "")


def _minutes(match: re.Match[str], text: str) -> str | None:
    return None if begins_with(words_after(text, match.end(), 1), {"bắc", "đông"}) else "phút"


RULES = (
    Rule("clock-24", re.compile(r"(?<![\w/])24/(?P<n>24|7)(?P<h> ?(?:h|giờ))?(?![\w/])"), _round_the_clock),
    Rule("clock-range", re.compile(rf"{_LEFT}{_time('1')}\s*(?:{DASH}|÷)\s*{_time('2')}"), _between),
    Rule("clock-range", re.compile(rf"{_LEFT}(?P<low>\d{{1,2}})\s*{DASH}\s*{_time('')}"), _hours_between),
    Rule("clock", re.compile(rf"{_LEFT}{_time('')}"), _at),
    Rule("minutes", re.compile(r"(?<=\d) ?['’′](?!\w)"), _minutes),
)
