"""From the outbox to messages on a topic: claim rows, build what they ask for, strike off what was acknowledged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.orm import Session

from broadcaster.services.speaking import live, manifests
from broadcaster.services.speaking.live import Clips
from broadcaster.services.speaking.manifests import Sealed
from broadcaster.services.speaking.publication import Publication
from broadcaster.services.speaking.signing import Signing
from broadcaster.store.tables import OutboxEntry
from firmware_config.protocol import topics

LIVE = "live"
URGENT = (LIVE, "stop", "silence", "self_test")
LASTING = ("manifest", "clear", "send_log")
RETAINED = (topics.manifest, topics.state, topics.presence)

LEASE = timedelta(seconds=4)
"""A broadcaster that dies holding a row gives it up after this long; sending twice does no harm."""
SLOWEST = timedelta(seconds=300)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One outbox row this process has taken for a while."""

    id: int
    generation: int
    kind: str
    ref: str
    attempts: int


def claim(session: Session, kinds: Sequence[str], *, now: datetime, limit: int) -> list[Claimed]:
    """Take up to `limit` due rows: a conditional update, so that of several broadcasters each row has one."""
    session.execute(delete(OutboxEntry).where(OutboxEntry.id.in_(_free(OutboxEntry.expires_at < now, kinds))))
    oldest = _free(OutboxEntry.due_at <= now, kinds).order_by(OutboxEntry.due_at, OutboxEntry.id).limit(limit)
    rows = session.execute(
        update(OutboxEntry)
        .where(OutboxEntry.id.in_(oldest))
        .values(due_at=now + LEASE, attempts=OutboxEntry.attempts + 1)
        .returning(OutboxEntry.id, OutboxEntry.generation, OutboxEntry.kind, OutboxEntry.ref, OutboxEntry.attempts)
        .execution_options(synchronize_session=False)
    )
    return sorted((Claimed(*row) for row in rows), key=lambda claimed: claimed.id)


def done(session: Session, claims: Iterable[Claimed]) -> None:
    """Strike off what the broker has taken, unless the same thing was asked for again meanwhile."""
    struck = {claimed.id: claimed.generation for claimed in claims}
    free = select(OutboxEntry.id, OutboxEntry.generation).where(OutboxEntry.id.in_(struck))
    rows = session.execute(free.with_for_update(skip_locked=True))
    same = [entry for entry, generation in rows if struck[entry] == generation]
    session.execute(delete(OutboxEntry).where(OutboxEntry.id.in_(same)).execution_options(synchronize_session=False))


def failed(session: Session, claimed: Claimed, *, now: datetime, error: str = "") -> None:
    """Try again later: twice as long each time, 300 s at most."""
    wait = min(SLOWEST, timedelta(seconds=2.0 ** min(claimed.attempts, 9)))
    session.execute(
        update(OutboxEntry)
        .where(OutboxEntry.id == claimed.id, OutboxEntry.generation == claimed.generation)
        .values(due_at=now + wait, error=error[:500])
    )


def want_every_manifest(session: Session, *, now: datetime) -> None:
    """A broker that may have forgotten everything is given every manifest again."""
    manifests.want_every(session, now=now)


def due(session: Session, *, now: datetime) -> set[str]:
    """The kinds of rows of which some are due: only for these is claiming worth a writing transaction."""
    return set(session.scalars(select(OutboxEntry.kind).where(OutboxEntry.due_at <= now).distinct()))


def publications(
    session: Session, claims: Sequence[Claimed], *, signing: Signing, clips: Clips, now: datetime
) -> list[tuple[Claimed, Sequence[Publication]]]:
    """What each claimed row asks for, in the order of the claims; what needs no publication is an empty list."""
    wanted = [claimed.ref for claimed in claims if claimed.kind == "manifest"]
    sealed = manifests.sealed_many(session, wanted, signing=signing, now=now) if wanted else {}
    return [(claimed, _of(session, claimed, sealed, signing=signing, clips=clips, now=now)) for claimed in claims]


def _of(
    session: Session,
    claimed: Claimed,
    sealed: Mapping[str, Sealed],
    *,
    signing: Signing,
    clips: Clips,
    now: datetime,
) -> Sequence[Publication]:
    match claimed.kind:
        case "live":
            return live.play_now(session, claimed.ref, signing=signing, clips=clips, now=now)
        case "stop":
            return live.stop(session, claimed.ref, signing=signing, now=now)
        case "silence":
            return live.silence(session, claimed.ref, signing=signing, now=now)
        case "self_test":
            return live.self_test(claimed.ref, signing=signing, now=now)
        case "send_log":
            return live.send_log(session, {claimed.ref: str(claimed.generation)}, signing=signing, now=now)
        case "clear":
            return [Publication(name(claimed.ref), b"", retain=True) for name in RETAINED]
    found = sealed.get(claimed.ref)
    if found is None:
        return []
    payload = manifests.for_broker(claimed.ref, found, signing=signing)
    return [Publication(topics.manifest(claimed.ref), payload, retain=True)]


def _free(which: ColumnElement[bool], kinds: Sequence[str]) -> Select[int]:
    # Whoever else holds a row is changing it: waiting for them while holding others could lock us both for ever.
    return select(OutboxEntry.id).where(which, OutboxEntry.kind.in_(kinds)).with_for_update(skip_locked=True)
