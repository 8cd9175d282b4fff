"""Receipts become rows: stored once, and each delivery taken up its ladder, with a few statements for many receipts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import delivery
from broadcaster.services.airtime import following
from broadcaster.services.moments import moment
from broadcaster.services.speaking.chain import Chain, Link
from broadcaster.store.tables import Delivery, ReceiptBatch, Speaker, StoredReceipt
from broadcaster.store.upsert import update_many, upsert
from firmware_config.protocol import ClockState, Event, Receipt

Key = tuple[str, str]
"""An airing and a speaker."""

RUNGS = ("stored", "armed", "started", "finished", "heard")
MEASURES = ("frames", "ms", "level", "peak", "proof", "languages", "seconds", "late_ms", "loop")
CHUNK = 400
MOMENTS = tuple(f"{rung}_at" for rung in (*RUNGS, "ended"))
DELIVERY = ("airing_id", "speaker_id")
TELLING: frozenset[str] = delivery.PLAYED | delivery.ENDED
"""What says something about the whole airing; how far one speaker has prepared does not."""


def store(
    session: Session, chains: Sequence[Chain], links: Sequence[Link], *, now: datetime, seen: bool = True
) -> None:
    """Keep the receipts, the signed batches they came in, and the end of every chain that moved."""
    upsert(session, StoredReceipt, [_receipt_row(link, now) for link in links], change=())
    batches = [
        {"speaker_id": chain.speaker, "first_seq": first, "last_seq": last, "raw": raw, "received_at": now}
        for chain in chains
        for first, last, raw in chain.batches
    ]
    upsert(session, ReceiptBatch, batches, change=())
    tested = {link.speaker: min(moment(link.receipt.at), now) for link in links if _is_test(link.receipt)}
    ends = [{**_chain_row(chain, now, seen=seen), "tested_at": tested.get(chain.speaker)} for chain in chains]
    update_many(session, Speaker, ends, key=("id",), keep={"chain_problem_at", "tested_at", "last_seen_at"})


def apply(session: Session, links: Sequence[Link], *, now: datetime) -> set[Key]:
    """Take each delivery up its ladder, and its airing along; those that changed.

    Late and double reports change nothing.
    """
    told: dict[Key, list[Link]] = {}
    for link in links:
        if link.receipt.airing is not None:
            told.setdefault((link.receipt.airing, link.speaker), []).append(link)
    news = {airing for (airing, _), some in told.items() if any(link.receipt.event in TELLING for link in some)}
    held = following.hold(session, news) if news else {}
    climbs: list[dict[str, Any]] = []
    measures: list[dict[str, Any]] = []
    # In one order, so that two who take in receipts cannot wait for each other.
    for key, state, attempt in sorted(_standing(session, told)):
        climb = _climb(key, state, attempt, told[key], now)
        if climb is not None:
            climbs.append(climb)
            measures.extend(_measure(key, told[key]))
    update_many(session, Delivery, climbs, key=DELIVERY, keep=MOMENTS)
    update_many(session, Delivery, measures, key=DELIVERY)
    changed = {(climb["airing_id"], climb["speaker_id"]) for climb in climbs}
    if held:
        following.follow(session, held, {airing for airing, _ in changed}, now=now)
    return changed


def _is_test(receipt: Receipt) -> bool:
    # A date that the speaker itself does not believe says nothing of when it was.
    return receipt.event is Event.SELF_TEST and receipt.clock is not ClockState.UNTRUSTED


def _standing(session: Session, wanted: Iterable[Key]) -> Iterable[tuple[Key, str, int]]:
    keys = set(wanted)
    airings = sorted({airing for airing, _ in keys})
    speakers = sorted({speaker for _, speaker in keys})
    key = (Delivery.airing_id, Delivery.speaker_id)
    columns = (*key, Delivery.state, Delivery.attempt)
    for some in _chunks(airings):
        rows = select(*columns).where(Delivery.airing_id.in_(some), Delivery.speaker_id.in_(speakers))
        # Held from here on: what is cancelled meanwhile must not be raised from what it was. Whoever holds several
        # deliveries takes them in this order, so that nobody waits in a ring.
        for airing, speaker, state, attempt in session.execute(rows.order_by(*key).with_for_update()):
            if (airing, speaker) in keys:
                yield (airing, speaker), state, attempt


def _climb(key: Key, before: str, attempt: int, links: Sequence[Link], now: datetime) -> dict[str, Any] | None:
    state = delivery.State(before)
    found: dict[str, Any] = dict.fromkeys(MOMENTS)
    last = None
    for link in links:
        receipt = link.receipt
        after = delivery.step(state, delivery.Report(receipt.event.value))
        if after is not state or receipt.attempt > attempt:
            rung = receipt.event.value
            found[f"{rung}_at" if rung in RUNGS else "ended_at"] = moment(receipt.at)
            last = receipt
        state, attempt = after, max(attempt, receipt.attempt)
    if last is None:
        return None
    return found | {
        "airing_id": key[0],
        "speaker_id": key[1],
        "state": state.value,
        "attempt": attempt,
        "reason": last.reason,
        "clock": last.clock.value,
        "fallback": any(link.receipt.fallback for link in links),
        "updated_at": now,
    }


def _measure(key: Key, links: Sequence[Link]) -> Iterable[dict[str, Any]]:
    evidence = next((one.receipt.evidence for one in reversed(links) if one.receipt.evidence), None)
    if evidence is not None:
        values = {name: getattr(evidence, name) for name in MEASURES}
        yield values | {"airing_id": key[0], "speaker_id": key[1], "languages": list(evidence.languages)}


def _receipt_row(link: Link, now: datetime) -> Mapping[str, Any]:
    receipt = link.receipt
    return {
        "speaker_id": link.speaker,
        "seq": receipt.seq,
        "boot": receipt.boot,
        "airing_id": receipt.airing,
        "announcement": receipt.announcement,
        "event": receipt.event.value,
        "at_ms": receipt.at,
        "clock": receipt.clock.value,
        "attempt": receipt.attempt,
        "reason": receipt.reason,
        "evidence": receipt.evidence.to_json() if receipt.evidence else None,
        "body": link.body,
        "hash": link.hash,
        "received_at": now,
    }


def _chain_row(chain: Chain, now: datetime, *, seen: bool) -> Mapping[str, Any]:
    return {
        "id": chain.speaker,
        "receipts_through": chain.through,
        "receipts_hash": chain.head,
        "receipts_boot": chain.boot,
        "receipts_at": now,
        "last_seen_at": now if seen else None,
        "chain_problem": chain.problem,
        "chain_problem_at": now if chain.alarm else None,
    }


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[at : at + CHUNK] for at in range(0, len(values), CHUNK))
