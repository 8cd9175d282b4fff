"""Words people read: English ids, Vietnamese first; the .po catalogues are compiled in memory."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_location
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from broadcaster.domain.languages import find

LANGUAGES = {"vi": "Tiếng Việt", "en": "English", "fr": "Français"}
DEFAULT = "vi"
FOLDER = Path(__file__).parent / "locale"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

# How an official writes a moment in each language, in Babel's letters.
DATE_TIME = {"vi": "HH:mm EEEE, dd/MM/yyyy", "en": "EEEE d MMMM yyyy, HH:mm", "fr": "EEEE d MMMM yyyy, HH:mm"}
DATE = {"vi": "EEEE, dd/MM/yyyy", "en": "EEEE d MMMM yyyy", "fr": "EEEE d MMMM yyyy"}


def po_file(language: str) -> Path:
    """Where the catalogue of one language lies."""
    return FOLDER / language / "LC_MESSAGES" / "loa.po"


def catalogue(language: str) -> Catalog:
    """The catalogue as it is written, with its fuzzy marks."""
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


@cache
def translations(language: str) -> Translations:
    """The catalogue compiled; an unknown language is read as Vietnamese."""
    compiled = BytesIO()
    write_mo(compiled, catalogue(language if language in LANGUAGES else DEFAULT))
    compiled.seek(0)
    return Translations(compiled, domain="loa")


def say(language: str, message: str, **params: object) -> str:
    """One message in one language, its `%(name)s` places filled."""
    text = translations(language).ugettext(message) if message else ""
    return text % params if params else text


def language_name(reader: str, tag: str) -> str:
    """What a language is called in the reader's own; the tag of one nobody declared."""
    found = find(tag)
    return found.name(reader) if found else tag


def choose(accepted: str | None) -> str:
    """The best of our languages for an Accept-Language header; Vietnamese when it names none of them."""
    wishes = [_wish(part) for part in (accepted or "")[:200].split(",")]
    ours = [(weight, language) for language, weight in wishes if language in LANGUAGES and weight > 0]
    return max(ours, key=lambda wish: wish[0])[1] if ours else DEFAULT


def _wish(part: str) -> tuple[str, float]:
    tag, _, rest = part.strip().partition(";")
    try:
        weight = float(rest.strip().removeprefix("q=")) if rest else 1.0
    except ValueError:
        weight = 0.0
    return tag.partition("-")[0].strip().lower(), weight


def moment(language: str, at: datetime | None, *, now: datetime | None = None) -> str:
    """A moment on the village's clock; of today and tomorrow only the hour and that word."""
    if at is None:
        return ""
    here = at.astimezone(ZONE)
    day = _near_day(here.date(), now.astimezone(ZONE).date()) if now else ""
    if day:
        return f"{here:%H:%M} {say(language, day)}"
    return str(format_datetime(here, DATE_TIME[language], locale=language))


def _near_day(day: date, today: date) -> str:
    names: Iterable[tuple[int, str]] = ((0, "today"), (1, "tomorrow"), (-1, "yesterday"))
    return next((name for days, name in names if day == today + timedelta(days=days)), "")


def day(language: str, at: datetime) -> str:
    """The date on the village's clock, with its weekday."""
    return str(format_date(at.astimezone(ZONE).date(), DATE[language], locale=language))


def clock_of(language: str, zone: str) -> str:
    """A time zone as people say it: “Giờ Việt Nam”; one that lies in no country by its name."""
    return str(get_timezone_location(zone, locale=language)) if "/" in zone else zone


def length(ms: int) -> str:
    """How long a sound is: minutes and seconds."""
    seconds = round(ms / 1000)
    return f"{seconds // 60}:{seconds % 60:02d}"


@lru_cache(maxsize=4_000)
def decimal(language: str, centi: int) -> str:
    """A level kept in hundredths, as people write it: −16,0."""
    return str(format_decimal(centi / 100, "0.0", locale=language)).replace("-", "−")


def megabytes(language: str, size: int) -> str:
    """Bytes as a SIM card's contract counts them, rounded up: 0,1."""
    return str(format_decimal(max(1, -(-size // 100_000)) / 10, "#,##0.0", locale=language))


@lru_cache(maxsize=4_000)
def whole(language: str, number: int) -> str:
    """A number as people write it: 33.000."""
    return str(format_decimal(number, locale=language))
