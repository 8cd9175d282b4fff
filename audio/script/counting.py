"""Plain numbers: signs, ranges, shares, ordinals, sizes, and whatever figure is left."""

import re
import unicodedata

from audio.script.context import begins_with, ends_with, words_after, words_before
from audio.script.figures import DASH, NUMBER, figure
from audio.script.numbers import cardinal, coded, digits, ordinal
from audio.script.pipeline import Rule
from audio.script.tables import words
from audio.script.words_dates import ADDRESS_BEFORE, COUNTED_AFTER, DAY_PARTS, FRACTION_BEFORE, USUAL_FRACTIONS
from audio.script.words_units import UNITS

_LEFT, _RIGHT = r"(?<![\w.,])", r"(?![\w]|[.,]\d)"
_ORDINALS = re.compile(r"thứ\s+\d\s*(?:(?:,|và|hoặc|-|–)\s*(?:thứ )?\d\s*)*(?:,|và|hoặc)\s*\Z", re.IGNORECASE)
_PAPERS = words("""
đề án|chỉ thị|nghị quyết|nghị định|thông tư|quyết định|kế hoạch|công văn|công điện|mẫu|biểu mẫu|phụ lục|thông báo
hướng dẫn|kết luận|quy định|tờ trình|biểu|tờ khai
""")
_SCORES = words("tỷ số|tỉ số|thắng|thua|hòa|hoà")
_RATES = words("tỷ lệ|tỉ lệ")
_COUNTED_OFF = words("tổ|bản|thôn|khu|khu phố|lớp|đội|xóm|các ngày|khối|điều|khoản|tiểu khu|tdp|nhóm|bàn|phòng")
_NUMBER_NEXT = r" \d| [ivx]+\b| (?:hai|ba|tư|năm|sáu|bảy|nhật)\b"
_NOUNS = "ngày|tháng|thứ|quý|lớp|cấp|mùng|chủ|cn|năm|điều|khoản|tuần"
_NUMBERED = _PAPERS | {f"{paper} số" for paper in _PAPERS}
_VULGAR = {"½": "một phần hai", "⅓": "một phần ba", "⅔": "hai phần ba", "¼": "một phần tư", "¾": "ba phần tư"}
_LONG = 9
_POINTED = re.compile(r"\d+\.\d{1,2}")
_MEASURED = re.compile(rf" ?(?:{'|'.join(map(re.escape, UNITS))}|triệu|nghìn|ngàn|tỷ|tỉ|độ|lần)(?!\w)")
_SUM_BEFORE = r"(?:(?<=\dđ)|(?<=\dk)|(?<=\dtr)|(?<= tỷ)|(?<= đ)|(?<=đồng)|(?<=nghìn)|(?<=ngàn)|(?<=triệu))"
_SUM_AFTER = rf"{NUMBER} ?(?:đ|đồng|nghìn|ngàn|triệu|tr|tỷ|k)(?!\w)"


def _measured(written: str, text: str, end: int) -> str:
    """ "3.5 tấn" is said with "phẩy"; a point is only heard where nothing is measured, as in "công nghệ 4.0"."""
    pointed = _POINTED.fullmatch(written) and _MEASURED.match(text, end)
    return figure(written.replace(".", ",") if pointed else written)


def _negative(match: re.Match[str], _text: str) -> str:
    return f"âm {figure(match['n'])}"


def _range(match: re.Match[str], text: str) -> str:
    before = words_before(text, match.start(), 2)
    joint = " " if ends_with(before, _SCORES) else " đến "
    if ends_with(before, {"thứ"}):
        return f"{ordinal(int(match['low']))} đến thứ {ordinal(int(match['high']))}"
    return joint.join(_measured(match[end], text, match.end()) for end in ("low", "high"))


def _ratio(match: re.Match[str], text: str) -> str:
    before = words_before(text, match.start(), 2)
    joint = " " if ends_with(before, _SCORES) else " trên "
    return joint.join(figure(part) for part in match[0].split(":"))


def _until(match: re.Match[str], text: str) -> str | None:
    since = text[max(0, match.start() - 60) : match.start()].lower().rpartition("từ ")
    if ends_with(words_before(text, match.start(), 1), DAY_PARTS):
        return " đến "
    if match.string[match.start() - 1].isalnum():
        return None
    return " đến " if since[1] and not re.search(r"[.;\n]\s|đến", since[2]) else None


def _from_to(match: re.Match[str], text: str) -> str | None:
    """ "thứ 2 - thứ 6", "tháng 5 - tháng 9": the same word on both sides of the dash."""
    noun = match["noun"].lower()
    before = words_before(text, match.start(), 2)
    weekday = noun in {"chủ", "cn"} and re.search(r"(?:^thứ|\bt\d$)", before)
    return " đến " if weekday or before.partition(" ")[0] == noun else None


def _multiplier(match: re.Match[str], _text: str) -> str:
    return f"nhân {figure(match['n'])}"


def _listed(match: re.Match[str], text: str) -> str | None:
    """ "tổ 1,2,3": no decimals, but a list."""
    parts = match[0].split(",")
    if len(parts) < 3 and not ends_with(words_before(text, match.start(), 2), _COUNTED_OFF):
        return None
    weekdays = ends_with(words_before(text, match.start(), 1), {"thứ"})
    return ", ".join(ordinal(int(part)) if weekdays else figure(part) for part in parts)


def _series(match: re.Match[str], _text: str) -> str:
    return " ".join(figure(part) for part in re.split(DASH, match[0]))


def _chain(match: re.Match[str], _text: str) -> str:
    return " trên ".join(figure(part) for part in match[0].split("/"))


def _share(match: re.Match[str], text: str) -> str:
    top, bottom = match["top"], match["bottom"]
    before, after = words_before(text, match.start(), 2), words_after(text, match.end(), 2)
    said_over = f"{figure(top)} trên {figure(bottom)}"
    if ends_with(before, ADDRESS_BEFORE) and not ends_with(before, _RATES):
        return said_over
    if begins_with(after, COUNTED_AFTER) and f"{top}/{bottom}" not in USUAL_FRACTIONS:
        return said_over
    largest = 12 if ends_with(before, FRACTION_BEFORE) else 10
    if int(top) < int(bottom) <= largest:
        return f"{figure(top)} phần {ordinal(int(bottom))}"
    return said_over


def _ordinal(match: re.Match[str], text: str) -> str | None:
    leads = ends_with(words_before(text, match.start(), 1), {"thứ"})
    if leads or _ORDINALS.search(text, max(0, match.start() - 40), match.start()):
        return ordinal(int(match[0]))
    first = match[0] == "1" and text[match.end() : match.end() + 1] != "/"
    return "nhất" if first and ends_with(words_before(text, match.start(), 1), {"hạng"}) else None


def _weekday_list(match: re.Match[str], _text: str) -> str:
    return "thứ " + ", ".join(ordinal(int(day)) for day in re.findall(r"\d", match[0]))


def _weekdays(match: re.Match[str], _text: str) -> str:
    first = f"thứ {ordinal(int(match['a']))}"
    return f"{first} đến thứ {ordinal(int(match['b']))}" if match["b"] else first


def _times(match: re.Match[str], _text: str) -> str:
    return " nhân ".join(figure(part) for part in re.split(r"\s*[xX×*]\s*", match[0]))


def _leading_zero(match: re.Match[str], text: str) -> str | None:
    if not ends_with(words_before(text, match.start(), 3), _NUMBERED):
        return None
    return f"{coded(match['n'])} {match['letter']}".strip()


def _twice(match: re.Match[str], _text: str) -> str | None:
    said = figure(match["n"])
    return said if match["words"].lower() in {said, said.replace("linh", "lẻ")} else None


def _long(match: re.Match[str], text: str) -> str | None:
    money = begins_with(words_after(text, match.end(), 1), {"đồng", "đ", "vnđ", "vnd"})
    return None if money else digits(match[0])


def _plain(match: re.Match[str], text: str) -> str:
    return _measured(match[0], text, match.end())


def _leftover(match: re.Match[str], _text: str) -> str:
    if match[0] in _VULGAR:
        return _VULGAR[match[0]]
    return " ".join(cardinal(int(unicodedata.numeric(one))) for one in match[0])


EARLY = (
    Rule("twice", re.compile(rf"{_LEFT}(?P<n>\d{{1,4}}) ?\((?P<words>[^()\d]{{2,40}})\)"), _twice),
    Rule(
        "until",
        re.compile(rf"(?i)(?<=\w)\s*{DASH}\s*(?=(?P<noun>{_NOUNS})(?:{_NUMBER_NEXT}|(?<=cn)\b))"),
        _from_to,
    ),
    Rule("until", re.compile(rf"{_SUM_BEFORE}\s*{DASH}\s*(?={_SUM_AFTER})"), lambda _match, _text: " đến "),
    Rule("weekday", re.compile(r"(?<!\w)CN(?=, ?(?:ngày )?\d{1,2}[/-]\d)"), lambda _match, _text: "chủ nhật"),
    Rule("weekday", re.compile(r"(?<!\w)T[2-7](?:, ?[2-7])+(?![\w/])"), _weekday_list),
    Rule("weekday", re.compile(rf"(?<!\w)T(?P<a>[2-7])(?:\s*{DASH}\s*T?(?P<b>[2-7]))?(?![\w/]| đến T\d+/)"), _weekdays),
)

RULES = (
    Rule("leading-zero", re.compile(rf"{_LEFT}(?P<n>0\d{{1,2}})(?P<letter>[a-z]?){_RIGHT}(?![/-]\d)"), _leading_zero),
    Rule("ordinal", re.compile(rf"{_LEFT}\d{{1,3}}{_RIGHT}(?!\s*{DASH}\s*\d)"), _ordinal),
    Rule("until", re.compile(r"(?<=[\w\ue000]) [-–—] (?=\ue000)"), _until),
    Rule("list", re.compile(rf"{_LEFT}\d{{1,2}}(?:,\d{{1,2}})+{_RIGHT}"), _listed),
    Rule("times", re.compile(r"(?<![\w.,\ue000])(?<!\ue000 )[xX×](?P<n>\d+)(?!\w)"), _multiplier),
    Rule("ratio", re.compile(rf"{_LEFT}\d{{1,6}}(?::\d{{1,6}})+{_RIGHT}"), _ratio),
    Rule("times", re.compile(rf"{_LEFT}\d+(?:[.,]\d+)?(?: ?[x×] ?\d+(?:[.,]\d+)?)+"), _times),
    Rule("series", re.compile(rf"{_LEFT}\d{{1,3}}(?:{DASH}\d{{1,3}}){{2,}}{_RIGHT}"), _series),
    Rule("range", re.compile(rf"{_LEFT}(?P<low>{NUMBER})\s*(?:{DASH}|÷)\s*(?P<high>{NUMBER})(?!\w)"), _range),
    Rule("address", re.compile(rf"{_LEFT}\d{{1,4}}(?:/\d{{1,4}}){{2,}}(?![\w/])"), _chain),
    Rule("share", re.compile(rf"{_LEFT}(?P<top>\d{{1,4}})/(?P<bottom>\d{{1,4}})(?![\w/]|[.,]\d)"), _share),
    Rule("long", re.compile(rf"(?<![\w.,])\d{{{_LONG},}}(?!\w)"), _long),
    Rule("negative", re.compile(rf"(?<![\w\d)%\ue000])[-−](?P<n>{NUMBER})(?=[\ue000 ]*(?:\ue000|độ|%|°))"), _negative),
    Rule("negative", re.compile(rf"(?m)^[-−](?P<n>{NUMBER})$"), _negative),
    Rule("negative", re.compile(rf"(?<=[ (=:])(?<!\d )[-−](?P<n>{NUMBER})(?!\w)"), _negative),
    Rule("number", re.compile(NUMBER), _plain),
    Rule("number", re.compile(r"[²³¹⁰⁴-⁹₀-₉①-⑳½⅓⅔¼¾]"), _leftover),
)
