"""People who speak a language no machine does, and a voice bank as they fill it."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from audio.bank import Need
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.ids import new_id
from broadcaster.services.people import native_speakers
from broadcaster.services.sound import takes, voice_bank
from broadcaster.store.tables import Take
from tests.cast import NOW, Cast, clip

TAG = "hmn"


def begun(session: Session, cast: Cast, *, now: datetime = NOW) -> None:
    """The language is on the list; the village head and the approver speak it."""
    voice_bank.start(session, SYSTEM, TAG, now=now)
    for actor in (cast.village_head, cast.approver):
        native_speakers.declare(session, SYSTEM, actor.person_id, TAG, able=True, now=now)


def taken(session: Session, actor: Actor, phrase_id: str, *, now: datetime = NOW, mark: str = "") -> Take:
    """A take's row, as if a recording had been taken in; there is no sound behind it."""
    sha256 = hashlib.sha256(f"{phrase_id} {actor.person_id} {mark}".encode()).hexdigest()
    session.add(clip(sha256, language=TAG, ms=900, now=now))
    session.flush()
    take = Take(id=new_id(now), phrase_id=phrase_id, clip_sha256=sha256, recorded_by=actor.person_id, recorded_at=now)
    session.add(take)
    session.flush()
    return take


def filled(session: Session, cast: Cast, needs: Iterable[Need], *, now: datetime = NOW) -> dict[Need, str]:
    """These pieces recorded by the village head and accepted by the approver; need → clip."""
    wanted = list(needs)
    found = {}
    for need, phrase in zip(wanted, voice_bank.ask_for(session, cast.clerk, TAG, wanted, now=now), strict=True):
        take = taken(session, cast.village_head, phrase.id, now=now)
        takes.review(session, cast.approver, take.id, accept=True, now=now)
        found[need] = take.clip_sha256
    return found
