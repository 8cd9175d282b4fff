"""Browsers of residents that want to be told: begun and ended by whoever holds the browser, with no account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from broadcaster.domain import push
from broadcaster.domain.errors import Malformed, NotFound, TooMany
from broadcaster.domain.languages import LANGUAGES
from broadcaster.domain.mirror import CopyState
from broadcaster.domain.mirror_terms import TypedTerms
from broadcaster.services.ids import hashed, new_id
from broadcaster.store.tables import PushMessage, PushSubscription, Unit
from firmware_config.protocol import Klass

MOST_IN_A_UNIT = 20_000
MOST_OF_OTHERS = 200
"""Of those on services nobody knows: anybody can have one that takes notices for browsers that never were."""
SILENT = timedelta(days=14)
"""Whoever took nothing for so long, though something was sent, gives way where there is no more room."""
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What a browser asks for."""

    endpoint: str
    p256dh: str
    auth: str
    unit_id: str
    classes: Sequence[str]
    language: str
    quiet_from: str = ""
    quiet_until: str = ""


def subscribe(session: Session, wish: Wish, *, private: bool, now: datetime) -> PushSubscription:
    """Tell this browser from now on, or otherwise than before. Raises Malformed, NotFound, TooMany."""
    address = push.endpoint(wish.endpoint, private=private)
    key, _ = push.keys(wish.p256dh, wish.auth)
    _require_point(key)
    unit = session.get(Unit, wish.unit_id)
    if unit is None or unit.closed_at is not None:
        raise NotFound(what="unit", id=wish.unit_id[:64])
    row = _of(session, address)
    if row is None or row.unit_id != unit.id:
        _require_room(session, unit.id, push.service(address), now)
    row = row or _new(address, now)
    row.unit_id, row.p256dh, row.auth = unit.id, wish.p256dh, wish.auth
    row.classes, row.language = _classes(wish.classes), wish.language if wish.language in LANGUAGES else "vi"
    terms = TypedTerms(quiet_from=wish.quiet_from, quiet_until=wish.quiet_until).settled()
    row.quiet_from, row.quiet_until = terms.quiet_from, terms.quiet_until
    session.add(row)
    session.flush()
    return row


def leave(session: Session, endpoint: str) -> bool:
    """Never tell this browser again, and forget it; False where nobody knew it."""
    row = _of(session, endpoint)
    if row is not None:
        forget(session, row.id)
    return row is not None


def forget(session: Session, subscription_id: str) -> None:
    """Remove a browser with all that it was owed."""
    session.execute(delete(PushMessage).where(PushMessage.subscription_id == subscription_id))
    session.execute(delete(PushSubscription).where(PushSubscription.id == subscription_id))


def _of(session: Session, endpoint: str) -> PushSubscription | None:
    known = select(PushSubscription).where(PushSubscription.endpoint_sha256 == hashed(endpoint))
    return session.scalar(known)


def _new(endpoint: str, now: datetime) -> PushSubscription:
    return PushSubscription(
        id=new_id(now),
        endpoint_sha256=hashed(endpoint),
        endpoint=endpoint,
        service=push.service(endpoint),
        created_at=now,
    )


def _require_room(session: Session, unit_id: str, service: str, now: datetime) -> None:
    if _full(session, unit_id, service):
        for each in _silent(session, unit_id, now):
            forget(session, each)
        if _full(session, unit_id, service):
            raise TooMany


def _full(session: Session, unit_id: str, service: str) -> bool:
    of_others = func.count().filter(PushSubscription.service == push.OTHERS)
    here = select(func.count(), of_others).where(PushSubscription.unit_id == unit_id)
    everybody, others = session.execute(here).one()
    return everybody >= MOST_IN_A_UNIT or (service == push.OTHERS and others >= MOST_OF_OTHERS)


def _silent(session: Session, unit_id: str, now: datetime) -> Sequence[str]:
    never = PushSubscription.last_taken_at.is_(None)
    in_vain = exists().where(
        PushMessage.subscription_id == PushSubscription.id,
        PushMessage.attempts > 0,
        PushMessage.state.in_([CopyState.FAILED, CopyState.UNKNOWN]),
        or_(never, PushMessage.updated_at > PushSubscription.last_taken_at),
    )
    long_ago = func.coalesce(PushSubscription.last_taken_at, PushSubscription.created_at) <= now - SILENT
    rows = select(PushSubscription.id).where(PushSubscription.unit_id == unit_id, long_ago, in_vain)
    return session.scalars(rows.limit(MOST_AT_ONCE)).all()


def _classes(wanted: Sequence[str]) -> list[str]:
    chosen = [str(klass.value) for klass in Klass if klass.value in wanted]
    if not chosen:
        raise Malformed(field="classes", problem="1–3")
    return chosen


def _require_point(key: bytes) -> None:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError:
        raise Malformed(field="p256dh", problem="P-256") from None
