"""What residents say about an announcement or a loudspeaker: taken without an account, counted, read, answered."""

import secrets
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from broadcaster.domain import feedback
from broadcaster.domain.errors import NotFound, TooMany
from broadcaster.domain.feedback import Limit, Sounding, What
from broadcaster.domain.permissions import Action
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import ALPHABET, new_id
from broadcaster.services.outlets import listen_again
from broadcaster.store import places
from broadcaster.store.heard import aired, stands
from broadcaster.store.tables import Airing, Announcement, Delivery, Feedback, Speaker, Unit

CODE_LETTERS = 8


@dataclass(frozen=True, slots=True)
class About:
    """What is spoken of; `title` and `at` are empty where a loudspeaker was not to sound anything then."""

    unit_id: str
    place: str
    speaker_id: str | None = None
    speaker: str = ""
    announcement_id: str | None = None
    public_id: str = ""
    """Empty until its airing began: nobody reads it before it is heard."""
    airing_id: str | None = None
    title: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What one resident says."""

    what: What
    note: str
    asked_from: str
    """Nobody's name: a hash that means nothing once the day is over."""


def of_announcement(session: Session, public_id: str, *, now: datetime) -> About:
    """An announcement residents may read, and its airing that began last. Raises NotFound."""
    page = listen_again.page(session, public_id)
    row = session.scalars(select(Announcement).where(Announcement.public_id == public_id)).one()
    begun = select(Airing).where(Airing.announcement_id == row.id, aired(Airing, now))
    airing = session.scalar(begun.order_by(Airing.planned_at.desc()).limit(1))
    return About(
        unit_id=row.unit_id,
        place=page.place,
        announcement_id=row.id,
        public_id=public_id,
        airing_id=airing.id if airing else None,
        title=page.title,
        at=airing.begins if airing else None,
    )


def at_pole(session: Session, code: str, *, at: datetime) -> About:
    """A loudspeaker by the code on its pole, and what it was to sound around then. Raises NotFound."""
    speaker = session.scalar(select(Speaker).where(Speaker.pole_code == code, Speaker.revoked_at.is_(None)))
    if speaker is None:
        raise NotFound(what="speaker", id=code[:64])
    place = session.get_one(Unit, speaker.unit_id).name
    about = About(unit_id=speaker.unit_id, place=place, speaker_id=speaker.id, speaker=speaker.name)
    airing = _meant(session, speaker.id, at)
    said = airing and _public(session, airing)
    if not airing or not said:
        return about
    return About(
        unit_id=speaker.unit_id,
        place=place,
        speaker_id=speaker.id,
        speaker=speaker.name,
        announcement_id=airing.announcement_id,
        public_id=said.public_id if airing.begins <= at else "",
        airing_id=airing.id,
        title=said.title,
        at=airing.begins,
    )


def _meant(session: Session, speaker_id: str, at: datetime) -> Airing | None:
    near = select(Airing).join(Delivery, Delivery.airing_id == Airing.id)
    near = near.where(Delivery.speaker_id == speaker_id, Delivery.expires >= at - feedback.BEFORE, stands(Airing))
    rows = {row.id: row for row in session.scalars(near.where(Airing.planned_at <= at + feedback.AFTER))}
    found = feedback.meant(at, [Sounding(row.id, row.begins) for row in rows.values()])
    return rows[found.airing] if found else None


def _public(session: Session, airing: Airing) -> listen_again.Page | None:
    public_id = session.get_one(Announcement, airing.announcement_id).public_id
    try:
        return listen_again.page(session, public_id)
    except NotFound:
        return None


def give(session: Session, about: About, said: Said, *, now: datetime) -> Feedback:
    """Take it. Raises TooMany where one address, one loudspeaker or one announcement has had enough for now."""
    _require_room(session, about, said, now)
    row = Feedback(
        id=new_id(now),
        at=now,
        announcement_id=about.announcement_id,
        airing_id=about.airing_id,
        speaker_id=about.speaker_id,
        unit_id=about.unit_id,
        what=said.what,
        note=feedback.note(said.note),
        asked_from=said.asked_from,
    )
    session.add(row)
    session.flush()
    return row


def _require_room(session: Session, about: About, said: Said, now: datetime) -> None:
    same_speaker = Feedback.speaker_id == about.speaker_id
    same_announcement = Feedback.announcement_id == about.announcement_id
    limits: list[tuple[Limit, ColumnElement[bool]]] = [(feedback.ADDRESS, Feedback.asked_from == said.asked_from)]
    limits += [(feedback.SPEAKER, same_speaker)] if about.speaker_id else [(feedback.ANNOUNCEMENT, same_announcement)]
    for limit, same in limits:
        # The newest ids come last in their index; nothing older than the time is looked at.
        recent = (Feedback.unit_id == about.unit_id, Feedback.at > now - limit.within)
        if (session.scalar(select(func.count()).select_from(Feedback).where(*recent, same)) or 0) >= limit.most:
            raise TooMany


def answer(session: Session, actor: Actor, feedback_id: str, text: str, *, public: bool, now: datetime) -> Feedback:
    """Answer, and with `public` show the answer below the announcement. Raises NotFound, NotAllowed, Malformed."""
    row = session.get(Feedback, feedback_id)
    if row is None:
        raise NotFound(what="feedback", id=feedback_id[:64])
    actor.require(Action.WRITE, places.path(session, row.unit_id))
    row.answer = feedback.answer(text)
    row.answer_public = public and row.announcement_id is not None
    row.answered_by, row.answered_at = actor.person_id, now
    details = {"answer": row.answer, "what": row.what}
    details |= {"announcement": row.announcement_id} if row.announcement_id else {}
    action = "publish" if row.answer_public else "answer"
    audit.record(session, actor, action, ("feedback", row.id), now=now, unit=row.unit_id, details=details)
    return row


def counts(session: Session, *where: ColumnElement[bool]) -> dict[What, int]:
    """How many residents said what, of those rows; in the order of the words, none left out."""
    rows = session.execute(select(Feedback.what, func.count()).where(*where).group_by(Feedback.what))
    found: Counter[str] = Counter({row[0]: row[1] for row in rows})
    return {each: found[each] for each in What}


def of_airing(session: Session, airing_id: str) -> dict[What, int]:
    """What was said of one airing."""
    return counts(session, Feedback.airing_id == airing_id)


def of_time(session: Session, units: Collection[str], since: datetime, until: datetime) -> dict[What, int]:
    """What was said in these units within a time."""
    return counts(session, Feedback.unit_id.in_(units), Feedback.at >= since, Feedback.at < until)


def give_code(session: Session, actor: Actor, speaker_id: str, *, now: datetime) -> str:
    """A code for the pole of a loudspeaker; the one before leads nowhere from now on. Raises NotFound, NotAllowed."""
    speaker = session.get(Speaker, speaker_id)
    if speaker is None or speaker.revoked_at is not None:
        raise NotFound(what="speaker", id=speaker_id[:64])
    actor.require(Action.TEND_SPEAKERS, places.path(session, speaker.unit_id))
    speaker.pole_code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))
    audit.record(session, actor, "pole_code", ("speaker", speaker.id), now=now, unit=speaker.unit_id)
    return speaker.pole_code
