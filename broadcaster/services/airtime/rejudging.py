"""What is planned, judged again: rules, sites or overrides have changed since."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.orm import Session

from broadcaster.domain import airing as rules
from broadcaster.domain.airing import Event, State
from broadcaster.domain.announcement import State as Approval
from broadcaster.domain.delivery import ENDED
from broadcaster.domain.delivery import State as Standing
from broadcaster.services.airtime import cancelling, ordering
from broadcaster.services.airtime.knowledge import Knowledge
from broadcaster.services.outlets import mirrors
from broadcaster.store import outbox
from broadcaster.store.tables import Airing, Announcement, Delivery

CHUNK = 500
WAITING = frozenset({Standing.PLANNED, Standing.STORED, Standing.ARMED})
# Refused when it was made, so that no speaker was ever told to leave it.
_NEVER_TOLD = and_(Delivery.state == Standing.REFUSED, Delivery.ended_at == Airing.created_at)


@dataclass(frozen=True, slots=True)
class Held:
    """An airing's deliveries in the units concerned, and whether another one is still going on."""

    waiting: frozenset[str]
    refused: frozenset[str]
    others: bool


def recheck(session: Session, unit_ids: Collection[str], *, now: datetime) -> list[str]:
    """Refuse what is planned in these units and may no longer be heard, and plan what may be heard after all.

    Returns the airings that changed. What has begun is left alone.
    """
    session.flush()
    know = Knowledge(session, now)
    here = frozenset[str]().union(*map(know.atlas.under, unit_ids))
    concerned = session.scalars(_concerned(here, now)).all() if here else []
    return [airing.id for airing in concerned if _judge(session, know, airing, here, now)]


def _concerned(here: Collection[str], now: datetime) -> Select[Airing]:
    heard = select(Delivery.airing_id).join(Airing, Airing.id == Delivery.airing_id)
    heard = heard.where(Delivery.speaker_id.in_(sorted(here)), Delivery.expires > now)
    heard = heard.where(or_(Delivery.state.in_(WAITING), _NEVER_TOLD))
    open_ = (Airing.state.in_([State.PLANNED, State.REFUSED]), Airing.latest_start >= now, ~Airing.standby)
    return select(Airing).where(*open_, Airing.id.in_(heard)).order_by(Airing.planned_at, Airing.id).with_for_update()


def _judge(session: Session, know: Knowledge, airing: Airing, here: Collection[str], now: datetime) -> bool:
    announcement = session.get_one(Announcement, airing.announcement_id)
    if announcement.state != Approval.APPROVED or announcement.revision != airing.revision:
        return False
    held = _held(session, airing, here)
    known = know.atlas.places
    asked = [known[speaker] for speaker in sorted(held.waiting | held.refused) if speaker in known]
    start = max(airing.begins, now)
    bars = know.book.bars(announcement, asked, start, sound_ms=airing.sound_ms, but=airing.id) if asked else {}
    barred = {speaker: str(bars[speaker]) for speaker in sorted(held.waiting & bars.keys())}
    freed = sorted(place.speaker for place in asked if place.speaker in held.refused and place.speaker not in bars)
    for reason in set(barred.values()):
        values = {"state": Standing.REFUSED, "reason": reason, "ended_at": now, "updated_at": now}
        _set(session, airing, [speaker for speaker in barred if barred[speaker] == reason], values)
    _set(session, airing, freed, {"state": Standing.PLANNED, "reason": "", "ended_at": None, "updated_at": now})
    know.book.forget(airing.id, list(barred))
    know.book.note(airing, freed)
    left = held.others or bool(held.waiting - barred.keys()) or bool(freed)
    if _settle(session, airing, left, next(iter(barred.values()), ""), now):
        mirrors.owe(session, announcement, now=now, airing=airing)
    outbox.want(session, "manifest", [*barred, *freed], now=now)
    return bool(barred or freed)


def _held(session: Session, airing: Airing, here: Collection[str]) -> Held:
    cancelling.lock_deliveries(session, airing.id)
    columns = (Delivery.speaker_id, Delivery.state, Delivery.ended_at)
    rows = session.execute(select(*columns).where(Delivery.airing_id == airing.id)).all()
    inside = [row for row in rows if row.speaker_id in here]
    refused = [row for row in inside if row.state == Standing.REFUSED and row.ended_at == airing.created_at]
    waiting = frozenset(row.speaker_id for row in inside if row.state in WAITING)
    others = any(row.state not in ENDED and row.speaker_id not in waiting for row in rows)
    return Held(waiting, frozenset(row.speaker_id for row in refused), others)


def _set(session: Session, airing: Airing, speakers: Sequence[str], values: Mapping[str, object]) -> None:
    for at in range(0, len(speakers), CHUNK):
        mine = (Delivery.airing_id == airing.id, Delivery.speaker_id.in_(speakers[at : at + CHUNK]))
        session.execute(update(Delivery).where(*mine).values(values).execution_options(synchronize_session=False))


def _settle(session: Session, airing: Airing, left: bool, reason: str, now: datetime) -> bool:
    """Whether it is allowed after all, so that nobody was told of it yet."""
    state = State(airing.state)
    if state is State.PLANNED and not left and reason:
        airing.state, airing.ended_at = rules.step(state, Event.REFUSE), now
        airing.cancel_reason = reason
        ordering.release(session, airing, now=now)
    allowed = state is State.REFUSED and left
    if allowed:
        airing.state, airing.ended_at = rules.step(state, Event.ALLOW), None
        airing.cancel_reason = ""
    return allowed
