"""Wrong sign-ins slow whoever tries, and never keep anybody out for more than five minutes."""

import ipaddress
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import TooManyTries
from broadcaster.services.ids import hashed
from broadcaster.store.tables import Throttle

BLOCK = timedelta(minutes=5)
KEPT = timedelta(days=1)
"""How long a failure is remembered."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing that is counted, and how many failures of it are borne."""

    key: str
    most: int


def gates(login: str, origin: str, *, known: bool) -> tuple[Gate, ...]:
    """What a sign-in is counted under.

    From where its person came in before it has a gate of its own: whoever tries from elsewhere, or under other names
    from the same office, cannot shut it. A name that nobody has is counted like any other, so it tells nothing.
    """
    here = network(origin)
    if known:
        return (Gate(f"both {login} {here}", 10),)
    return Gate(f"login {login}", 5), Gate(f"address {here}", 20)


def network(origin: str) -> str:
    """An address as it is counted: of IPv6 the first half, for a household owns the other."""
    try:
        address = ipaddress.ip_address(origin)
    except ValueError:
        return origin
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def check(session: Session, wanted: Iterable[Gate], *, now: datetime) -> None:
    """Raise TooManyTries while one of them is shut; being tried meanwhile does not keep it shut longer."""
    rows = _rows(session, wanted).values()
    until = max((row.blocked_until for row in rows if row.blocked_until and row.blocked_until > now), default=None)
    if until is not None:
        raise TooManyTries(minutes=math.ceil((until - now) / timedelta(minutes=1)))


def fail(session: Session, wanted: Iterable[Gate], *, now: datetime) -> bool:
    """Count one failure; whether that shut a gate."""
    session.execute(delete(Throttle).where(Throttle.changed_at < now - KEPT))
    wanted = list(wanted)
    rows, shut = _rows(session, wanted), False
    for gate in wanted:
        row = rows.get(hashed(gate.key))
        if row is None:
            row = Throttle(key_sha256=hashed(gate.key), failures=0, changed_at=now)
            session.add(row)
        row.failures, row.changed_at = row.failures + 1, now
        if row.failures >= gate.most:
            row.failures, row.blocked_until, shut = 0, now + BLOCK, True
    session.flush()
    return shut


def succeed(session: Session, login: str, origin: str) -> None:
    """Whoever came in starts anew; what came from the address under other names stays counted."""
    keys = [hashed(f"login {login}"), hashed(f"both {login} {network(origin)}")]
    session.execute(delete(Throttle).where(Throttle.key_sha256.in_(keys)))


def _rows(session: Session, wanted: Iterable[Gate]) -> Mapping[str, Throttle]:
    keys = [hashed(gate.key) for gate in wanted]
    found = select(Throttle).where(Throttle.key_sha256.in_(keys)).execution_options(populate_existing=True)
    return {row.key_sha256: row for row in session.scalars(found)}
