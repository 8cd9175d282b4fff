"""The tick that asks people where loudspeakers are silent, tells the commune, and ends what nobody needs any more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from audio import score
from broadcaster.domain import stand_in
from broadcaster.domain.announcement import State as Approval
from broadcaster.domain.stand_in import Cause, Event, State
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM
from broadcaster.services.alarms.stand_in_needs import SOUNDING, Needs, details_of, is_needed
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import reaching, stand_in_queue
from broadcaster.services.places import units
from broadcaster.store.tables import Airing, Announcement, StandIn
from broadcaster.store.upsert import upsert
from firmware_config.protocol import Kind, Klass

KINDS = (Kind.LIVE, Kind.DRILL)
LONGEST = max(stand_in.LIFE.values())


@dataclass(frozen=True, slots=True)
class _Case:
    """A village where somebody must be asked."""

    airing: Airing
    unit: str
    cause: Cause
    speakers: Sequence[str]


def look(session: Session, *, now: datetime) -> set[str]:
    """Take every request to where it is now and open those that are due; returns the airings concerned.

    Any number of broadcasters may do so at once: each village is asked once about each airing.
    """
    needs = Needs(session, now)
    happened = [*_follow(session, needs, now), *_open(session, needs, now)]
    # Last of all: whoever cancels an airing holds it while waiting for the log book.
    for row, action in happened:
        note(session, row, action, now=now)
    return {row.airing_id for row, _ in happened}


def _follow(session: Session, needs: Needs, now: datetime) -> Iterator[tuple[StandIn, str]]:
    waiting = select(StandIn).where(StandIn.state.in_(stand_in.WAITING)).order_by(StandIn.id)
    for row in session.scalars(waiting.with_for_update(skip_locked=True, key_share=True)).all():
        event = is_needed(needs, row)
        if event is not None:
            row.state, row.ended_at = stand_in.step(State(row.state), event), now
            # Who was asked is told, unless its time has simply passed.
            stand_in_queue.release(session, row, now=now, tell=event is not Event.EXPIRE)
            yield row, row.state
        elif row.state == State.OPEN and row.escalate_at <= now:
            row.state, row.escalated_at = stand_in.step(State.OPEN, Event.ESCALATE), now
            yield row, "escalate"


def note(session: Session, row: StandIn, action: str, *, now: datetime) -> None:
    """Write down what became of it by itself."""
    subject, said = ("stand_in", row.id), details_of(session, row)
    audit.record(session, SYSTEM, action, subject, now=now, unit=row.unit_id, details=said)


def _open(session: Session, needs: Needs, now: datetime) -> Iterator[tuple[StandIn, str]]:
    # One after the other: who was asked about one airing of an alert is not asked about the next.
    for case in chain(_spoken(session, needs, now), _silent(session, needs, now)):
        row = _ask(session, needs, case, now) if now < _ends(session, case.airing) else None
        if row is not None:
            yield row, "open"


def _ends(session: Session, airing: Airing) -> datetime:
    announcement = session.get_one(Announcement, airing.announcement_id)
    return stand_in.ends(airing.begins, airing.klass, announcement.expires)


def _silent(session: Session, needs: Needs, now: datetime) -> Iterator[_Case]:
    """Where a loudspeaker has kept silent for longer than it may."""
    for airing in session.scalars(_due(needs, now)).all():
        asked = _asked(session, airing)
        for unit, speakers in needs.silent(airing).items():
            late = now >= airing.begins + needs.limits(unit, airing.klass).ask
            if late and unit not in asked and not needs.known(airing.announcement_id, unit):
                yield _Case(airing, unit, Cause.SILENT, speakers)


def _due(needs: Needs, now: datetime) -> Select[Airing]:
    late = [
        and_(Airing.klass == klass, Airing.planned_at <= now - needs.shortest(klass).ask) for klass in stand_in.USUAL
    ]
    return _sounding(now).where(or_(*late))


def _sounding(now: datetime) -> Select[Airing]:
    """Airings whose words are still those that were approved, and that nobody took back."""
    stands = (Announcement.state == Approval.APPROVED, Announcement.revision == Airing.revision)
    mine = (Airing.kind.in_(KINDS), Airing.standby.is_(False), Airing.state.in_(SOUNDING))
    lately = (Airing.planned_at > now - LONGEST, Airing.planned_at <= now)
    found = select(Airing).join(Announcement, Announcement.id == Airing.announcement_id)
    return found.where(*stands, *mine, *lately).order_by(Airing.id)


def _asked(session: Session, airing: Airing) -> set[str]:
    """Units that were asked before; about the repeats of one alert nobody is asked again."""
    same = StandIn.airing_id == airing.id
    if airing.klass == Klass.EMERGENCY:
        same = and_(StandIn.announcement_id == airing.announcement_id, StandIn.revision == airing.revision)
    return set(session.scalars(select(StandIn.unit_id).where(same)))


def _spoken(session: Session, needs: Needs, now: datetime) -> Iterator[_Case]:
    """Where a person said what is corrected, ended or replaced by something that airs now."""
    later = and_(StandIn.announcement_id == Announcement.id, StandIn.revision < Airing.revision)
    replaced = or_(Announcement.supersedes_id == StandIn.announcement_id, later)
    # Whatever became of a request to take it back, what was said first still stands there.
    said = or_(StandIn.state == State.DONE, StandIn.cause == Cause.SPOKEN)
    rows = _sounding(now).join(StandIn, replaced).add_columns(StandIn.unit_id)
    for airing, unit in session.execute(rows.where(said)).all():
        if unit not in _asked(session, airing):
            yield _Case(airing, unit, Cause.SPOKEN, needs.silent(airing).get(unit, []))


def _ask(session: Session, needs: Needs, case: _Case, now: datetime) -> StandIn | None:
    """The request, where it was us who wrote it."""
    airing, announcement = case.airing, session.get_one(Announcement, case.airing.announcement_id)
    made = {
        "id": new_id(now),
        "airing_id": airing.id,
        "announcement_id": airing.announcement_id,
        "revision": airing.revision,
        "unit_id": case.unit,
        "klass": airing.klass,
        "kind": airing.kind,
        "cause": case.cause.value,
        "state": State.OPEN.value,
        "words": _words(session, announcement, case.unit),
        "speakers": list(case.speakers),
        "since": airing.begins,
        "opened_at": now,
        "escalate_at": now + needs.limits(case.unit, airing.klass).escalate,
        "expires_at": _ends(session, airing),
        "answered_by_name": "",
        "on_behalf": False,
        "reason": "",
    }
    upsert(session, StandIn, [made], change=())
    row = session.get(StandIn, made["id"])
    if row is not None:
        stand_in_queue.ask(session, row, reaching.heads(session, row.unit_id, now=now), now=now)
    return row


def _words(session: Session, announcement: Announcement, unit_id: str) -> dict[str, object]:
    texts = [(each.language, _framed(announcement.kind, each.language, each.text)) for each in announcement.versions]
    order = units.languages_of(session, unit_id)
    return {"title": announcement.title, "texts": [list(pair) for pair in stand_in.ordered(texts, order)]}


def _framed(kind: str, language: str, text: str) -> str:
    """A drill is said to be one before and after, as on the loudspeaker."""
    if kind != Kind.DRILL or not text:
        return text
    frames = score.FRAMES[score.Kind.DRILL]
    frame = frames.get(score.primary(language), frames["vi"])
    return f"{frame} {text} {frame}"
