"""The form in which rules are written: from stored ones, from what was sent, and to what the services take."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.domain.errors import Malformed
from broadcaster.domain.rules.words import clock, season_day
from broadcaster.domain.rules_of_the_air import EVERY_DAY
from broadcaster.web.asking import Posted
from broadcaster.web.labels import CATEGORY
from firmware_config.protocol import Hours, Rules

MOST_WINDOWS = 50
MIDNIGHT = 24 * 60
NUMBERS = ("sessions_day", "session_minutes", "day_minutes", "pause_minutes")
VOLUMES = ("volume_day", "volume_night")


@dataclass(frozen=True, slots=True)
class WindowForm:
    """One stretch of hours as it was typed."""

    days: tuple[int, ...] = ()
    start: str = ""
    end: str = ""
    first: str = ""
    last: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was filled in, so that it is left out."""
        return not (self.start or self.end)

    @property
    def seasonal(self) -> bool:
        """Whether it counts in one part of the year only."""
        return bool(self.first or self.last)


@dataclass(frozen=True, slots=True)
class RulesForm:
    """Everything in the form."""

    windows: tuple[WindowForm, ...] = ()
    numbers: tuple[tuple[str, str], ...] = tuple((name, "") for name in NUMBERS)
    volumes: tuple[tuple[str, str], ...] = tuple((name, "100") for name in VOLUMES)
    night_start: str = "21:00"
    night_end: str = "05:00"
    holidays: str = "usual"
    categories: tuple[str, ...] = ()
    since: str = ""
    decision: str = ""

    def rules(self) -> dict[str, Any]:
        """What rules.set takes. Raises Malformed for what is no hour, day or number."""
        return {
            "hours": windows_of(self.windows),
            **{name: _number(name, text or "0") for name, text in self.numbers},
            **{name: _number(name, text or "100") for name, text in self.volumes},
            "night_start": minute(self.night_start or "21:00"),
            "night_end": minute(self.night_end or "05:00"),
            "holidays": self.holidays,
            "categories": list(self.categories),
        }

    def begins(self, zone: str) -> datetime | None:
        """From when it shall hold; None = at once."""
        if not self.since:
            return None
        try:
            return datetime.fromisoformat(self.since).replace(tzinfo=ZoneInfo(zone))
        except ValueError:
            raise Malformed(field="since", problem=self.since[:40]) from None


def form_of(rules: Rules) -> RulesForm:
    """The form filled with rules that hold."""
    return RulesForm(
        windows=tuple(_window(one) for one in rules.hours),
        numbers=tuple((name, str(getattr(rules, name) or "")) for name in NUMBERS),
        volumes=tuple((name, str(getattr(rules, name))) for name in VOLUMES),
        night_start=clock(rules.night_start),
        night_end=clock(rules.night_end),
        holidays=rules.holidays,
        categories=rules.categories,
    )


def posted_rules(form: Posted) -> RulesForm:
    """What was sent, kept as it was typed."""
    return RulesForm(
        windows=posted_windows(form),
        numbers=tuple((name, form.line(name)) for name in NUMBERS),
        volumes=tuple((name, form.line(name)) for name in VOLUMES),
        night_start=form.line("night_start"),
        night_end=form.line("night_end"),
        holidays=form.line("holidays") or "usual",
        categories=tuple(one for one in form.lines("categories") if one in CATEGORY),
        since=form.line("since"),
        decision=form.line("decision"),
    )


def posted_windows(form: Posted) -> tuple[WindowForm, ...]:
    """The stretches of hours that were sent, the empty ones left out."""
    many = min(form.number("windows"), MOST_WINDOWS)
    found = (_posted_window(form, number) for number in range(many))
    return tuple(one for one in found if not one.empty)


def filled_up(windows: tuple[WindowForm, ...], spare: int = 1) -> tuple[WindowForm, ...]:
    """With empty ones behind them to be filled in."""
    return (*windows, *(WindowForm(EVERY_DAY),) * spare)


def windows_of(windows: tuple[WindowForm, ...]) -> list[dict[str, Any]]:
    """As firmware_config.protocol.Hours writes each. Raises Malformed."""
    return [_hours(one).to_json() for one in windows if not one.empty]


def typed_windows(windows: list[Hours]) -> tuple[WindowForm, ...]:
    """Stored windows as one would type them."""
    return tuple(_window(one) for one in windows)


def minute(text: str) -> int:
    """The minute of the day a clock shows. Raises Malformed."""
    hours, _, minutes = text.partition(":")
    whole = hours.isascii() and hours.isdigit() and minutes.isascii() and minutes[:2].isdigit() and len(text) <= 8
    if not whole or int(hours) > 24 or int(minutes[:2]) > 59:
        raise Malformed(field="hours", problem=text[:20])
    return int(hours) * 60 + int(minutes[:2])


def _hours(typed: WindowForm) -> Hours:
    # A field for hours knows no 24:00, so midnight at the end of a day is written as its beginning.
    end = minute(typed.end) or MIDNIGHT
    return Hours(typed.days, minute(typed.start), end, _season(typed.first, 101), _season(typed.last, 1231))


def _season(text: str, usual: int) -> int:
    day, slash, month = text.partition("/")
    if not text:
        return usual
    if not slash or not (day.isascii() and day.isdigit() and month.isascii() and month.isdigit()) or len(text) > 5:
        raise Malformed(field="season", problem=text[:20])
    return int(month) * 100 + int(day)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Malformed(field=name, problem=text[:20])
    return int(text)


def _window(one: Hours) -> WindowForm:
    seasonal = (one.first, one.last) != (101, 1231)
    typed = WindowForm(one.days, clock(one.start), clock(one.end % MIDNIGHT))
    return replace(typed, first=season_day(one.first), last=season_day(one.last)) if seasonal else typed


def _posted_window(form: Posted, number: int) -> WindowForm:
    days = tuple(sorted({int(day) for day in form.lines(f"days-{number}") if day in "0123456" and day}))
    start, end, first, last = (form.line(f"{name}-{number}") for name in ("start", "end", "first", "last"))
    return WindowForm(days, start, end, first, last)
