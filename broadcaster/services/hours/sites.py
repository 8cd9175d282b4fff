"""Schools and clinics near which loudspeakers are silent at hours of their own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.domain import rules_of_the_air
from broadcaster.domain.audience import Place
from broadcaster.domain.errors import BadPlace, Malformed, NotFound, RulesLeaveNothing
from broadcaster.domain.permissions import Action
from broadcaster.domain.rules.chain import quiet_rules
from broadcaster.domain.rules.instants import instant
from broadcaster.domain.rules.tightening import leaves_nothing
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.hours import renewing
from broadcaster.services.hours.book import Book
from broadcaster.services.ids import new_id
from broadcaster.store import places
from broadcaster.store import rules as stored
from broadcaster.store.tables import Site
from firmware_config.protocol import in_force

KINDS = ("school", "clinic", "other")
FARTHEST_M = 5_000


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What is written about a site: with a place the speakers within `radius_m` are bound, without one all."""

    name: str
    kind: str
    hours: Sequence[Mapping[str, Any]]
    """Its quiet hours, as firmware_config.protocol.Hours writes each."""
    latitude: float | None = None
    longitude: float | None = None
    radius_m: int | None = None


def add(session: Session, actor: Actor, unit_id: str, facts: SiteFacts, *, now: datetime) -> Site:
    """A new site of a unit, whose quiet hours hold at once.

    Raises NotAllowed, Malformed, BadPlace, RulesBackwards, RulesLeaveNothing, UnknownUnit.
    """
    actor.require(Action.TEND_UNITS, places.path(session, unit_id))
    site = Site(id=new_id(now), unit_id=unit_id, created_by=actor.person_id, created_at=now)
    _write(session, site, facts, now)
    session.add(site)
    session.flush()
    return _changed(session, actor, "site_add", site, now)


def change(session: Session, actor: Actor, site_id: str, facts: SiteFacts, *, now: datetime) -> Site:
    """The same site written anew. Raises what `add` raises, and NotFound."""
    site = _mine(session, actor, site_id)
    _write(session, site, facts, now)
    session.flush()
    return _changed(session, actor, "site_change", site, now)


def remove(session: Session, actor: Actor, site_id: str, *, now: datetime) -> Site:
    """Its quiet hours hold no longer. Raises NotAllowed, NotFound."""
    site = _mine(session, actor, site_id)
    site.removed_at = now
    session.flush()
    return _changed(session, actor, "site_remove", site, now)


def of_unit(session: Session, actor: Actor, unit_id: str) -> list[Site]:
    """The sites of a unit and of the units above it, which bind its speakers too. Raises NotAllowed, UnknownUnit."""
    path = places.path(session, unit_id)
    actor.require(Action.SEE, path)
    return stored.sites(session, path)


def seen(session: Session, units: Collection[str], site_id: str) -> Site:
    """One site of these units that stands. Raises NotFound for any other."""
    site = session.get(Site, site_id)
    if site is None or site.removed_at is not None or site.unit_id not in units:
        raise NotFound(what="site", id=site_id)
    return site


def _mine(session: Session, actor: Actor, site_id: str) -> Site:
    site = session.get(Site, site_id)
    if site is None or site.removed_at is not None:
        raise NotFound(what="site", id=site_id)
    actor.require(Action.TEND_UNITS, places.path(session, site.unit_id))
    return site


def _write(session: Session, site: Site, facts: SiteFacts, now: datetime) -> None:
    name = line(facts.name)
    if not 1 <= len(name) <= 200:
        raise Malformed(field="name", problem="1–200")
    if facts.kind not in KINDS:
        raise Malformed(field="kind", problem=" | ".join(KINDS))
    _check_place(facts)
    quiet = rules_of_the_air.parse({"quiet": list(facts.hours)}).quiet
    if not quiet:
        raise Malformed(field="hours", problem="–")
    book = Book(session, now)
    chain = in_force(book.chain(Place("", site.unit_id)), instant(now))
    if leaves_nothing([*chain, *quiet_rules(quiet, book.zone(site.unit_id))]):
        raise RulesLeaveNothing(unit=book.names[site.unit_id])
    site.name, site.kind = name, facts.kind
    site.latitude, site.longitude, site.radius_m = facts.latitude, facts.longitude, facts.radius_m
    site.quiet = {"hours": [window.to_json() for window in quiet]}


def _check_place(facts: SiteFacts) -> None:
    given = (facts.latitude, facts.longitude, facts.radius_m)
    if given == (None, None, None):
        return
    latitude, longitude, radius = given
    if latitude is None or longitude is None or not -90 <= latitude <= 90 or not -180 <= longitude <= 180:
        raise BadPlace(place=f"{latitude}, {longitude}")
    if radius is None or not 1 <= radius <= FARTHEST_M:
        raise Malformed(field="radius", problem=f"1–{FARTHEST_M} m")


def _changed(session: Session, actor: Actor, action: str, site: Site, now: datetime) -> Site:
    details = {"site": site.name, "kind": site.kind, "quiet": site.quiet}
    audit.record(session, actor, action, ("unit", site.unit_id), now=now, unit=site.unit_id, details=details)
    renewing.rules_changed(session, [site.unit_id], now=now)
    return site
