"""All that one pass of planning must know of the rules of the air, read when it is first asked for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from broadcaster.domain import delivery, rules_of_the_air
from broadcaster.domain.airing import begins
from broadcaster.domain.audience import Place, Tree
from broadcaster.domain.rules.chain import chain_of, has_limits, with_holidays
from broadcaster.domain.rules.free import Listener, laid_out
from broadcaster.domain.rules.instants import DAY_MS, instant, when
from broadcaster.domain.stagger import distance_m, vector
from broadcaster.store import places
from broadcaster.store import rules as stored
from broadcaster.store.tables import Airing, Announcement, Site
from firmware_config.protocol import Barred, Exempt, Hours, Kind, Klass, Millis, Played, Rules, Sound

BEHIND = timedelta(days=2)
"""Moments as long ago may still be judged: what a planner that was stopped finds when it wakes."""
NEAR = 2 * DAY_MS
UNHEARD = frozenset({delivery.State.CANCELLED, delivery.State.REFUSED, delivery.State.MISSED})


class Book:
    """The rules that hold for each speaker, and what it plays beside; forgets nothing and never looks again."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self._chains: dict[tuple[str, tuple[str, ...]], tuple[Rules, ...]] = {}
        self._chain_of: dict[Place, tuple[Rules, ...]] = {}
        self._plays: dict[str, dict[str, Played]] = {}
        self._limits: dict[int, bool] = {}

    def chain(self, place: Place) -> tuple[Rules, ...]:
        """Every dated set that binds the speaker, with holidays and the quiet hours of the sites near it."""
        if place not in self._chain_of:
            near = self.sites(place)
            key = (place.unit, tuple(site.id for site in near))
            if key not in self._chains:
                self._chains[key] = self._chain(place.unit, near)
            self._chain_of[place] = self._chains[key]
        return self._chain_of[place]

    def sites(self, place: Place) -> tuple[Site, ...]:
        """The sites whose quiet hours bind the speaker: of its units, all about it or near enough."""
        if not self._sites:
            return ()
        found = (site for unit in self.tree.path(place.unit) for site in self._sites.get(unit, ()))
        return tuple(site for site in found if self._is_near(site, place.speaker))

    def sets(self, unit: str) -> Sequence[Rules]:
        """All dated sets of the unit itself."""
        return self._sets.get(unit, ())

    def suppose(self, rules: Rules) -> None:
        """Judge from now on as if this set were one of its unit's."""
        self._sets.setdefault(rules.unit, []).append(rules)
        self._chains.clear()
        self._chain_of.clear()
        self._limits.clear()

    def exempt(self, place: Place, announcement_id: str) -> tuple[Exempt, ...]:
        """When the announcement may be heard there outside the rules."""
        found = self._exempts.get(announcement_id, ())
        path = self.tree.path(place.unit) if found else ()
        return tuple(one for unit, one in found if unit in path)

    def exempts(self, place: Place) -> tuple[Exempt, ...]:
        """The same for every announcement, in one order."""
        found = [one for announcement in self._exempts for one in self.exempt(place, announcement)]
        return tuple(sorted(found, key=lambda one: (one.announcement, one.start, one.end)))

    def heard(self, place: Place, start: datetime | None = None, *, but: str = "") -> tuple[Played, ...]:
        """What the speaker plays, one after the other: at all, or around `start`; not the airing `but`."""
        self._read_plays([place.speaker])
        plays = [play for airing, play in self._plays[place.speaker].items() if airing != but]
        if start is not None:
            plays = [play for play in plays if abs(play.start - instant(start)) < NEAR]
        return laid_out(plays)

    def note(self, airing: Airing, speakers: Iterable[str]) -> None:
        """The airing was planned on these speakers, so what is asked next must fit beside it."""
        for speaker in speakers:
            if speaker in self._plays and airing.klass != Klass.EMERGENCY and not airing.standby:
                start = instant(airing.begins) + self.stagger(speaker)
                self._plays[speaker][airing.id] = Played(start, start + airing.sound_ms)

    def forget(self, airing_id: str, speakers: Iterable[str]) -> None:
        """The airing is not planned on these speakers any more, or is to be judged anew before it is noted again."""
        self._read_plays(list(speakers))
        for speaker in speakers:
            self._plays[speaker].pop(airing_id, None)

    def bars(
        self, announcement: Announcement, audience: Sequence[Place], start: datetime, *, sound_ms: int, but: str = ""
    ) -> dict[str, Barred]:
        """Why which speakers may not play it then; those that may are not named. `but` = the airing judged again."""
        if is_alarm(announcement):
            return {}
        sound = sound_of(announcement, start, sound_ms)
        barred: dict[str, Barred] = {}
        for listener, speakers in self.listeners(announcement, audience, start, but=but):
            bar = listener.bars(sound)
            if bar is not None:
                barred |= dict.fromkeys(speakers, bar)
        return barred

    def listeners(
        self, announcement: Announcement, audience: Sequence[Place], start: datetime | None = None, *, but: str = ""
    ) -> list[tuple[Listener, list[str]]]:
        """The circumstances of the audience around a moment (None = always), each with the speakers that share them."""
        self._read_plays([place.speaker for place in audience if self.limited(place)])
        found: dict[object, tuple[Listener, list[str]]] = {}
        for place in audience:
            chain, late = self.chain(place), self.stagger(place.speaker)
            heard = self.heard(place, start, but=but) if self.limited(place) else ()
            exempt = self.exempt(place, announcement.id)
            # A chain is long and kept once, so its identity says enough.
            key = (id(chain), late, heard, exempt)
            found.setdefault(key, (Listener(chain, late, heard, exempt), []))[1].append(place.speaker)
        return list(found.values())

    def limited(self, place: Place) -> bool:
        """Whether what else it plays matters."""
        chain = self.chain(place)
        if id(chain) not in self._limits:
            self._limits[id(chain)] = has_limits(chain)
        return self._limits[id(chain)]

    def stagger(self, speaker: str) -> Millis:
        """How much later than planned it starts."""
        return self._spots[speaker].stagger_ms if speaker in self._spots else 0

    def zone(self, unit: str) -> str:
        """The zone that holds in a unit."""
        named = (self._zones[each] for each in reversed(self.tree.path(unit)) if each in self._zones)
        return next(named, rules_of_the_air.ZONE)

    def _chain(self, unit: str, near: Iterable[Site]) -> tuple[Rules, ...]:
        zone = self.zone(unit)
        year = when(instant(self.now), zone).year
        quiet = [Hours.from_json(window) for site in near for window in site.quiet["hours"]]
        since = instant(self.now - BEHIND)
        chain = chain_of(self.tree.path(unit), self._sets, quiet, since=since, zone=zone)
        return tuple(with_holidays(rules, year) for rules in chain)

    def _is_near(self, site: Site, speaker: str) -> bool:
        if site.latitude is None or site.longitude is None or site.radius_m is None:
            return True
        spot = self._spots.get(speaker)
        if spot is None or spot.latitude is None or spot.longitude is None:
            # Nobody knows how far it is, so it keeps quiet like the others of the unit.
            return speaker != ""
        return distance_m(vector(site.latitude, site.longitude), vector(spot.latitude, spot.longitude)) <= site.radius_m

    def _read_plays(self, speakers: Sequence[str]) -> None:
        missing = [speaker for speaker in speakers if speaker not in self._plays]
        if not missing:
            return
        self._plays |= {speaker: {} for speaker in missing}
        for row in stored.plays(self.session, missing, since=self.now - BEHIND, without=UNHEARD):
            expected = instant(begins(row.planned_at, row.hold_until)) + self.stagger(row.speaker_id)
            start = instant(row.started_at) if row.started_at else expected
            end = instant(row.finished_at) if row.finished_at else start + row.sound_ms
            self._plays[row.speaker_id][row.id] = Played(start, max(start, end))

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What every unit is called."""
        return places.names(self.session, self.tree.parents)

    @cached_property
    def tree(self) -> Tree:
        """The administrative tree."""
        return Tree({unit.id: unit.parent_id for unit in self.units.values()})

    @cached_property
    def units(self) -> Mapping[str, Row[Any]]:
        """What every unit says itself of its place, zone and languages."""
        return places.standings(self.session)

    @cached_property
    def _spots(self) -> Mapping[str, stored.Spot]:
        return stored.spots(self.session)

    @cached_property
    def _zones(self) -> Mapping[str, str]:
        return {unit.id: unit.zone for unit in self.units.values() if unit.zone is not None}

    @cached_property
    def _sets(self) -> dict[str, list[Rules]]:
        found: dict[str, list[Rules]] = defaultdict(list)
        for unit, rules in stored.sets(self.session):
            found[unit].append(replace(rules_of_the_air.parse(rules), unit=unit))
        return found

    @cached_property
    def _sites(self) -> Mapping[str, list[Site]]:
        found: dict[str, list[Site]] = defaultdict(list)
        for site in stored.sites(self.session):
            found[site.unit_id].append(site)
        return found

    @cached_property
    def _exempts(self) -> Mapping[str, list[tuple[str, Exempt]]]:
        found: dict[str, list[tuple[str, Exempt]]] = defaultdict(list)
        for row in stored.overrides(self.session, at=self.now - BEHIND):
            one = Exempt(row.announcement_id, instant(row.starts), instant(row.ends))
            found[row.announcement_id].append((row.unit_id, one))
        return found


def sound_of(announcement: Announcement, start: datetime, sound_ms: int) -> Sound:
    """The announcement as the rules see it."""
    kind, klass = Kind(announcement.kind), Klass(announcement.klass)
    return Sound(klass, kind, announcement.category, announcement.id, instant(start), sound_ms)


def is_alarm(announcement: Announcement) -> bool:
    """Whether nothing may hold it back."""
    return announcement.klass == Klass.EMERGENCY and announcement.kind == Kind.LIVE
