"""Roman numerals: where the words before them say so, or where nothing else can be meant."""

import re

from audio.script.context import ends_with, starts_line, words_before
from audio.script.figures import DASH
from audio.script.numbers import cardinal, ordinal
from audio.script.pipeline import Rule
from audio.script.tables import words

# A lone L, C, D or M after "nhóm" or "mục" is a letter.
_ROMAN = r"(?:[IVX]+|[IVXL]{2,})(?![A-ZĐ])"
_FORM = re.compile(r"M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})\Z")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_LEADS = words("""
giải|khu|quân khu|liên khu|quý|đại hội|đại hội đảng|chương|phần|mục|thế kỷ|thế kỉ|khóa|khoá|kỳ|kì|lần|hạng|loại|cấp
nhóm|bậc|tập|quyển|vùng|khu vực|đợt|giai đoạn|phụ lục|tổ|tiểu khu|học kỳ|học kì|hội nghị|bảng|cụm|bài|vòng
thế chiến|điều|nhiệm kỳ|chiến khu|quân đoàn|binh đoàn|cấp độ|mức độ|mức|toán|đội|đại đội|dạng|type|khối|hè
khóa họp|cột|biểu|phiên|đại hội lần
""")
_CHAIN = re.compile(rf"(?P<lead>[\w ]*?)\s*(?:{_ROMAN}\s*(?:,|và|hoặc|/|-|–)\s*)*\Z")
# Without a leading word only numerals that are no abbreviation, no size and no Vietnamese syllable are read.
_CLEAR = re.compile(r"(?:I{2,3}|IV|VI{2,3}|IX|X{1,2}(?:I{1,3}|IV|V|VI{1,3}|IX))\Z")

# "X. Chiềng Đông" is a commune, "X. Tổ chức thực hiện" the tenth heading.
_PLACE = re.compile(r"(?: [A-ZĐÂÔƠƯÁÀẢÃẠÉÈÊÍÌÓÒÚÙÝ][a-zà-ỹ]+){2}")


def value(written: str) -> int:
    """The number a Roman numeral stands for, 0 where it is none."""
    if not written or not _FORM.match(written):
        return 0
    numbers = [_VALUES[one] for one in written]
    pairs = zip(numbers, [*numbers[1:], 0], strict=True)
    return sum(-one if one < following else one for one, following in pairs)


def _led(text: str, at: int) -> str:
    """The word that announces a numeral, through "I, II và" if need be; empty where there is none."""
    chain = _CHAIN.search(text, max(0, at - 40), at)
    before = words_before(text, chain.end("lead") if chain else at, 3)
    last = before.rpartition(" ")[2]
    return last if last == "thứ" or ends_with(before, _LEADS) else ""


def _numeral(match: re.Match[str], text: str) -> str | None:
    number, last = value(match["n"]), int(value(match["n2"] or ""))
    lead = _led(text, match.start())
    if not number or not (lead or _CLEAR.match(match["n"])):
        return None
    read = ordinal if lead in {"thứ", "hạng", "giải"} else cardinal
    words = f"{read(number)} đến {read(last)}" if last else read(number)
    return f"{words} năm {cardinal(int(match['year']))}" if match["year"] else words


def _heading(match: re.Match[str], text: str) -> str | None:
    number = value(match["n"])
    if match[0] == "X." and _PLACE.match(text, match.end()):
        return None
    return f"{cardinal(number)}." if number and starts_line(text, match.start()) else None


RULES = (
    Rule("roman", re.compile(rf"(?<![\w.])(?P<n>{_ROMAN})[./)](?=\s)"), _heading),
    Rule(
        "roman",
        re.compile(
            rf"(?<![\w.&])(?P<n>{_ROMAN})(?:\s?{DASH}\s?(?P<n2>{_ROMAN}))?(?:/(?P<year>[12]\d{{3}}))?(?![\w&]|\.\w|-[A-ZĐ]\w)"
        ),
        _numeral,
    ),
)
