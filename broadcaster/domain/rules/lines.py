"""Rules of the air as lines that people read: what a line is about, and what it says."""

from collections.abc import Iterator

from broadcaster.domain.rules.limits import field_words
from broadcaster.domain.rules.words import clock, window_words
from firmware_config.protocol import Holidays, Rules

HEADS = {
    "hours": {"vi": "Giờ phát", "en": "Hours", "fr": "Heures"},
    "sessions": {"vi": "Buổi phát", "en": "Sessions", "fr": "Séances"},
    "holidays": {"vi": "Ngày lễ", "en": "Public holidays", "fr": "Jours fériés"},
    "volume": {"vi": "Âm lượng", "en": "Volume", "fr": "Volume"},
    "quiet": {"vi": "Giờ yên lặng", "en": "Quiet hours", "fr": "Heures de silence"},
    "categories": {"vi": "Lĩnh vực", "en": "Subjects", "fr": "Sujets"},
}
HOLIDAYS = {
    Holidays.USUAL: {"vi": "phát như ngày thường", "en": "as on any other day", "fr": "comme les autres jours"},
    Holidays.SUNDAY: {"vi": "phát theo giờ Chủ nhật", "en": "as on a Sunday", "fr": "comme un dimanche"},
    Holidays.SILENT: {"vi": "không phát", "en": "silent", "fr": "silence"},
}
VOLUME = {
    "vi": "ban ngày tối đa {day} %, ban đêm ({start}–{end}) tối đa {night} %",
    "en": "at most {day} % by day, {night} % by night ({start}–{end})",
    "fr": "au plus {day} % le jour, {night} % la nuit ({start}–{end})",
}


def lines(rules: Rules, language: str) -> list[tuple[str, list[str]]]:
    """What the rules say, by heading; what they leave open is not said."""
    said = (
        ("hours", [window_words(one, language) for one in rules.hours]),
        ("sessions", list(_limits(rules, language))),
        ("holidays", [HOLIDAYS[rules.holidays][language]] if rules.holidays is not Holidays.USUAL else []),
        ("volume", [volume_words(rules, language)] if min(rules.volume_day, rules.volume_night) < 100 else []),
        ("quiet", [window_words(one, language) for one in rules.quiet]),
    )
    return [(HEADS[head][language], texts) for head, texts in said if texts]


def volume_words(rules: Rules, language: str) -> str:
    """The ceilings by day and by night."""
    start, end = clock(rules.night_start), clock(rules.night_end)
    return VOLUME[language].format(day=rules.volume_day, night=rules.volume_night, start=start, end=end)


def _limits(rules: Rules, language: str) -> Iterator[str]:
    for name in ("sessions_day", "session_minutes", "day_minutes", "pause_minutes"):
        if getattr(rules, name):
            yield field_words(name, getattr(rules, name), language)
