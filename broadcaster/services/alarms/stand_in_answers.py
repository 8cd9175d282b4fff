"""Answering for a loudspeaker: by a link that was sent or handed over, or by the commune after it had called."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from broadcaster.domain import stand_in, words
from broadcaster.domain.errors import NotAllowed, NotFound, StandInEnded, StandInLinkGone
from broadcaster.domain.permissions import Action
from broadcaster.domain.stand_in import Event, State
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import cancelling
from broadcaster.services.alarms.stand_in_needs import Needs, details_of, is_needed
from broadcaster.services.ids import hashed
from broadcaster.services.outlets import reaching, stand_in_queue
from broadcaster.store import places
from broadcaster.store.tables import Airing, Delivery, Person, StandIn, StandInLink

HOLDER = "link"
"""Who acts, in the audit, where a link was handed over: whoever holds it."""
LONGEST_REASON, LONGEST_NAME = 200, 80
BY_LINK, ON_BEHALF = "link", "on_behalf"
# A link is being added by whoever sends the message, who holds what we want next: its key stays.
KEPT = {"key_share": True}


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says they did; the texts are theirs and are shown as they are."""

    said: bool
    reason: str = ""
    name: str = ""
    """Who said it, where a link does not tell."""

    @property
    def event(self) -> Event:
        """The step it stands for."""
        return Event.SAY if self.said else Event.FAIL


@dataclass(frozen=True, slots=True)
class _By:
    """Who answers, and how."""

    actor: Actor
    person_id: str | None
    name: str
    way: str


def may_answer(actor: Actor, path: tuple[str, ...]) -> bool:
    """Whether somebody may answer for a village: its head, and whoever puts things on the air there."""
    return actor.may(Action.CONFIRM, path) or actor.may(Action.AIR, path)


def find(session: Session, stand_in_id: str) -> StandIn:
    """One request. Raises NotFound."""
    found = session.get(StandIn, stand_in_id)
    if found is None:
        raise NotFound(what="stand-in", id=stand_in_id[:64])
    return found


def of_link(session: Session, secret: str, *, now: datetime) -> tuple[StandIn, StandInLink]:
    """What a link leads to; looking changes nothing. Raises StandInLinkGone for any that leads nowhere."""
    link = session.get(StandInLink, hashed(secret))
    if link is None or link.expires_at <= now:
        raise StandInLinkGone
    row = session.get_one(StandIn, link.stand_in_id)
    person = session.get(Person, link.person_id) if link.person_id else None
    if person is not None and not reaching.may_be_asked(session, person, row.unit_id, now=now):
        raise StandInLinkGone
    return row, link


def state_now(session: Session, row: StandIn, *, now: datetime) -> State:
    """How a request stands at this moment, also where the tick has not been there yet; nothing is written."""
    state = State(row.state)
    event = is_needed(Needs(session, now), row) if state in stand_in.WAITING else None
    return stand_in.step(state, event) if event else state


def hand_over(session: Session, actor: Actor, stand_in_id: str, *, now: datetime) -> str:
    """A new link to be shown or called through, once. Raises NotFound, NotAllowed, StandInEnded."""
    row = _held(session, stand_in_id)
    _require(session, actor, row)
    _require_waiting(session, row, now)
    secret = stand_in_queue.new_link(session, row, person_id=None, made_by=actor.person_id, now=now)
    subject, details = ("stand_in", row.id), details_of(session, row)
    audit.record(session, actor, "link", subject, now=now, unit=row.unit_id, details=details)
    return secret


def answer_by_link(session: Session, secret: str, answer: Answer, *, now: datetime, origin: str = "") -> StandIn:
    """Take the one answer a request has. Raises StandInLinkGone, StandInEnded."""
    found, link = of_link(session, secret, now=now)
    row = _held(session, found.id)
    _require_waiting(session, row, now, *([State.WITHDRAWN] if answer.said else []))
    person = session.get(Person, link.person_id) if link.person_id else None
    name = person.name if person else words.line(answer.name)[:LONGEST_NAME]
    actor = Actor(person.id if person else HOLDER, name, origin=origin)
    return _take(session, row, _By(actor, person.id if person else None, name, BY_LINK), answer, now)


def answer_for(session: Session, actor: Actor, stand_in_id: str, answer: Answer, *, now: datetime) -> StandIn:
    """The same by someone signed in: the village head, or the commune on his behalf.

    After a "could not" it may still be written down that somebody said it. Raises NotFound, NotAllowed,
    StandInEnded.
    """
    row = _held(session, stand_in_id)
    _require(session, actor, row)
    _require_waiting(session, row, now, *([State.COULD_NOT, State.WITHDRAWN] if answer.said else []))
    own = actor.may(Action.CONFIRM, places.path(session, row.unit_id)) and not actor.may(
        Action.AIR, places.path(session, row.unit_id)
    )
    return _take(session, row, _By(actor, actor.person_id, actor.name, "" if own else ON_BEHALF), answer, now)


def _held(session: Session, stand_in_id: str) -> StandIn:
    """The request as it stands once it is our turn."""
    session.flush()
    row = session.get(StandIn, stand_in_id, with_for_update=KEPT, populate_existing=True)
    if row is None:
        raise NotFound(what="stand-in", id=stand_in_id[:64])
    return row


def _require(session: Session, actor: Actor, row: StandIn) -> None:
    if not may_answer(actor, places.path(session, row.unit_id)):
        raise NotAllowed(action=Action.CONFIRM)


def _require_waiting(session: Session, row: StandIn, now: datetime, *also: State) -> None:
    if state_now(session, row, now=now) not in (*stand_in.WAITING, *also):
        raise StandInEnded


def _take(session: Session, row: StandIn, by: _By, answer: Answer, now: datetime) -> StandIn:
    airing = session.get_one(Airing, row.airing_id)
    row.speakers = Needs(session, now).silent(airing).get(row.unit_id, [])
    row.state = outcome = stand_in.step(State(row.state), answer.event)
    row.answered_by, row.answered_by_name = by.person_id, by.name
    row.answered_at = row.ended_at = now
    row.on_behalf = by.way == ON_BEHALF
    row.reason = "" if answer.said else words.line(answer.reason)[:LONGEST_REASON]
    stand_in_queue.release(session, row, now=now, tell=False)
    if answer.said:
        _mark(session, row, now)
    subject, details = ("stand_in", row.id), details_of(session, row) | {"way": by.way, "reason": row.reason}
    audit.record(session, by.actor, outcome, subject, now=now, unit=row.unit_id, details=details)
    return row


def _mark(session: Session, row: StandIn, now: datetime) -> None:
    """Beside the deliveries' own states, which it never touches."""
    cancelling.lock_deliveries(session, row.airing_id, units=[row.unit_id])
    session.execute(
        update(Delivery)
        .where(Delivery.airing_id == row.airing_id, Delivery.speaker_id.in_(row.speakers))
        .values(by_person_at=now)
        .execution_options(synchronize_session=False)
    )
