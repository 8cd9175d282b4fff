"""Hours and days in the words of a village: "05:00 sáng Chủ nhật", "05:30–06:00 thứ Hai–thứ Sáu"."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from broadcaster.domain.rules_of_the_air import EVERY_DAY
from broadcaster.domain.said import Said
from firmware_config.protocol import Hours

LANGUAGES = ("vi", "en", "fr")
DAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
DAILY = {"vi": "hằng ngày", "en": "every day", "fr": "tous les jours"}
# From which hour on the day is called so.
PARTS = {
    "vi": ((22, "đêm"), (18, "tối"), (13, "chiều"), (11, "trưa"), (3, "sáng"), (0, "đêm")),
    "en": ((22, "night"), (18, "evening"), (12, "afternoon"), (3, "morning"), (0, "night")),
    "fr": ((22, "nuit"), (18, "soir"), (12, "après-midi"), (3, "matin"), (0, "nuit")),
}
WHEN = {"vi": "{hour} {part} {day}", "en": "{hour} on {day} {part}", "fr": "{day} {part} à {hour}"}
SEASON = {"vi": "từ {first} đến {last}", "en": "from {first} to {last}", "fr": "du {first} au {last}"}
SEASON_DAY = {"vi": "ngày {day}", "en": "on {day}", "fr": "le {day}"}
CLOSED_DAY = Said({"vi": "ngày này không được phát", "en": "none on that day", "fr": "aucune ce jour-là"})
NONE_SOON = Said(
    {"vi": "không có trong 14 ngày tới", "en": "none in the coming 14 days", "fr": "aucun dans les 14 prochains jours"}
)


def said(speak: Callable[[str], str]) -> Said:
    """What `speak` says in each of our languages."""
    return Said({language: speak(language) for language in LANGUAGES})


def moment_words(at: datetime, language: str, *, dated: bool = False) -> str:
    """A moment on its own clock, with its weekday, and with its date where asked for."""
    part = next(name for hour, name in PARTS[language] if at.hour >= hour)
    text = WHEN[language].format(hour=f"{at:%H:%M}", part=part, day=DAYS[language][at.weekday()])
    return f"{text}, {at:%d/%m/%Y}" if dated else text


def clock(minute: int) -> str:
    """A minute of the day as the clock shows it; the last is 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def span_words(spans: Iterable[tuple[int, int]]) -> str:
    """Stretches of a day: "05:30–06:00, 17:00–17:30"."""
    return ", ".join(f"{clock(start)}–{clock(end)}" for start, end in spans)


def days_words(days: Sequence[int], language: str) -> str:
    """Weekdays: "thứ Hai–thứ Sáu", "thứ Bảy, Chủ nhật", "hằng ngày"."""
    chosen = sorted(set(days))
    if tuple(chosen) == EVERY_DAY:
        return DAILY[language]
    names = DAYS[language]
    if len(chosen) > 2 and chosen[-1] - chosen[0] == len(chosen) - 1:
        return f"{names[chosen[0]]}–{names[chosen[-1]]}"
    return ", ".join(names[day] for day in chosen)


def window_words(window: Hours, language: str) -> str:
    """One window with its days, and its season where it has one."""
    text = f"{span_words([(window.start, window.end)])} {days_words(window.days, language)}"
    if (window.first, window.last) == (101, 1231):
        return text
    return f"{text}, {SEASON[language].format(first=season_day(window.first), last=season_day(window.last))}"


def windows_words(windows: Iterable[Hours], language: str) -> str:
    """All windows, one behind the other."""
    return "; ".join(window_words(one, language) for one in windows) or "–"


def season_day(season: int) -> str:
    """A day of the year: "30/09"."""
    return f"{season % 100:02d}/{season // 100:02d}"
