"""Telephone, short and account numbers: digit by digit, with the pauses the writer put in."""

import re

from audio.script.context import begins_with, words_after
from audio.script.numbers import digits
from audio.script.pipeline import Rule
from audio.script.tables import words
from audio.script.words_dates import COUNTED_AFTER

_SEPARATOR = re.compile(r"[ .\-()–]+")
_HOTLINES = words("tổng đài|đường dây nóng|hotline|đầu số|máy lẻ|nhắn tin")
_CALLED = _HOTLINES | words("""
đường dây|gọi|khẩn cấp|điện thoại|số máy|cảnh sát|cứu hỏa|cứu hoả|cấp cứu|chữa cháy|cứu nạn|cứu thương|liên hệ|sđt|đt
báo ngay|báo cháy|báo cho|qua số|đến số|theo số|công an|đtdđ|zalo|y tế|pccc
""")
_NAMED = words("""
tài khoản|stk|mã số thuế|mst|mã số|mã hộ|mã khách hàng|mã kh|mã đơn|mã hồ sơ|mã bưu chính|mã bưu điện|mã tra cứu|mã
số cccd|cccd|cmnd|số căn cước|căn cước|căn cước công dân|số định danh|định danh|số thẻ|số sổ|seri|số sê ri
mã otp|mã pin|số hiệu|bhxh|bhyt
""")
_HOTLINE = re.compile("|".join(_HOTLINES), re.IGNORECASE)
_CALLING = re.compile("|".join(_CALLED), re.IGNORECASE)
_REPORTING = re.compile(r"(?<!thông )báo (?:ngay )?(?:số )?\Z", re.IGNORECASE)
_NAMING = re.compile(rf"(?:{'|'.join(_NAMED)})(?: số| là| ngân hàng)?\s*:?\s*(?:[A-ZĐ]{{1,3}} ?)?\Z", re.IGNORECASE)
_SERVED = re.compile(r" ?[(–:-]? ?(?:cứu nạn|cứu hộ|công an|cứu hỏa|chữa cháy|cấp cứu|cảnh sát)", re.IGNORECASE)
_CHAIN = re.compile(r"(?:\d{3,5}\s*(?:,|và|hoặc|hay|/|-|–|;)\s*)+(?:số )?\Z")
_ALONE = words("112|113|114|115")
_EMERGENCY = words("111|112|113|114|115|1022|1800|1900|1080")
_TAIL = COUNTED_AFTER | words("""
đồng|hộ|lượt|cuộc|con|cây|ha|tấn|kg|km|m|m2|trường hợp|ca|suất|phần|thanh niên|công dân|lao động|quân nhân|chiến sĩ|cháu
trẻ|em|khách
""")


def grouped(written: str) -> str:
    """Digits by name, a comma where the writer separated groups; an unbroken mobile number is cut 4-3-3."""
    plus = "cộng " if written.lstrip("(").startswith("+") else ""
    groups = [part for part in _SEPARATOR.split(written.replace("+", "")) if part]
    if len(groups) == 1 and len(groups[0]) in {8, 10}:
        groups = (
            [groups[0][:4], groups[0][4:7], groups[0][7:]] if len(groups[0]) == 10 else [groups[0][:4], groups[0][4:]]
        )
    return plus + ", ".join(digits(group) for group in groups)


def _phone(match: re.Match[str], _text: str) -> str | None:
    numbers = [number.strip() for number in match[0].split("/")]
    lengths = [sum(one.isdecimal() for one in number) for number in numbers]
    return " hoặc ".join(map(grouped, numbers)) if all(9 <= length <= 13 for length in lengths) else None


def _service(match: re.Match[str], _text: str) -> str | None:
    count = sum(one.isdecimal() for one in match[0])
    return grouped(match[0]) if 6 <= count <= 10 else None


def _short(match: re.Match[str], text: str) -> str | None:
    if begins_with(words_after(text, match.end(), 2), _TAIL):
        return None
    before = _CHAIN.sub("", text[max(0, match.start() - 60) : match.start()].rpartition("\n")[2])
    if match[0] in _ALONE and text.strip() == match[0]:
        return digits(match[0])
    if match[0] not in _EMERGENCY:
        return digits(match[0]) if _HOTLINE.search(before[-26:]) else None
    said = match[0] == "1022" or before.strip().lower() == "số" or _SERVED.match(text, match.end())
    called = said or _CALLING.search(before[-50:]) or _REPORTING.search(before)
    return digits(match[0]) if called else None


def _account(match: re.Match[str], text: str) -> str | None:
    if not _NAMING.search(text, max(0, match.start() - 40), match.start()):
        return None
    return grouped(match[0])


def _zero_led(match: re.Match[str], _text: str) -> str:
    return digits(match[0])


_END = r"(?!\w)(?![.,]\d)"

_SOLID = r"(?:\(?\+84\)?[ .\-]?\d{9,10}|0\d{9,10})(?!\d)"
_SPACED = r"(?:\(\+?\d{2,4}\)|\+84|0084|84(?=-)|0\d{1,4})(?:[ .\-]{1,2}\d{1,8}){1,4}(?!\d)"

RULES = (
    Rule("account", re.compile(rf"(?<![\w.,/])\d{{3,}}(?:[ .\-]\d{{3,}})*{_END}"), _account),
    Rule("phone", re.compile(rf"(?<![\w.,+/]){_SOLID}(?: ?/ ?{_SOLID})*{_END}"), _phone),
    Rule("phone", re.compile(rf"(?<![\w.,+/]){_SPACED}(?: ?/ ?{_SPACED})*{_END}"), _phone),
    Rule("phone", re.compile(rf"(?<![\w.,/])1[89]00(?:[ .\-]?\d{{2,6}}){{1,3}}{_END}"), _service),
    Rule("short-number", re.compile(rf"(?<![\w.,])(?:1\d{{2,4}}|[89]\d{{3}}){_END}(?!/\d{{4}})"), _short),
    Rule("code", re.compile(rf"(?<![\w.,/\-])0\d{{3,}}{_END}"), _zero_led),
)
