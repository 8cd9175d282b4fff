"""Changes of the tree: decided today, carried out today or by the tick on their day, or called off until then."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.domain import reorganising
from broadcaster.domain.errors import ChangeDoesNotFit, ChangeIsOver, InThePast, LoaError, NotAllowed, NotFound
from broadcaster.domain.land import Land, common_parent, path
from broadcaster.domain.permissions import Action, Role
from broadcaster.domain.reorganising import Held, Plan
from broadcaster.domain.schedule import zone_named
from broadcaster.domain.wishes import Kind, Trouble, Wish
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.ids import new_id
from broadcaster.services.people import people
from broadcaster.services.places import reshaping, units
from broadcaster.services.places.reshaping import Told
from broadcaster.store import places
from broadcaster.store.database import Database
from broadcaster.store.tables import Grant, UnitChange

log = structlog.get_logger(__name__)

WAITING = (UnitChange.applied_at.is_(None), UnitChange.cancelled_at.is_(None), UnitChange.problem == "")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A wish on the tree of this moment, and what it takes."""

    land: Land
    wish: Wish
    plan: Plan


def drawn(session: Session, actor: Actor, wish: Wish, *, roles: bool = True, asking: bool = True) -> Drawn:
    """What a wish would take now, perhaps before roles are answered for; changes nothing.

    Raises NotAllowed unless the actor tends every unit concerned.
    """
    land = places.land(session)
    for unit in _tended(land, wish):
        actor.require(Action.TEND_UNITS, path(land, unit))
        if wish.answers:
            actor.require(Action.TEND_PEOPLE, path(land, unit))
    known = held(session, land, wish) if roles else []
    return Drawn(land, wish, reorganising.plan(land, wish, known, asking=asking))


def decide(
    session: Session, actor: Actor, wish: Wish, *, day: date | None = None, decision: str = "", now: datetime
) -> UnitChange:
    """Change the tree: at once, or with a later `day` at its first moment in the zone of the units.

    Raises NotAllowed, ChangeDoesNotFit, InThePast.
    """
    found = drawn(session, actor, wish)
    fit(found)
    at = _effective(session, wish, day, now)
    change = UnitChange(
        id=new_id(now),
        unit_id=common_parent(found.land, wish.units) or wish.units[0],
        kind=wish.kind,
        plan=wish.to_json(),
        decision=line(decision)[:200],
        effective_at=at,
        made_by=actor.person_id,
        made_by_name=actor.name,
        made_at=now,
        applied_at=None if at > now else now,
    )
    session.add(change)
    session.flush()
    if at > now:
        _note_planned(session, actor, change, found, now)
    else:
        _carry_out(session, actor, change, found, now)
    return change


def call_off(session: Session, actor: Actor, change_id: str, *, now: datetime) -> UnitChange:
    """Drop a change before its day. Raises NotFound, NotAllowed, ChangeIsOver."""
    change = session.get(UnitChange, change_id, with_for_update=True)
    if change is None:
        raise NotFound(what="unit_change", id=change_id)
    wish, land = Wish.from_json(change.plan), places.land(session)
    for unit in _tended(land, wish):
        actor.require(Action.TEND_UNITS, path(land, unit))
    if change.applied_at or change.cancelled_at or change.problem:
        raise ChangeIsOver
    change.cancelled_at = now
    about = ("unit", change.unit_id)
    details = _told(land, wish, change)
    audit.record(session, actor, "change_called_off", about, now=now, unit=change.unit_id, details=details)
    return change


def carry_out_due(database: Database, *, now: datetime) -> int:
    """Carry out the changes whose day has come, each by itself, and say how many were; what no longer fits says why."""
    with database.read() as session:
        due = select(UnitChange.id).where(*WAITING, UnitChange.effective_at <= now)
        ids = session.scalars(due.order_by(UnitChange.effective_at, UnitChange.id)).all()
    return sum(_on_its_day(database, change_id, now) for change_id in ids)


def waiting(session: Session, concerned: Collection[str] | None = None) -> list[UnitChange]:
    """The changes that are planned, of these units (None = all), the next first."""
    rows = session.scalars(select(UnitChange).where(*WAITING).order_by(UnitChange.effective_at, UnitChange.id))
    return [row for row in rows if concerned is None or Wish.from_json(row.plan).concerned & set(concerned)]


def held(session: Session, land: Land, wish: Wish) -> list[Held]:
    """The roles on the units that are changed and on all above them."""
    above = sorted({each for unit in wish.units for each in path(land, unit)})
    rows = session.execute(select(Grant.id, Grant.role, Grant.unit_id).where(Grant.unit_id.in_(above)))
    return [Held(row.id, Role(row.role), row.unit_id) for row in rows]


def _tended(land: Land, wish: Wish) -> list[str]:
    """Whose owners must agree: every unit that is changed, and where it goes unless that was above it already."""
    found = [unit for unit in wish.units if unit in land]
    goes = wish.parent if wish.parent in land else ""
    if goes and (wish.kind is Kind.MOVE or any(goes not in path(land, unit) for unit in found)):
        found.append(goes)
    return found


def fit(found: Drawn) -> None:
    """Raise ChangeDoesNotFit for the first thing that stands against it."""
    for conflict in found.plan.conflicts:
        units = [conflict.unit] if conflict.unit else found.wish.units
        raise ChangeDoesNotFit(problem=conflict.trouble, unit=_names(found.land, units) or conflict.unit)


def _effective(session: Session, wish: Wish, day: date | None, now: datetime) -> datetime:
    zone = zone_named(units.zone_of(session, wish.units[0]))
    today = now.astimezone(zone).date()
    if day is None or day == today:
        return now
    if day < today:
        raise InThePast(when=f"{day:%d/%m/%Y}")
    return datetime.combine(day, time(), zone).astimezone(now.tzinfo)


def _on_its_day(database: Database, change_id: str, now: datetime) -> bool:
    try:
        with database.transaction() as session:
            mine = update(UnitChange).where(UnitChange.id == change_id, *WAITING).values(applied_at=now)
            if session.execute(mine.returning(UnitChange.id)).scalar() is None:
                return False
            change = session.get_one(UnitChange, change_id, populate_existing=True)
            actor = _actor(session, change, now)
            found = drawn(session, actor, Wish.from_json(change.plan), asking=False)
            fit(found)
            _carry_out(session, actor, change, found, now)
            return True
    except LoaError as error:
        log.warning(
            "a change of the tree was not carried out", action="change-failed", change=change_id, why=str(error)
        )
        with database.transaction() as session:
            _fail(session, change_id, _problem(error), now)
        return False


def _actor(session: Session, change: UnitChange, now: datetime) -> Actor:
    if change.made_by == SYSTEM.person_id:
        return SYSTEM
    try:
        return people.actor_of(session, change.made_by, origin=SYSTEM.origin, now=now)
    except NotFound as error:
        raise NotAllowed(action=Action.TEND_UNITS) from error


def _problem(error: LoaError) -> str:
    if isinstance(error, ChangeDoesNotFit):
        return str(error.params["problem"])
    return Trouble.NOT_ALLOWED if isinstance(error, NotAllowed) else error.code


def _fail(session: Session, change_id: str, problem: str, now: datetime) -> None:
    change = session.get_one(UnitChange, change_id, with_for_update=True)
    change.problem = problem
    details = _told(places.land(session), Wish.from_json(change.plan), change) | {"problem": problem}
    about = ("unit", change.unit_id)
    audit.record(session, SYSTEM, "change_failed", about, now=now, unit=change.unit_id, details=details)


def _carry_out(session: Session, actor: Actor, change: UnitChange, found: Drawn, now: datetime) -> Told:
    told = reshaping.take(session, actor, found.wish, found.plan.steps, now=now)
    details = _told(found.land, found.wish, change) | {"speakers": len(told.speakers), "airings": len(told.airings)}
    for unit, action in sorted(_subjects(found.wish).items()):
        audit.record(session, actor, action, ("unit", unit), now=now, unit=unit, details=details)
    return told


def _subjects(wish: Wish) -> dict[str, str]:
    """In whose history it is written, and as what."""
    match wish.kind:
        case Kind.MERGE:
            whole = wish.into or wish.id
            return {unit: "became_part" for unit in wish.units if unit != whole} | {whole: "merge"}
        case Kind.SPLIT:
            return {part.id: "part_of" for part in wish.parts} | {wish.units[0]: "split"}
        case _:
            return {wish.units[0]: str(wish.kind)}


def _note_planned(session: Session, actor: Actor, change: UnitChange, found: Drawn, now: datetime) -> None:
    details = _told(found.land, found.wish, change)
    about = ("unit", change.unit_id)
    audit.record(session, actor, "change_planned", about, now=now, unit=change.unit_id, details=details)


def _told(land: Land, wish: Wish, change: UnitChange) -> dict[str, object]:
    """What the log book says of it: names as they are before it."""
    parts = ", ".join(part.name for part in wish.parts)
    name = wish.name or (land[wish.into].name if wish.into in land else "")
    return {
        "change": change.id,
        "kind": str(wish.kind),
        "units": _names(land, wish.units),
        "into": parts or name,
        "under": _names(land, [wish.parent]),
        "decision": change.decision,
        "starts": change.effective_at.isoformat(),
    }


def _names(land: Land, ids: Iterable[str]) -> str:
    return ", ".join(land[each].name for each in ids if each in land)


__all__: Sequence[str] = ["Drawn", "call_off", "carry_out_due", "decide", "drawn", "fit", "held", "waiting"]
