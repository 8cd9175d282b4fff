"""What was really written down about a country's hours: kept beside the product, and read by the oracle alone."""

import math
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cache

import holidays

from firmware_config.protocol import Barred, Exempt, Holidays, Hours, Played, Rules, Sound
from tests.protocol.oracle import why_barred

USUAL = (Hours(tuple(range(7)), 5 * 60, 21 * 60),)
ALWAYS = (Hours(tuple(range(7)), 0, 24 * 60),)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a speaker hangs: its unit with all above it, that place's zone, and its coordinates."""

    path: tuple[str, ...]
    zone: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """A site's quiet hours, for all of a unit or within so many metres."""

    unit: str
    windows: tuple[Hours, ...]
    latitude: float | None = None
    longitude: float | None = None
    radius_m: float | None = None

    def binds(self, spot: Spot) -> bool:
        """Whether the speaker is near; where nobody knows how far it is, it counts as near."""
        if self.unit not in spot.path:
            return False
        if self.latitude is None or self.longitude is None or self.radius_m is None:
            return True
        if spot.latitude is None or spot.longitude is None:
            return True
        return _metres(self.latitude, self.longitude, spot.latitude, spot.longitude) <= self.radius_m


@dataclass(frozen=True, slots=True)
class View:
    """What somebody who looked at one moment knows about the hours of one speaker."""

    spot: Spot
    sets: tuple[Rules, ...]
    """In the order in which they were written."""
    quiet: tuple[Hours, ...]
    exempt: tuple[Exempt, ...]

    def why_barred(self, sound: Sound, heard: Collection[Played]) -> Barred | None:
        """What the oracle says to it."""
        return why_barred(self.in_force(sound.start), sound, heard, self.exempt)

    def in_force(self, at: int) -> tuple[Rules, ...]:
        """Of each unit the set begun last, written last; the usual hours while no unit has any."""
        latest: dict[str, Rules] = {}
        for one in self.sets:
            if one.since <= at and (one.unit not in latest or latest[one.unit].since <= one.since):
                latest[one.unit] = one
        found = [replace(one, since=0) for one in latest.values()]
        if not found:
            found = [Rules(1, self.spot.zone, USUAL)]
        if self.quiet:
            found.append(Rules(1, self.spot.zone, ALWAYS, quiet=self.quiet, unit="quiet"))
        return tuple(found)


@dataclass
class Chronicle:
    """All that was written and not refused."""

    sets: list[Rules] = field(default_factory=list)
    sites: dict[str, Quiet] = field(default_factory=dict)
    exempts: dict[str, tuple[str, Exempt]] = field(default_factory=dict)
    """By the exception's id, with the unit it was granted for."""

    def view(self, spot: Spot) -> View:
        """As it stands now."""
        return View(
            spot,
            tuple(_dated(one) for one in self.sets if one.unit in spot.path),
            tuple(window for site in self.sites.values() if site.binds(spot) for window in site.windows),
            tuple(one for unit, one in self.exempts.values() if unit in spot.path),
        )

    def last_above(self, path: tuple[str, ...]) -> Rules | None:
        """The set written last by the nearest of these units that has any."""
        for unit in reversed(path):
            for one in reversed(self.sets):
                if one.unit == unit:
                    return one
        return None


@cache
def free_days() -> tuple[int, ...]:
    """Every public holiday a simulated village may meet."""
    found = holidays.country_holidays("VN", years=range(2025, 2031))
    return tuple(sorted(int(day.strftime("%Y%m%d")) for day in found))


def _dated(rules: Rules) -> Rules:
    return rules if rules.holidays is Holidays.USUAL else replace(rules, holiday_dates=free_days())


def _metres(north: float, east: float, other_north: float, other_east: float) -> float:
    """By the haversine."""
    one, two = math.radians(north), math.radians(other_north)
    high, wide = (two - one) / 2, math.radians(other_east - east) / 2
    chord = math.sin(high) ** 2 + math.cos(one) * math.cos(two) * math.sin(wide) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(chord))
