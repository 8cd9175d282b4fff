"""What speakers signed about their deliveries: verified, chained, stored once, applied to the ladder.

Thousands come per second when a whole province speaks, so nothing here makes an object of the database's per receipt.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM
from broadcaster.services.speaking import ledger
from broadcaster.services.speaking.chain import Chain, Link
from broadcaster.store.tables import Speaker
from firmware_config import protocol
from firmware_config.protocol import KeyRing, PublicKey, Refusal, Refused, Role

REVOKED = "revoked"


@dataclass(slots=True)
class TakenIn:
    """What became of one batch: confirmed up to `through`, or `refused` with a code."""

    device: str
    through: int
    refused: str | None = None
    changed_airings: set[str] = field(default_factory=set)


def take_in(
    session: Session, raw_batches: Sequence[tuple[str, bytes]], *, now: datetime, carried: bool = False
) -> list[TakenIn]:
    """Take in batches of any speakers, one answer each; what was refused is counted by its code and stored nowhere.

    What was `carried` here by hand is no sign that the speaker can be reached.
    """
    chains = _chains(session, {device for device, _ in raw_batches})
    answers: list[TakenIn] = []
    links: list[Link] = []
    for device, raw in raw_batches:
        answer, news = _take_one(chains.get(device), device, raw)
        answers.append(answer)
        links.extend(news)
    touched = [chain for chain in chains.values() if chain.touched]
    ledger.store(session, touched, links, now=now, seen=not carried)
    for chain in touched:
        if chain.alarm:
            subject, details = ("speaker", chain.speaker), {"problem": chain.alarm}
            audit.record(session, SYSTEM, "chain_problem", subject, now=now, unit=chain.unit, details=details)
    changed = ledger.apply(session, links, now=now)
    by_speaker: dict[str, set[str]] = defaultdict(set)
    for airing, speaker in changed:
        by_speaker[speaker].add(airing)
    for answer in answers:
        answer.changed_airings = by_speaker.get(answer.device, set())
        if answer.device in chains:
            answer.through = chains[answer.device].through
    return answers


def _take_one(chain: Chain | None, device: str, raw: bytes) -> tuple[TakenIn, Sequence[Link]]:
    if chain is None:
        return TakenIn(device, 0, Refusal.UNKNOWN_KEY), ()
    if chain.revoked:
        return TakenIn(device, chain.through, REVOKED), ()
    try:
        batch = protocol.accept_batch(raw, device=device, keys=chain.keys)
    except Refused as refused:
        return TakenIn(device, chain.through, refused.code), ()
    return TakenIn(device, chain.through), chain.extend(batch, raw)


def _chains(session: Session, devices: set[str]) -> dict[str, Chain]:
    """Each speaker's key and the end of its chain, locked until the transaction ends."""
    rows = session.execute(
        select(
            Speaker.id,
            Speaker.public_key,
            Speaker.revoked_at,
            Speaker.receipts_through,
            Speaker.receipts_hash,
            Speaker.chain_problem,
            Speaker.unit_id,
        )
        .where(Speaker.id.in_(sorted(devices)))
        .order_by(Speaker.id)
        # The key itself stays: whoever plans deliveries for these speakers meanwhile need not wait.
        .with_for_update(key_share=True)
    )
    found: dict[str, Chain] = {}
    for speaker, public, revoked_at, through, head, problem, unit in rows:
        # A speaker's key has no dates on the wire: being enrolled and not revoked is what makes it good.
        key = PublicKey(speaker, Role.SPEAKER, public, 0, 0)
        ring = KeyRing({speaker: key})
        found[speaker] = Chain(speaker, ring, revoked_at is not None, through, head or protocol.GENESIS, problem, unit)
    return found
