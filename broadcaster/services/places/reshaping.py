"""The steps of a change of the tree, taken on its rows; no speaker's row is among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Place
from broadcaster.domain.reorganising import Close, Form, Hang, Rename, Step
from broadcaster.domain.wishes import END, Kind, Wish
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import rehanging
from broadcaster.services.airtime.rejudging import recheck
from broadcaster.services.hours.book import Book
from broadcaster.services.ids import new_id
from broadcaster.services.places.holding_alike import hold_alike
from broadcaster.store import outbox, places
from broadcaster.store.tables import Grant, Speaker, Unit
from firmware_config.protocol import Rules


@dataclass(frozen=True, slots=True)
class Standing:
    """What a loudspeaker is told because of where it hangs."""

    units: tuple[str, ...]
    languages: tuple[str, ...]
    rules: tuple[Rules, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Which loudspeakers must be told something new, and which airings may not be heard any more or after all."""

    speakers: frozenset[str]
    airings: tuple[str, ...]


def take(session: Session, actor: Actor, wish: Wish, steps: Sequence[Step], *, now: datetime) -> Told:
    """Take all steps, with what becomes of roles and rules, and tell the speakers for which it makes a change."""
    hung = _hung(session, wish)
    before = _standings(session, hung, now)
    for step in steps:
        _step(session, step, now)
    session.flush()
    if wish.kind is Kind.MERGE:
        _count(session, wish)
    if wish.as_in:
        hold_alike(session, actor, wish, now=now)
    _answer(session, actor, wish, now)
    session.flush()
    after = _standings(session, hung, now)
    told = frozenset(speaker for speaker in before if before[speaker] != after[speaker])
    judged = {hung[speaker] for speaker in told if before[speaker].rules != after[speaker].rules}
    airings = recheck(session, sorted(judged), now=now) if judged else []
    outbox.want(session, "manifest", told, now=now)
    formed = {step.id for step in steps if isinstance(step, Form)}
    for speaker in sorted(told):
        # Where it comes into or out of a unit that was there before, it hears what is for that unit.
        if {*before[speaker].units} ^ {*after[speaker].units} > formed & {*after[speaker].units}:
            rehanging.follow(session, speaker, reason=rehanging.MOVED, now=now)
    return Told(told, tuple(airings))


def _step(session: Session, step: Step, now: datetime) -> None:
    match step:
        case Form():
            session.add(_formed(step, now))
            session.flush()
        case Hang():
            session.get_one(Unit, step.unit).parent_id = step.parent
        case Close():
            unit = session.get_one(Unit, step.unit)
            unit.closed_at, unit.successor_id = now, step.successor
        case Rename():
            unit = session.get_one(Unit, step.unit)
            unit.name, unit.former_names = step.name, list(step.former)


def _formed(step: Form, now: datetime) -> Unit:
    return Unit(
        id=step.id,
        parent_id=step.parent,
        name=step.name,
        level=step.level,
        former_names=list(step.former),
        created_at=now,
    )


def _count(session: Session, wish: Wish) -> None:
    """In the whole live those of its parts, where all of them say how many."""
    known = [session.get_one(Unit, unit).people for unit in wish.units]
    counts = [people for people in known if people is not None]
    if len(counts) == len(known):
        session.get_one(Unit, wish.into or wish.id).people = sum(counts)


def _hung(session: Session, wish: Wish) -> dict[str, str]:
    """The units of the speakers that hang in or under what is changed."""
    tree = places.tree(session)
    inside = frozenset[str]().union(*map(tree.under, wish.units))
    rows = session.execute(select(Speaker.id, Speaker.unit_id).where(Speaker.revoked_at.is_(None)))
    return {row.id: row.unit_id for row in rows if row.unit_id in inside}


def _standings(session: Session, hung: Mapping[str, str], now: datetime) -> dict[str, Standing]:
    book = Book(session, now)
    said = {unit: tuple(row.languages) for unit, row in places.standings(session).items()}
    paths = {unit: book.tree.path(unit) for unit in set(hung.values())}
    spoken = {unit: next((said[each] for each in reversed(way) if said[each]), ()) for unit, way in paths.items()}
    return {
        speaker: Standing(paths[unit], spoken[unit], book.chain(Place(speaker, unit))) for speaker, unit in hung.items()
    }


def _answer(session: Session, actor: Actor, wish: Wish, now: datetime) -> None:
    grants = session.scalars(select(Grant).where(Grant.id.in_(wish.answers))).all()
    for grant in (each for each in grants if wish.answers[each.id]):
        answer = wish.answers[grant.id]
        about, details = ("person", grant.person_id), {"role": grant.role}
        if answer != END and not _has(session, grant, answer):
            session.add(
                Grant(
                    id=new_id(now),
                    person_id=grant.person_id,
                    role=grant.role,
                    unit_id=answer,
                    granted_by=actor.person_id,
                    granted_at=now,
                )
            )
            audit.record(session, actor, "grant", about, now=now, unit=answer, details=details)
        audit.record(session, actor, "take_back", about, now=now, unit=grant.unit_id, details=details)
        session.delete(grant)
        session.flush()


def _has(session: Session, grant: Grant, unit: str) -> bool:
    same = (Grant.person_id == grant.person_id, Grant.role == grant.role, Grant.unit_id == unit)
    return session.scalar(select(Grant.id).where(*same)) is not None
