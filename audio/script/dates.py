"""Dates as written in notices: whole, short, months of a year, ranges; and when "2/3" is a date at all."""

import re

from audio.script.context import begins_with, ends_with, words_after, words_before
from audio.script.figures import DASH
from audio.script.numbers import cardinal
from audio.script.pipeline import Rule
from audio.script.words_dates import (
    ADDRESS_BEFORE,
    COUNTED_AFTER,
    DATE_BEFORE,
    DAY_PARTS,
    FESTIVALS,
    FRACTION_AFTER,
    FRACTION_BEFORE,
    NAMED_AFTER_DATES,
    NEVER_DATES,
    SAYS_DAY,
    USUAL_FRACTIONS,
)

_D, _M, _Y = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"[12]\d{3}"
_LEFT, _RIGHT = r"(?<![\w/.,-])", r"(?![\w/]|[.,-]\d)"
_RECENT = r"(?:19|20)\d\d"
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY_OR_DATE = r"\d{1,2}(?:/\d{1,2})?"
_JOINT = r"\s*(?:[,–-]|và|hoặc)\s*"
_LISTED = re.compile(
    rf"(?:ngày|mùng|mồng)\s+{_DAY_OR_DATE}(?:{_JOINT}(?:ngày )?{_DAY_OR_DATE})*{_JOINT}\Z",
    re.IGNORECASE,
)
_AND_DATE = re.compile(r"/\d{1,2}\s+(?:và|hoặc)\s+\Z")
_UNTIL = re.compile(r"\d{1,2}/\d{1,2}\s*(?:đến|tới)\s*(?:hết )?\Z")


def month(number: int) -> str:
    """The month's name without the word tháng; the fourth is "tư"."""
    return "tư" if number == 4 else cardinal(number)


def _exists(day: str, in_month: str) -> bool:
    return 1 <= int(in_month) <= 12 and 1 <= int(day) <= _DAYS[int(in_month) - 1]


def _said(day: str | None, in_month: str | None = None, year: str | None = None) -> str:
    words = [f"ngày {cardinal(int(day))}"] if day else []
    words += [f"tháng {month(int(in_month))}"] if in_month else []
    words += [f"năm {cardinal(int(year))}"] if year else []
    return " ".join(words)


def _trim(words: str, text: str, at: int) -> str:
    """Leave out the leading "ngày" or "tháng" where the writer has put it, or where a street is named after a day."""
    before = words_before(text, at, 3)
    last = before.rpartition(" ")[2]
    first, _, rest = words.partition(" ")
    if first == "tháng":
        return rest if last == "tháng" else words
    if last in SAYS_DAY or ends_with(before, NAMED_AFTER_DATES):
        return rest
    listed = _LISTED.search(text, max(0, at - 50), at) and not _AND_DATE.search(text, max(0, at - 12), at)
    return rest if listed else words


def _whole(match: re.Match[str], text: str) -> str | None:
    day, in_month, year = match["d"], match["m"], match["y"]
    return _trim(_said(day, in_month, year), text, match.start()) if _exists(day, in_month) else None


def _short_year(match: re.Match[str], text: str) -> str | None:
    """ "25/11/26", "12/3/85": the century is the one that makes sense in a village."""
    year = f"{'20' if match['y'] < '50' else '19'}{match['y']}"
    in_calendar = _exists(match["d"], match["m"])
    return _trim(_said(match["d"], match["m"], year), text, match.start()) if in_calendar else None


def _lunar(match: re.Match[str], text: str) -> str | None:
    day, in_month = match["d"], match["m"]
    return _trim(_said(day, in_month), text, match.start()) if _exists(day, in_month) else None


def _range(match: re.Match[str], text: str) -> str | None:
    d1, m1, y1, d2, m2, y2 = match["d"], match["m"], match["y"], match["d2"], match["m2"], match["y2"]
    if not (_exists(d1, m1 or m2) and _exists(d2, m2)):
        return None
    joint = "và" if f"{int(d1)}/{m1 and int(m1)} {int(d2)}/{int(m2)}" in FESTIVALS else "đến"
    return _trim(f"{_said(d1, m1, y1)} {joint} {_said(d2, m2, y2)}", text, match.start())


def _dashed(match: re.Match[str], _text: str) -> str | None:
    """ "ngày 20-10" is a date; "ngày 10-12" is more often three days."""
    backwards = int(match["d"]) > int(match["m"])
    return (
        _said(match["d"], match["m"]).removeprefix("ngày ") if backwards and _exists(match["d"], match["m"]) else None
    )


def _backwards(match: re.Match[str], text: str) -> str | None:
    """ "20-11" cannot be a range; before a unit it is one all the same, written downwards."""
    before = words_before(text, match.start(), 3)
    ends = not re.match(r" ?[%°\w]", text[match.end() :]) and not ends_with(before, NEVER_DATES)
    dated = ends or ends_with(before, DATE_BEFORE)
    return _trim(_said(match["d"], match["m"]), text, match.start()) if dated else None


def _months(match: re.Match[str], text: str) -> str | None:
    if ends_with(words_before(text, match.start(), 2), ADDRESS_BEFORE):
        return None
    first, last, year = match["m"], match["m2"], match["y"]
    words = _said(None, first, None if last else year)
    return _trim(f"{words} đến {_said(None, last, year)}" if last else words, text, match.start())


def _pointed(match: re.Match[str], text: str) -> str | None:
    """ "sáng 2.9" is a date, "dài 2.9" is not."""
    dated = words_before(text, match.start(), 1) in SAYS_DAY | DAY_PARTS
    return _short(match, text) if dated else None


def _short(match: re.Match[str], text: str) -> str | None:
    day, in_month = match["d"], match["m"]
    if not _exists(day, in_month) or not _is_date(day, in_month, match, text):
        return None
    return _trim(_said(day, in_month), text, match.start())


def _is_date(day: str, in_month: str, match: re.Match[str], text: str) -> bool:
    before, after = words_before(text, match.start(), 3), words_after(text, match.end(), 3)
    if ends_with(before, ADDRESS_BEFORE):
        return False
    if ends_with(before, DATE_BEFORE) or _beside_dates(text, match.start()):
        return True
    if ends_with(before, FRACTION_BEFORE) or begins_with(after, FRACTION_AFTER | COUNTED_AFTER):
        return False
    return f"{day}/{in_month}" not in USUAL_FRACTIONS


def _beside_dates(text: str, at: int) -> bool:
    return any(form.search(text, max(0, at - 50), at) for form in (_UNTIL, _LISTED))


def _month_alone(match: re.Match[str], _text: str) -> str:
    return month(int(match["m"]))


def _spoken_year_range(match: re.Match[str], _text: str) -> str:
    return f"{cardinal(int(match['y']))} đến {cardinal(int(match['y2']))}"


def _of_year(match: re.Match[str], _text: str) -> str:
    return f"{cardinal(int(match['n']))} năm {cardinal(int(match['y']))}"


def _months_of(match: re.Match[str], _text: str) -> str:
    year = f" năm {cardinal(int(match['y']))}" if match["y"] else ""
    return f"{cardinal(int(match['n']))} tháng{year}"


RULES = (
    Rule(
        "quarter",
        re.compile(rf"(?<!\w)Q(?P<n>[1-4])/(?P<y>{_Y})(?!\w)"),
        lambda match, text: f"quý {_of_year(match, text)}",
    ),
    Rule(
        "months", re.compile(rf"(?<!\w)T(?P<m>{_M})\s*(?:{DASH}|đến)\s*T(?P<m2>{_M})/(?P<y>{_RECENT})(?!\w)"), _months
    ),
    Rule("quarter", re.compile(rf"(?i:(?<=quý ))(?P<n>[1-4])/(?P<y>{_Y})(?!\w)"), _of_year),
    Rule("month", re.compile(rf"(?<!\w)T\.?(?P<m>{_M})(?P<m2>)/(?P<y>{_RECENT})(?!\w)"), _months),
    Rule("months", re.compile(rf"{_LEFT}(?P<n>\d{{1,2}})T(?:/(?P<y>{_Y})(?!\w)|(?= đầu| cuối))"), _months_of),
    Rule(
        "date-range",
        re.compile(
            rf"{_LEFT}(?P<d>{_D})(?:/(?P<m>{_M})(?:/(?P<y>{_Y}))?)?\s*(?:{DASH}|÷)\s*"
            rf"(?P<d2>{_D})/(?P<m2>{_M})(?:/(?P<y2>{_Y}))?{_RIGHT}"
        ),
        _range,
    ),
    Rule("date", re.compile(rf"{_LEFT}(?P<d>{_D})(?P<s>[/.-])(?P<m>{_M})(?P=s)(?P<y>{_Y}){_RIGHT}"), _whole),
    Rule("date", re.compile(rf"{_LEFT}(?P<d>{_D}) ?/ ?(?P<m>{_M}) ?/ ?(?P<y>{_Y}){_RIGHT}"), _whole),
    Rule("date", re.compile(rf"{_LEFT}(?P<d>{_D})/(?P<m>{_M})/(?P<y>\d\d){_RIGHT}"), _short_year),
    Rule("date", re.compile(rf"{_LEFT}(?P<d>{_D})-(?P<m>{_M})(?= (?:âm lịch|dương lịch|ÂL|AL)(?!\w))"), _lunar),
    Rule("month", re.compile(rf"(?i:(?<=tháng ))(?P<m>{_M})(?P<m2>)-(?P<y>{_RECENT}){_RIGHT}"), _months),
    Rule("date", re.compile(rf"{_LEFT}(?P<y>{_Y})([-/])(?P<m>{_M})\2(?P<d>{_D}){_RIGHT}"), _whole),
    Rule("month", re.compile(rf"{_LEFT}(?P<m>{_M})(?:\s*{DASH}\s*(?P<m2>{_M}))?/(?P<y>{_RECENT}){_RIGHT}"), _months),
    Rule("date", re.compile(rf"{_LEFT}(?P<d>{_D})/(?P<m>{_M}){_RIGHT}"), _short),
    Rule("date", re.compile(rf"{_LEFT}(?P<d>{_D})\.(?P<m>{_M}){_RIGHT}"), _pointed),
    Rule("date", re.compile(rf"(?i:(?<=ngày ))(?P<d>{_D})-(?P<m>{_M}){_RIGHT}"), _dashed),
    Rule("date", re.compile(rf"{_LEFT}(?P<d>1[3-9]|2\d|3[01])-(?P<m>{_M}){_RIGHT}"), _backwards),
    Rule("month", re.compile(r"(?i:(?<=tháng ))(?P<m>0?4)(?![\d/]|[.,]\d)"), _month_alone),
    Rule(
        "years",
        re.compile(rf"{_LEFT}(?P<y>(?:19|20)\d\d)\s*(?:{DASH}|/)\s*(?P<y2>(?:19|20)\d\d){_RIGHT}"),
        _spoken_year_range,
    ),
)
