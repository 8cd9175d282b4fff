"""The annex to a decision as a page: the rules a unit has last written, in Vietnamese."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.rules.annex import Clause, QuietSite, clauses
from broadcaster.domain.rules.instants import instant, when
from broadcaster.domain.rules_of_the_air import DEFAULT, parse
from broadcaster.services.hours.book import Book
from broadcaster.store import places
from broadcaster.store import rules as stored
from broadcaster.store.tables import Unit
from broadcaster.web.i18n import say
from broadcaster.web.labels import CATEGORY
from firmware_config.protocol import Hours

ISSUING = frozenset({"commune", "ward", "district", "province"})
"""Levels that have a people's committee."""


@dataclass(frozen=True, slots=True)
class Annex:
    """Everything on the sheet."""

    id: str
    unit: str
    committee: str
    decision: str
    since: str
    version: int
    clauses: tuple[Clause, ...]


def annex(session: Session, unit_id: str, now: datetime) -> Annex:
    """What is printed for a unit: its own newest rules, or those it stands under."""
    book = Book(session, now)
    lineage = places.lineage(session, unit_id)
    found = next((sets[0] for unit in reversed(lineage) if (sets := stored.sets_of(session, unit.id))), None)
    rules = parse(found.rules) if found else DEFAULT
    since = f"{when(instant(found.since), book.zone(unit_id)):%d/%m/%Y}" if found else ""
    subjects = {code: say("vi", text) for code, text in CATEGORY.items()}
    sites = [
        QuietSite(site.name, site.radius_m, [Hours.from_json(one) for one in site.quiet["hours"]])
        for site in stored.sites(session, {*book.tree.path(unit_id), *book.tree.under(unit_id)})
    ]
    return Annex(
        id=unit_id,
        unit=lineage[-1].name,
        committee=_committee(lineage),
        decision=found.decision if found else "",
        since=since,
        version=found.version if found else 0,
        clauses=tuple(clauses(rules, sites, subjects)),
    )


def _committee(lineage: list[Unit]) -> str:
    """Whose people's committee issues it: the nearest unit that has one."""
    return next((unit.name for unit in reversed(lineage) if unit.level in ISSUING), lineage[0].name)
