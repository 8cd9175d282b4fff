"""The form in which a schedule is composed in plain words: from what was sent, from a row, and to a rule."""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.domain.errors import Malformed
from broadcaster.domain.schedule import Holidays, Kind, instant
from broadcaster.domain.schedule.rrules import WEEKDAYS, parse
from broadcaster.store.tables import Schedule
from broadcaster.web.asking import Posted
from broadcaster.web.labels import N_

PATTERNS = {
    "once": N_("Once"),
    "daily": N_("Every day"),
    "weekdays": N_("Monday to Friday"),
    "weekly": N_("On some days of the week"),
    "monthly": N_("On a day of the month"),
    "lunar": N_("On lunar days"),
    "feasts": N_("On feast days of the lunar year"),
    "yearly": N_("On a day of the year"),
    "holidays": N_("On public holidays"),
}
KEPT = "kept"
"""A rule that came from a program or a file and that this form cannot take apart: only its hours can be changed."""
LUNAR_DAYS = {"15": N_("Full moon (15th)"), "1": N_("New moon (1st)")}
FEASTS = {
    "12-23": N_("Kitchen Gods (23 of the twelfth month)"),
    "12-last": N_("New Year’s Eve (last day of the twelfth month)"),
    "1-1": N_("Lunar New Year, first day"),
    "1-2": N_("Lunar New Year, second day"),
    "1-3": N_("Lunar New Year, third day"),
    "1-15": N_("First full moon (15 of the first month)"),
    "3-10": N_("Hung Kings (10 of the third month)"),
    "7-15": N_("Vu Lan (15 of the seventh month)"),
    "8-15": N_("Mid-Autumn (15 of the eighth month)"),
}
HOLIDAYS = {
    Holidays.INCLUDE: N_("As on other days"),
    Holidays.SKIP: N_("Not on public holidays"),
    Holidays.ONLY: N_("Only on public holidays"),
}
WORKING = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{2})-(\d{2})")
DAY_OF_YEAR = re.compile(r"(\d{1,2})[/.-](\d{1,2})")


@dataclass(frozen=True, slots=True)
class ScheduleForm:
    """Everything in the form, as it was typed."""

    pattern: str = "weekdays"
    at: str = ""
    days: tuple[str, ...] = ()
    month_days: str = ""
    last_day: bool = False
    lunar: tuple[str, ...] = ("15", "1")
    feasts: tuple[str, ...] = ()
    day_of_year: str = ""
    times: tuple[str, ...] = ("05:30", "17:00")
    season_first: str = ""
    season_last: str = ""
    season_times: tuple[str, ...] = ()
    begins: str = ""
    ends: str = ""
    holidays: str = Holidays.INCLUDE
    excepted: str = ""
    also: str = ""
    kept: dict[str, Any] = field(default_factory=dict)
    schedule: str = ""

    def rule(self) -> dict[str, Any]:
        """What the services take; empty for once. Raises Malformed for a date that is none."""
        if self.pattern == "once":
            return {}
        chosen: dict[str, Any] = self._days() | {"times": [hour for hour in self.times if hour]}
        if self.season_first or self.season_last:
            first, last = (_number(name, getattr(self, name)) for name in ("season_first", "season_last"))
            hours = [hour for hour in self.season_times if hour]
            chosen["seasons"] = [{"first": first, "last": last, "times": hours}]
        if self.holidays in set(Holidays) and "holidays" not in chosen:
            chosen["holidays"] = self.holidays
        for name, typed in (("except", self.excepted), ("also", self.also)):
            if typed:
                chosen[name] = [_date(name, each).isoformat() for each in _pieces(typed)]
        return chosen

    def starts(self, zone: ZoneInfo) -> datetime | None:
        """When it begins: the moment itself for once, else the first minute of a day."""
        if self.pattern == "once":
            return _moment(self.at, zone) if self.at else None
        return instant(_date("begins", self.begins), time(), zone) if self.begins else None

    def until(self, zone: ZoneInfo) -> datetime | None:
        """The end of its last day."""
        if self.pattern == "once" or not self.ends:
            return None
        return instant(_date("ends", self.ends) + timedelta(days=1), time(), zone)

    def _days(self) -> dict[str, Any]:
        match self.pattern:
            case "daily":
                return {"rrule": "FREQ=DAILY"}
            case "weekdays":
                return {"rrule": WORKING}
            case "weekly":
                return {"rrule": f"FREQ=WEEKLY;BYDAY={','.join(self.days)}" if self.days else ""}
            case "monthly":
                days = [*_pieces(self.month_days), *(["-1"] if self.last_day else [])]
                return {"rrule": f"FREQ=MONTHLY;BYMONTHDAY={','.join(days)}" if days else ""}
            case "lunar":
                return {"lunar": list(self.lunar)}
            case "feasts":
                return {"lunar": list(self.feasts)}
            case "yearly":
                month, day = divmod(_number("day_of_year", self.day_of_year), 100)
                return {"rrule": f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}"}
            case "holidays":
                return {"holidays": Holidays.ONLY.value}
            case _:
                return {name: self.kept[name] for name in ("rrule", "lunar", "from") if name in self.kept}


LATER = ScheduleForm(pattern="later")
"""On the page on which it is written: no time is chosen yet."""


def posted_schedule(form: Posted, kept: dict[str, Any] | None = None) -> ScheduleForm:
    """What was sent, kept as it was typed; values no box of ours has are dropped."""
    pattern = form.line("pattern")
    known = {*PATTERNS, *([KEPT] if kept else [])}
    return ScheduleForm(
        pattern=pattern if pattern in known else "weekdays",
        at=form.line("at"),
        days=tuple(day for day in WEEKDAYS if day in form.lines("days")),
        month_days=form.line("month_days"),
        last_day=form.line("last_day") == "1",
        lunar=tuple(day for day in LUNAR_DAYS if day in form.lines("lunar")),
        feasts=tuple(day for day in FEASTS if day in form.lines("feasts")),
        day_of_year=form.line("day_of_year"),
        times=tuple(form.lines("times")[:6]),
        season_first=form.line("season_first"),
        season_last=form.line("season_last"),
        season_times=tuple(form.lines("season_times")[:3]),
        begins=form.line("begins"),
        ends=form.line("ends"),
        holidays=form.line("holidays") or Holidays.INCLUDE,
        excepted=form.line("except"),
        also=form.line("also"),
        kept=kept or {},
    )


def form_of_schedule(row: Schedule, zone: ZoneInfo, now: datetime) -> ScheduleForm:
    """A schedule as it is changed."""
    if row.kind == Kind.AT:
        return ScheduleForm(pattern="once", at=row.starts.astimezone(zone).strftime("%Y-%m-%dT%H:%M"), schedule=row.id)
    rule = row.rule
    form = _pattern(ScheduleForm(lunar=(), times=tuple(rule.get("times", ())), kept=dict(rule), schedule=row.id), rule)
    seasons = rule.get("seasons", ())
    if len(seasons) == 1:
        first, last = (f"{each % 100}/{each // 100}" for each in (seasons[0]["first"], seasons[0]["last"]))
        form = replace(form, season_first=first, season_last=last, season_times=tuple(seasons[0]["times"]))
    return replace(
        form,
        begins=_shown(row.starts.astimezone(zone).date()) if row.starts > now else "",
        ends=_shown((row.until - timedelta(microseconds=1)).astimezone(zone).date()) if row.until else "",
        holidays=rule.get("holidays", Holidays.INCLUDE) if form.pattern != "holidays" else Holidays.INCLUDE,
        excepted=", ".join(f"{date.fromisoformat(day):%d/%m/%Y}" for day in rule.get("except", ())),
        also=", ".join(f"{date.fromisoformat(day):%d/%m/%Y}" for day in rule.get("also", ())),
    )


def _pattern(form: ScheduleForm, rule: dict[str, Any]) -> ScheduleForm:
    text, lunar = rule.get("rrule", ""), tuple(rule.get("lunar", ()))
    if len(rule.get("seasons", ())) > 1 or (text and lunar):
        return replace(form, pattern=KEPT)
    if not text:
        if lunar and set(lunar) <= set(LUNAR_DAYS):
            return replace(form, pattern="lunar", lunar=lunar)
        if lunar and set(lunar) <= set(FEASTS):
            return replace(form, pattern="feasts", feasts=lunar)
        return replace(form, pattern=KEPT if lunar or rule.get("holidays") != Holidays.ONLY else "holidays")
    return _rule_pattern(form, text)


def _rule_pattern(form: ScheduleForm, text: str) -> ScheduleForm:
    days = parse(text)
    for changes in (
        {"pattern": "daily"},
        {"pattern": "weekdays"},
        {"pattern": "weekly", "days": tuple(WEEKDAYS[day] for _, day in days.weekdays)},
        _month_days(days.by.get("BYMONTHDAY", ())),
        {"pattern": "yearly", "day_of_year": _day_of_year(days.by)},
    ):
        tried = replace(form, **changes)
        # Only what the form would write again just so: nothing of a rule may be lost by opening it.
        if changes.get("day_of_year") != "" and tried._days().get("rrule") == text:  # noqa: SLF001
            return tried
    return replace(form, pattern=KEPT)


def _month_days(days: tuple[int, ...]) -> dict[str, Any]:
    listed = ",".join(str(day) for day in days if day > 0)
    return {"pattern": "monthly", "month_days": listed, "last_day": -1 in days}


def _day_of_year(by: Any) -> str:  # noqa: ANN401
    months, days = by.get("BYMONTH", ()), by.get("BYMONTHDAY", ())
    return f"{days[0]}/{months[0]}" if len(months) == len(days) == 1 and days[0] > 0 else ""


def _pieces(typed: str) -> list[str]:
    return [piece for piece in re.split(r"[\s,;]+", typed) if piece]


def _number(name: str, typed: str) -> int:
    found = DAY_OF_YEAR.fullmatch(typed)
    if found is None:
        raise Malformed(field=name, problem="2/9")
    return int(found[2]) * 100 + int(found[1])


def _date(name: str, typed: str) -> date:
    found = DATE.fullmatch(typed)
    try:
        if found is None:
            raise ValueError(typed)
        day, month, year, *iso = found.groups()
        return date(int(year), int(month), int(day)) if year else date(*(int(each) for each in iso))
    except ValueError as error:
        raise Malformed(field=name, problem="24/12/2026") from error


def _moment(typed: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(typed)
        return instant(at.date(), at.time(), zone)
    except ValueError:
        raise Malformed(field="at", problem=typed[:40]) from None


def _shown(day: date) -> str:
    """As the browser's own picker takes it."""
    return day.isoformat()
