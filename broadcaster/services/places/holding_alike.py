"""One part's rules, languages and ways of approving, made those of the whole that it was merged into."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.rules.chain import still
from broadcaster.domain.rules.instants import instant
from broadcaster.domain.rules_of_the_air import DEFAULT, free_rein
from broadcaster.domain.wishes import Wish
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.hours.book import Book
from broadcaster.services.ids import new_id
from broadcaster.services.moments import moment
from broadcaster.store import places
from broadcaster.store import rules as stored
from broadcaster.store.tables import RuleSet, Unit
from firmware_config.protocol import Rules

SETTINGS = ("zone", "languages", "policy", "stand_in")


def hold_alike(session: Session, actor: Actor, wish: Wish, *, now: datetime) -> None:
    """Give the whole what held in `wish.as_in`, and let the parts say nothing of their own any more."""
    whole, source = wish.into or wish.id, session.get_one(Unit, wish.as_in)
    held = {name: getattr(source, name) for name in SETTINGS}
    rules, zone = _rules(session, wish.as_in, whole, now), Book(session, now).zone(whole)
    for unit_id in wish.units:
        unit = session.get_one(Unit, unit_id)
        before = {name: value for name in SETTINGS if (value := getattr(unit, name))}
        unit.zone, unit.languages, unit.policy, unit.stand_in = None, [], None, None
        if unit_id != whole and stored.sets_of(session, unit_id):
            _write(session, actor, free_rein(unit_id, zone), now)
        audit.record(session, actor, "as_whole", ("unit", unit_id), now=now, unit=unit_id, details={"before": before})
    unit = session.get_one(Unit, whole)
    for name, value in held.items():
        setattr(unit, name, value)
    for each in rules:
        _write(session, actor, each, now)
    session.flush()


def _rules(session: Session, source: str, whole: str, now: datetime) -> list[Rules]:
    """What holds in the source itself, now and later; where nobody wrote anything, the usual, lest everything hold."""
    book = Book(session, now)
    mine = still(book.sets(source), instant(now))
    above = [each for unit in places.path(session, whole)[:-1] for each in book.sets(unit)]
    usual = [] if mine or above else [replace(DEFAULT, zone=book.zone(source))]
    return [replace(each, unit=whole) for each in (usual or mine) if usual or source != whole]


def _write(session: Session, actor: Actor, rules: Rules, now: datetime) -> None:
    version, begins = stored.next_version(session, rules.unit), max(rules.since, instant(now))
    written = replace(rules, version=version, since=begins, holiday_dates=())
    row = RuleSet(
        id=new_id(now),
        unit_id=rules.unit,
        version=version,
        since=moment(begins),
        rules=written.to_json(),
        created_by=actor.person_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    details = {"version": version, "since": row.since.isoformat(), "rules": row.rules}
    audit.record(session, actor, "rules", ("unit", rules.unit), now=now, unit=rules.unit, details=details)
