"""Channels whose secret cannot be opened any more, because the key that lay beside the database is lost."""

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.services.outlets.following import follow
from broadcaster.store import sealing
from broadcaster.store.database import Database
from broadcaster.store.sealed import lost
from broadcaster.store.tables import Channel

log = structlog.get_logger(__name__)

WORDS = "the secret cannot be read on this server any more; enter it again, then switch the group on"
SHUT = Outcome(CopyState.FAILED, provider_code="secret_unreadable", detail=WORDS, shut_out=True)
"""What comes of a copy there: the channel is switched off, and the copy waits for whoever brings the secret."""


def look_after_secrets(database: Database, *, now: datetime) -> None:
    """At a start: seal what an earlier release stored plain, and switch off the channels that cannot be used."""
    if found := sealing.seal_all(database):
        log.info("sealed secrets that were stored plain", action="secrets-sealed", secrets=found)
    with database.transaction() as session:
        shut(session, now=now)


def shut(session: Session, *, now: datetime) -> int:
    """Switch these channels off, so that somebody is told before an emergency asks for them; returns how many."""
    rows = session.scalars(select(Channel).where(Channel.enabled, Channel.secret.is_not(None)))
    found = [row for row in rows if lost(row.secret)]
    for row in found:
        row.blocked_reason = WORDS
        follow(session, row, SHUT, now=now)
    if found:
        log.error("secrets of channels cannot be read", action="secrets-unreadable", channels=len(found))
    return len(found)
