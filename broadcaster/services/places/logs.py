"""A loudspeaker's own log: asked for by a person, told again to the loudspeaker until it answers, and kept a while."""

import re
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import Malformed, NotFound, TooLarge, UnknownSpeaker
from broadcaster.domain.permissions import Action
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.store import outbox, places
from broadcaster.store.tables import LogRequest, Speaker

LIFE = timedelta(days=3)
"""So long a loudspeaker that is away is still asked when it comes back."""
KEPT = 5
MOST_PACKED, MOST_TEXT = 65_536, 262_144

_UNSHOWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def ask(session: Session, actor: Actor, speaker_id: str, *, now: datetime) -> LogRequest:
    """Ask for its log; where that was asked and is not answered yet, the same request again.

    Raises UnknownSpeaker, NotAllowed.
    """
    row = session.get(Speaker, speaker_id, with_for_update=True)
    if row is None or row.revoked_at is not None:
        raise UnknownSpeaker(id=speaker_id)
    actor.require(Action.TEND_SPEAKERS, places.path(session, row.unit_id))
    # Told at once where it is connected; else with the answer to its first question.
    outbox.want(session, "send_log", [speaker_id], now=now)
    waiting = select(LogRequest).where(LogRequest.speaker_id == speaker_id, *_open(now))
    found = session.scalars(waiting.order_by(LogRequest.asked_at.desc())).first()
    if found is not None:
        return found
    made = LogRequest(
        id=new_id(now),
        speaker_id=speaker_id,
        asked_by=actor.person_id,
        asked_by_name=actor.name,
        asked_at=now,
        expires_at=now + LIFE,
    )
    session.add(made)
    audit.record(session, actor, "ask_log", ("speaker", speaker_id), now=now, unit=row.unit_id)
    session.flush()
    return made


def take(session: Session, speaker_id: str, request: str, packed: bytes, *, now: datetime) -> None:
    """What a loudspeaker answers; only what was asked for is kept, and of that the newest.

    Raises NotFound, TooLarge, Malformed.
    """
    row = session.get(LogRequest, request, with_for_update=True)
    if row is None or row.speaker_id != speaker_id or row.expires_at <= now:
        raise NotFound(what="log request", id=request)
    if row.answered_at is not None:
        return
    row.text, row.answered_at = unpacked(packed), now
    session.flush()
    newest = select(LogRequest.id).where(LogRequest.speaker_id == speaker_id).order_by(LogRequest.asked_at.desc())
    old = delete(LogRequest).where(LogRequest.speaker_id == speaker_id, LogRequest.answered_at.is_not(None))
    session.execute(old.where(LogRequest.id.not_in(list(session.scalars(newest.limit(KEPT))))))


def unpacked(packed: bytes) -> str:
    """The text in what came, without anything that is no text. Raises TooLarge, Malformed."""
    if len(packed) > MOST_PACKED:
        raise TooLarge(limit=MOST_PACKED)
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        raw = reader.decompress(packed, MOST_TEXT + 1)
    except zlib.error as error:
        raise Malformed(field="log", problem="not gzip") from error
    if len(raw) > MOST_TEXT:
        raise TooLarge(limit=MOST_TEXT)
    if not reader.eof:
        raise Malformed(field="log", problem="not gzip")
    return _UNSHOWN.sub(" ", raw.decode("utf-8", "replace"))


def latest(session: Session, speaker_id: str) -> Sequence[LogRequest]:
    """The requests of one loudspeaker, the newest first."""
    wanted = select(LogRequest).where(LogRequest.speaker_id == speaker_id)
    return session.scalars(wanted.order_by(LogRequest.asked_at.desc()).limit(KEPT)).all()


def awaited(session: Session, speakers: Sequence[str], *, now: datetime) -> Sequence[LogRequest]:
    """What these loudspeakers are still to be asked for."""
    wanted = select(LogRequest).join(Speaker, Speaker.id == LogRequest.speaker_id)
    wanted = wanted.where(LogRequest.speaker_id.in_(speakers), Speaker.revoked_at.is_(None), *_open(now))
    return session.scalars(wanted.order_by(LogRequest.id)).all()


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return LogRequest.answered_at.is_(None), LogRequest.expires_at > now
