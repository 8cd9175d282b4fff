"""What a field of the rules says, in words."""

from broadcaster.domain.rules.tightening import Span, Wider
from broadcaster.domain.rules.words import CLOSED_DAY, DAYS, SEASON_DAY, season_day, span_words

FIELDS = {
    "sessions_day": {"vi": "{n} buổi một ngày", "en": "{n} sessions a day", "fr": "{n} séances par jour"},
    "session_minutes": {
        "vi": "{n} phút một buổi",
        "en": "{n} minutes a session",
        "fr": "{n} minutes par séance",
    },
    "day_minutes": {"vi": "{n} phút một ngày", "en": "{n} minutes a day", "fr": "{n} minutes par jour"},
    "pause_minutes": {
        "vi": "nghỉ {n} phút giữa hai buổi",
        "en": "a pause of {n} minutes",
        "fr": "une pause de {n} minutes",
    },
    "volume_day": {"vi": "âm lượng ban ngày {n} %", "en": "volume {n} % by day", "fr": "volume {n} % le jour"},
    "volume_night": {"vi": "âm lượng ban đêm {n} %", "en": "volume {n} % by night", "fr": "volume {n} % la nuit"},
}
SUBJECTS = {"vi": "các lĩnh vực đã nêu", "en": "the subjects it names", "fr": "les sujets qu’il nomme"}


def wider_words(found: Wider, language: str) -> str:
    """What is asked for: "04:00–05:00 thứ Hai"."""
    if isinstance(found.own, tuple):
        when = DAYS[language][found.day]
        if found.season != 101:
            when += f" ({SEASON_DAY[language].format(day=season_day(found.season))})"
        return f"{span_words([found.own])} {when}"
    return field_words(found.field, found.own, language)


def limit_words(found: Wider, language: str) -> str:
    """What is allowed: "05:00–21:00"."""
    if isinstance(found.limit, tuple):
        return hours_words(found.limit, language)
    return SUBJECTS[language] if found.field == "categories" else field_words(found.field, found.limit, language)


def field_words(field: str, number: int | str, language: str) -> str:
    """One number of the rules with what it counts."""
    return FIELDS[field][language].format(n=number) if field in FIELDS else str(number)


def hours_words(spans: tuple[Span, ...] | list[Span], language: str) -> str:
    """The hours of one day."""
    return span_words(spans) or CLOSED_DAY.in_(language)
