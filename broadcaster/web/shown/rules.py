"""Rules of the air, sites and exceptions as a unit's page shows them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broadcaster.domain.permissions import Action
from broadcaster.domain.rules.chain import still
from broadcaster.domain.rules.instants import instant
from broadcaster.domain.rules.lines import lines
from broadcaster.domain.rules.words import windows_words
from broadcaster.domain.rules_of_the_air import DEFAULT, is_free_rein
from broadcaster.services.hours.book import Book
from broadcaster.services.hours.overrides import ALIVE
from broadcaster.store import rules as stored
from broadcaster.store.places import speakers_in_service
from broadcaster.store.tables import Airing, Announcement, Override, RuleSet, Site
from broadcaster.web.i18n import say
from broadcaster.web.labels import CATEGORY, N_
from broadcaster.web.shown.sight import Sight
from firmware_config.protocol import Hours, Rules

MOST_OFFERED = 50

SITE = {"school": N_("School"), "clinic": N_("Clinic"), "other": N_("Other place")}


@dataclass(frozen=True, slots=True)
class SetView:
    """One set of rules in words."""

    unit: str
    name: str
    since: datetime | None
    coming: bool
    decision: str
    version: int
    lines: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class SiteView:
    """A school or clinic."""

    id: str
    name: str
    kind: str
    hours: str
    radius_m: int | None
    unit_id: str
    unit: str
    speakers: int
    may_change: bool


@dataclass(frozen=True, slots=True)
class OverrideView:
    """An exception as it stands."""

    id: str
    announcement_id: str
    title: str
    unit_id: str
    unit: str
    starts: datetime
    ends: datetime
    reason: str
    asked_by: str
    decided_by: str
    granted: bool
    running: bool
    may_grant: bool
    may_refuse: bool
    may_end: bool


def rule_sets(session: Session, unit_id: str, language: str, now: datetime) -> list[SetView]:
    """What holds in a unit, its own and from above, in force and to come; the usual rules where nobody wrote any."""
    book = Book(session, now)
    views: list[SetView] = []
    for unit in reversed(book.tree.path(unit_id)):
        written = {row.version: row for row in stored.sets_of(session, unit)}
        mine = [rules for rules in still(book.sets(unit), instant(now)) if not is_free_rein(rules)]
        name = book.names[unit]
        views += [_set(written[rules.version], rules, name, language, now) for rules in mine]
    if all(view.coming for view in views):
        views.append(SetView("", "", None, coming=False, decision="", version=0, lines=_lines(DEFAULT, language)))
    return views


def _set(row: RuleSet, rules: Rules, name: str, language: str, now: datetime) -> SetView:
    return SetView(
        unit=row.unit_id,
        name=name,
        since=row.since,
        coming=row.since > now,
        decision=row.decision,
        version=row.version,
        lines=_lines(rules, language),
    )


def _lines(rules: Rules, language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = [(head, tuple(texts)) for head, texts in lines(rules, language)]
    if rules.categories:
        subjects = ", ".join(say(language, CATEGORY.get(one, one)) for one in rules.categories)
        found.append((say(language, N_("Subjects")), (subjects,)))
    return tuple(found)


def sites(session: Session, unit_id: str, seen: Sight, language: str, *, now: datetime) -> list[SiteView]:
    """The sites of a unit, of the units above it, and of those in it."""
    book = Book(session, now)
    units = {*seen.tree.path(unit_id), *seen.tree.under(unit_id)}
    bound = [site.id for place in speakers_in_service(session) for site in book.sites(place)]
    return [_site(one, seen, language, bound.count(one.id)) for one in stored.sites(session, units)]


def _site(site: Site, seen: Sight, language: str, speakers: int) -> SiteView:
    return SiteView(
        id=site.id,
        name=site.name,
        kind=say(language, SITE.get(site.kind, SITE["other"])),
        hours=windows_words([Hours.from_json(one) for one in site.quiet["hours"]], language),
        radius_m=site.radius_m,
        unit_id=site.unit_id,
        unit=seen.names_of(site.unit_id),
        speakers=speakers,
        may_change=seen.allows(Action.TEND_UNITS, site.unit_id),
    )


def overrides(session: Session, unit_id: str, seen: Sight, now: datetime) -> list[OverrideView]:
    """What is asked for, granted or running in a unit, above it and in it."""
    return overrides_in(session, {*seen.tree.path(unit_id), *seen.tree.under(unit_id)}, seen, now)


def overrides_in(session: Session, units: Collection[str], seen: Sight, now: datetime) -> list[OverrideView]:
    """What is asked for, granted or running in any of these units."""
    return _overrides(session, stored.overrides_of(session, units, at=now), seen, now)


def overrides_of_airing(session: Session, airing: Airing, seen: Sight, now: datetime) -> list[OverrideView]:
    """The exceptions that held for an airing at its moment, whether they are over by now or not."""
    mine = (Override.announcement_id == airing.announcement_id, Override.granted.is_(True))
    at = airing.planned_at
    held = (Override.starts <= at, Override.ends > at, or_(Override.ended_at.is_(None), Override.ended_at > at))
    rows = session.scalars(select(Override).where(*mine, *held).order_by(Override.starts, Override.id)).all()
    return _overrides(session, rows, seen, now)


def may_be_excepted(session: Session, seen: Sight) -> list[tuple[str, str]]:
    """Announcements that an exception may be asked for, with their titles, what was changed last first."""
    wanted = select(Announcement.id, Announcement.title).where(Announcement.state.in_(ALIVE), seen.announcements())
    wanted = wanted.where(Announcement.part_of_id.is_(None)).order_by(Announcement.updated_at.desc())
    return [(row.id, row.title) for row in session.execute(wanted.limit(MOST_OFFERED))]


def _overrides(session: Session, rows: Sequence[Override], seen: Sight, now: datetime) -> list[OverrideView]:
    wanted = select(Announcement).where(Announcement.id.in_([row.announcement_id for row in rows]))
    written = {announcement.id: announcement for announcement in session.scalars(wanted)} if rows else {}
    return [_override(row, written[row.announcement_id], seen, now) for row in rows]


def _override(row: Override, announcement: Announcement, seen: Sight, now: datetime) -> OverrideView:
    mine = seen.actor.person_id in {row.asked_by, announcement.author_id, *announcement.writers}
    return OverrideView(
        id=row.id,
        announcement_id=announcement.id,
        title=announcement.title,
        unit_id=row.unit_id,
        unit=seen.names_of(row.unit_id),
        starts=row.starts,
        ends=row.ends,
        reason=row.reason,
        asked_by=row.asked_by_name,
        decided_by=row.decided_by_name,
        granted=bool(row.granted),
        running=bool(row.granted) and row.ended_at is None and row.starts <= now < row.ends,
        may_grant=row.granted is None and not mine and seen.allows(Action.APPROVE, row.unit_id),
        may_refuse=row.granted is None
        and (seen.actor.person_id == row.asked_by or seen.allows(Action.APPROVE, row.unit_id)),
        may_end=bool(row.granted) and seen.allows(Action.WITHDRAW, row.unit_id),
    )
