"""A loudspeaker hung elsewhere, its box replaced, or taken down for good; what was heard of it stays."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from broadcaster.domain.audience import ChoiceKind
from broadcaster.domain.errors import HangsThere, NameTypedWrong, UnknownUnit
from broadcaster.domain.permissions import Action
from broadcaster.domain.tending import NAMES
from broadcaster.domain.words import plain
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import rehanging, rejudging
from broadcaster.services.airtime.rehanging import Followed
from broadcaster.services.places import speakers, stagger, units
from broadcaster.services.places.tending import held
from broadcaster.store import outbox, places
from broadcaster.store.tables import Airing, AudienceEntry, Delivery, GroupMember, Speaker, Unit

TAKEN_OVER = (NAMES - {"sink"}) | {"ahead_days", "latitude", "longitude", "post", "stagger_ms"}
"""What is decided about a place and not about a box; where its sound goes is the box's own."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move changes for a loudspeaker."""

    before: str
    after: str
    languages: tuple[tuple[str, ...], tuple[str, ...]]
    """In which order versions are heard, before and after."""
    left: list[tuple[datetime, str]]
    """When and what is taken off its programme, and what comes in."""
    joined: list[tuple[datetime, str]]
    kept: int
    refused: int
    """How much of what it keeps may not be heard in the new place."""


def move(session: Session, actor: Actor, speaker_id: str, unit_id: str, *, now: datetime) -> Moved:
    """Hang it in another unit; history, settings, place and groups stay with it.

    Raises UnknownSpeaker, UnknownUnit, NotAllowed, HangsThere.
    """
    stagger.hold(session)
    row = held(session, actor, speaker_id)
    actor.require(Action.TEND_SPEAKERS, places.path(session, unit_id))
    if session.get_one(Unit, unit_id).closed_at is not None:
        raise UnknownUnit(id=unit_id)
    before = row.unit_id
    if before == unit_id:
        raise HangsThere
    heard = _languages(session, row)
    row.unit_id = unit_id
    session.flush()
    details = {"from": before, "to": unit_id}
    audit.record(session, actor, "move", ("speaker", speaker_id), now=now, unit=unit_id, details=details)
    outbox.want(session, "manifest", [speaker_id], now=now)
    followed = rehanging.follow(session, speaker_id, reason=rehanging.MOVED, now=now)
    refused = _rejudge(session, speaker_id, unit_id, now=now)
    stagger.replan(session, now=now)
    return Moved(
        before=before,
        after=unit_id,
        languages=(heard, _languages(session, session.get_one(Speaker, speaker_id))),
        left=rehanging.titles(session, followed.left),
        joined=rehanging.titles(session, followed.joined),
        kept=followed.kept,
        refused=refused,
    )


def look_at_move(session: Session, actor: Actor, speaker_id: str, unit_id: str, *, now: datetime) -> Moved:
    """The same, and everything as it was before. Raises what `move` raises."""
    trial = session.begin_nested()
    try:
        return move(session, actor, speaker_id, unit_id, now=now)
    finally:
        trial.rollback()


def retire(session: Session, actor: Actor, speaker_id: str, *, typed: str, reason: str, now: datetime) -> Followed:
    """Out of service for good, once its name was typed; nothing of what is planned waits for it.

    Raises UnknownSpeaker, NotAllowed, NameTypedWrong.
    """
    row = held(session, actor, speaker_id)
    if plain(typed) != plain(row.name):
        raise NameTypedWrong(name=row.name)
    speakers.take_out(session, actor, row, reason=reason, now=now)
    return rehanging.follow(session, speaker_id, reason=rehanging.RETIRED, now=now)


def take_over(session: Session, actor: Actor, old_id: str, new_id: str, *, now: datetime) -> None:
    """The new box goes on where the old one ended: its place, groups, settings, and what named it. Asks no right."""
    old, new = session.get_one(Speaker, old_id, with_for_update=True), session.get_one(Speaker, new_id)
    new.replaces_id = old_id
    for name in TAKEN_OVER:
        setattr(new, name, getattr(old, name))
    member = update(GroupMember).where(GroupMember.speaker_id == old_id)
    session.execute(member.values(speaker_id=new_id).execution_options(synchronize_session="fetch"))
    _name_anew(session, old_id, new_id)
    if old.revoked_at is None:
        speakers.take_out(session, actor, old, reason=rehanging.REPLACED, now=now)
    details = {"replaces": old_id}
    audit.record(session, actor, "replace", ("speaker", new_id), now=now, unit=new.unit_id, details=details)
    for each in (new_id, old_id):
        rehanging.follow(session, each, reason=rehanging.REPLACED, now=now)
    stagger.replan(session, now=now)


def successor(session: Session, speaker_id: str) -> str | None:
    """The box that hangs in its place now."""
    return session.scalar(select(Speaker.id).where(Speaker.replaces_id == speaker_id))


def line_of(session: Session, speaker: Speaker) -> list[Speaker]:
    """The boxes that hung in its place, itself first."""
    found = [speaker]
    while (before := found[-1].replaces_id) and (row := session.get(Speaker, before)) and row not in found:
        found.append(row)
    return found


def planned(session: Session, speaker_id: str, *, now: datetime) -> list[tuple[datetime, str]]:
    """When and what is still to be heard on it."""
    mine = (Delivery.speaker_id == speaker_id, Delivery.expires > now, Delivery.state.in_(rejudging.WAITING))
    waiting = select(Delivery.airing_id).join(Airing, Airing.id == Delivery.airing_id).where(*mine, ~Airing.standby)
    return rehanging.titles(session, session.scalars(waiting).all())


def _name_anew(session: Session, old_id: str, new_id: str) -> None:
    named = (
        AudienceEntry.kind == ChoiceKind.SPEAKER,
        or_(AudienceEntry.ref == old_id, AudienceEntry.successor == old_id),
    )
    concerned = select(AudienceEntry.announcement_id).where(*named)
    # What is signed for the old box alone is signed once more, for the new one.
    waiting = update(Airing).where(Airing.announcement_id.in_(concerned), Airing.state == "planned")
    session.execute(waiting.values(reference=None).execution_options(synchronize_session="fetch"))
    entries = update(AudienceEntry).where(*named).values(successor=new_id)
    session.execute(entries.execution_options(synchronize_session="fetch"))


def _rejudge(session: Session, speaker_id: str, unit_id: str, *, now: datetime) -> int:
    """How many of its airings the rules of the new place refuse."""
    mine = select(Delivery.airing_id).where(Delivery.speaker_id == speaker_id, Delivery.state.in_(rejudging.WAITING))
    before = set(session.scalars(mine))
    rejudging.recheck(session, [unit_id], now=now)
    return len(before - set(session.scalars(mine)))


def _languages(session: Session, row: Speaker) -> tuple[str, ...]:
    return tuple(row.languages or units.languages_of(session, row.unit_id))
