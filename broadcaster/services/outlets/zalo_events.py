"""What Zalo tells of an Official Account: taken once, if its signature is true."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import CopyState, step
from broadcaster.domain.mirror import Event as Step
from broadcaster.domain.zalo import GONE, SENT, Event, event_of, read_body, signed_by, text_of
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM
from broadcaster.services.outlets import official_accounts
from broadcaster.store.sealed import opened
from broadcaster.store.tables import Channel, MirrorCopy, OfficialAccount, SeenEvent

log = structlog.get_logger(__name__)

# Zalo repeats an event for less than two hours; what was taken is remembered longer than anything is believed.
BELIEVED = timedelta(days=1)
REMEMBERED = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in."""

    raw: bytes = field(repr=False)
    signature: str = field(repr=False)
    moment: str
    """Of the header."""


def take(session: Session, account: str, call: Call, *, now: datetime) -> bool:
    """Do what an event asks for, once; False where it is not Zalo's, or for an account we do not know."""
    # Held to the end: the same event told twice at once waits here and is then one that was seen.
    row = session.get(OfficialAccount, account, with_for_update=True)
    body = read_body(call.raw) or {}
    reading = _reading(row, body, call) if row else None
    if row is None or not reading:
        return False
    event = event_of(body, call.raw)
    log.info("zalo told", action="zalo-event", account=account, name=event.name, signed=reading)
    if _old(event, now) or not _first(session, f"zalo:{account}:{event.key}", now):
        return True
    _carry_out(session, row, event, now)
    return True


def judged(session: Session, account: str, call: Call) -> bool | None:
    """Whether it is Zalo's, before anything is held for it; None for what says nothing and is answered well."""
    body = read_body(call.raw)
    if not body:
        # The probe of Zalo's console, or of anybody.
        return None if body is not None else False
    row = session.get(OfficialAccount, account)
    return row is not None and _reading(row, body, call) is not None


def _reading(row: OfficialAccount, body: Mapping[str, Any], call: Call) -> str | None:
    first, times = {"app_id": row.app_id, "oa_id": row.oa_id}, {"body": text_of(body.get("timestamp"))}
    times |= {"header": call.moment}
    return signed_by(call.raw, call.signature, first, times, opened(row.webhook_secret)) or None


def forget(session: Session, *, now: datetime) -> None:
    """Forget what cannot come again."""
    session.execute(delete(SeenEvent).where(SeenEvent.at < now - REMEMBERED))


def _old(event: Event, now: datetime) -> bool:
    return event.at_ms is not None and event.at_ms < (now - BELIEVED).timestamp() * 1000


def _first(session: Session, name: str, now: datetime) -> bool:
    if session.get(SeenEvent, name) is not None:
        return False
    session.add(SeenEvent(id=name, at=now))
    return True


def _carry_out(session: Session, account: OfficialAccount, event: Event, now: datetime) -> None:
    known = official_accounts.channels_of(session, account.id)
    concerned = [known[group] for group in sorted(event.groups) if group in known]
    if event.name in GONE:
        for channel in concerned:
            _switch_off(session, channel, now)
    elif event.name.startswith(SENT) and event.message:
        _delivered(session, [channel.id for channel in known.values()], event.message, now)


def _switch_off(session: Session, channel: Channel, now: datetime) -> None:
    if channel.enabled:
        channel.enabled, channel.blocked_reason = False, "the group was deleted at Zalo"
        subject, said = ("channel", channel.id), {"name": channel.name}
        audit.record(session, SYSTEM, "gone", subject, now=now, unit=channel.unit_id, details=said)


def _delivered(session: Session, channels: Iterable[str], message: str, now: datetime) -> None:
    mine = (MirrorCopy.channel_id.in_(channels), MirrorCopy.remote_id == message)
    accepted = (MirrorCopy.state == CopyState.ACCEPTED, MirrorCopy.claimed_until.is_(None))
    state = step(CopyState.ACCEPTED, Step.DELIVER)
    session.execute(update(MirrorCopy).where(*mine, *accepted).values(state=state, delivered_at=now, updated_at=now))
