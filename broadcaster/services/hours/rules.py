"""The rules of the air of a unit, as they are set; `asking` says what they mean."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.domain import rules_of_the_air
from broadcaster.domain.audience import Place
from broadcaster.domain.errors import InThePast, RulesLeaveNothing, RulesWider
from broadcaster.domain.permissions import Action
from broadcaster.domain.rules.chain import still
from broadcaster.domain.rules.instants import instant, when
from broadcaster.domain.rules.limits import limit_words, wider_words
from broadcaster.domain.rules.tightening import Wider, leaves_nothing, wider
from broadcaster.domain.rules.words import said
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.hours import renewing
from broadcaster.services.hours.book import Book
from broadcaster.services.ids import new_id
from broadcaster.store import places
from broadcaster.store import rules as stored
from broadcaster.store.tables import RuleSet
from firmware_config.protocol import Rules, in_force


def standing(session: Session, unit_id: str, *, now: datetime) -> list[tuple[str, Rules]]:
    """The sets that bind a unit now or will, each with the unit they are of, the topmost first."""
    chain = Book(session, now).chain(Place("", unit_id))
    ruling = in_force(chain, instant(now))
    return [(rules.unit, rules) for rules in chain if rules in ruling or rules.since > instant(now)]


def sets(session: Session, actor: Actor, unit_id: str) -> list[RuleSet]:
    """Every version of a unit's own rules, the newest first. Raises UnknownUnit, NotAllowed."""
    actor.require(Action.SEE, places.path(session, unit_id))
    return stored.sets_of(session, unit_id)


def set(  # noqa: A001
    session: Session,
    actor: Actor,
    unit_id: str,
    rules: Mapping[str, Any],
    *,
    now: datetime,
    since: datetime | None = None,
    decision: str = "",
) -> RuleSet:
    """Write the next version of a unit's rules, in force from `since` (None = at once).

    Raises NotAllowed, Malformed, RulesBackwards, RulesWider, RulesLeaveNothing, InThePast, UnknownUnit, UnitCycle.
    """
    begins, parsed = tried(session, actor, unit_id, rules, now=now, since=since)
    row = RuleSet(
        id=new_id(now),
        unit_id=unit_id,
        version=parsed.version,
        since=begins,
        rules=parsed.to_json(),
        decision=line(decision)[:200],
        created_by=actor.person_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    details = {"version": row.version, "since": begins.isoformat(), "decision": row.decision, "rules": row.rules}
    audit.record(session, actor, "rules", ("unit", unit_id), now=now, unit=unit_id, details=details)
    renewing.rules_changed(session, [unit_id], now=now)
    return row


def tried(
    session: Session,
    actor: Actor,
    unit_id: str,
    rules: Mapping[str, Any],
    *,
    now: datetime,
    since: datetime | None = None,
) -> tuple[datetime, Rules]:
    """What `set` would write, and from when; raises what `set` raises and changes nothing."""
    path = places.path(session, unit_id)
    actor.require(Action.TEND_UNITS, path)
    book = Book(session, now)
    begins = _begins(since, now, book.zone(unit_id))
    version = stored.next_version(session, unit_id)
    facts = {"unit": unit_id, "zone": book.zone(unit_id), "version": version, "since": instant(begins)}
    parsed = rules_of_the_air.parse({**rules, **facts, "holiday_dates": []})
    above = [each for unit in path[:-1] for each in still(book.sets(unit), instant(begins))]
    if (found := wider(parsed, above)) is not None:
        raise _wider(book, found)
    if leaves_nothing([parsed, *(each for each in above if each.since <= instant(begins))]):
        raise RulesLeaveNothing(unit=book.names[unit_id])
    return begins, parsed


def _begins(since: datetime | None, now: datetime, zone: str) -> datetime:
    """A day that has begun means from now on; an earlier one is refused."""
    if since is not None and when(instant(since), zone).date() < when(instant(now), zone).date():
        raise InThePast(when=f"{when(instant(since), zone):%d/%m/%Y}")
    return max(since or now, now)


def _wider(book: Book, found: Wider) -> RulesWider:
    what, limit = (said(partial(each, found)) for each in (wider_words, limit_words))
    return RulesWider(above=book.names[found.unit], what=what, limit=limit)
