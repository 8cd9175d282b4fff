"""What the API takes and gives about rules of the air."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from broadcaster.domain.rules import stretches
from broadcaster.domain.rules.instants import when
from broadcaster.web.api.models import Given, Ref, Shown, Text

Minute = Annotated[int, Field(ge=0, le=1440)]
YearDay = Annotated[int, Field(ge=101, le=1231)]
Amount = Annotated[int, Field(ge=0, le=1440)]
Percent = Annotated[int, Field(ge=0, le=100)]


class Window(Given):
    """Hours of some weekdays (0 = Monday), in minutes since midnight, in one season (month × 100 + day)."""

    days: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)]
    start: Minute
    end: Minute
    first: YearDay = 101
    last: YearDay = 1231


class RuleFacts(Given):
    """Rules of the air; what is left out is the usual, and 0 holds nothing back."""

    hours: Annotated[list[Window], Field(max_length=50)] = Field(default_factory=list)
    volume_day: Percent = 100
    volume_night: Percent = 100
    night_start: Minute = 1260
    night_end: Minute = 300
    holidays: Literal["usual", "sunday", "silent"] = "usual"
    categories: Annotated[list[Ref], Field(max_length=50)] = Field(default_factory=list)
    sessions_day: Amount = 0
    session_minutes: Amount = 0
    day_minutes: Amount = 0
    pause_minutes: Amount = 0


class NewRules(Given):
    """A unit's next version; `since` left out means at once."""

    rules: RuleFacts
    since: AwareDatetime | None = None
    decision: Annotated[Text, Field(max_length=200)] = ""


class RuleSet(Shown):
    """One version of a unit's own rules."""

    id: str
    unit_id: str
    version: int
    since: datetime
    decision: str
    rules: dict[str, object]
    created_at: datetime


class Binding(Shown):
    """One set that binds a unit; "loa" are the usual rules, "loa-sites" the quiet hours of schools and clinics."""

    unit: str
    rules: Mapping[str, object]


class RulesAhead(Shown):
    """What binds a unit, and every version it wrote."""

    binding: list[Binding]
    own: list[RuleSet]


class Loss(Shown):
    """A planned airing that would be refused."""

    airing_id: str
    title: str
    planned_at: datetime
    speakers: int
    of: int
    reason: str


class Effect(Shown):
    """How many planned airings would be refused, and the first of them."""

    planned: int
    refused: int
    losses: list[Loss]


class Stretch(Shown):
    """From when to when it is open (`reason` null) or closed, and whose rules close it."""

    start: datetime
    end: datetime
    reason: str | None
    unit: str

    @classmethod
    def of(cls, one: stretches.Stretch) -> "Stretch":
        """The stretch with its times written out."""
        return cls(start=when(one.start), end=when(one.end), reason=one.bar, unit=one.unit)


class DayAhead(Shown):
    """24 hours, without gaps."""

    start: datetime
    end: datetime
    stretches: list[Stretch]


class NewSite(Given):
    """A school or clinic; with a place it binds the loudspeakers within `radius_m`, without one all of the unit."""

    name: Annotated[Text, Field(max_length=200)]
    kind: Literal["school", "clinic", "other"]
    hours: Annotated[list[Window], Field(min_length=1, max_length=50)]
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    radius_m: Annotated[int, Field(ge=1, le=5000)] | None = None


class Site(Shown):
    """A school or clinic with its quiet hours."""

    id: str
    unit_id: str
    name: str
    kind: str
    quiet: dict[str, object]
    latitude: float | None
    longitude: float | None
    radius_m: int | None
    removed_at: datetime | None


class NewOverride(Given):
    """One announcement, from when to when it may be heard outside the rules, and why."""

    announcement: Ref
    starts: AwareDatetime
    ends: AwareDatetime
    reason: Annotated[Text, Field(max_length=1000)]


class Override(Shown):
    """An exception; `granted` is null until somebody has decided."""

    id: str
    unit_id: str
    announcement_id: str
    starts: datetime
    ends: datetime
    reason: str
    asked_by_name: str
    asked_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    granted: bool | None
    ended_at: datetime | None
