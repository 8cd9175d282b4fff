"""Receipts become rows: stored once, and each delivery taken up its ladder, with a few statements for many receipts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from broadcaster.domain import delivery
from broadcaster.services.chain import Chain, Link
from broadcaster.services.moments import moment
from broadcaster.services.upsert import upsert
from broadcaster.store.tables import Delivery, ReceiptBatch, Speaker, StoredReceipt

Key = tuple[str, str]
"""An airing and a speaker."""

RUNGS = ("stored", "armed", "started", "finished", "heard")
MEASURES = ("frames", "ms", "level", "peak", "proof", "languages")
CHUNK = 400
_deliveries, _speakers = Delivery.__table__, Speaker.__table__

_CLIMB = (
    update(Delivery)
    .where(Delivery.airing_id == bindparam("b_airing"), Delivery.speaker_id == bindparam("b_speaker"))
    .values(
        state=bindparam("b_state"),
        attempt=bindparam("b_attempt"),
        reason=bindparam("b_reason"),
        clock=bindparam("b_clock"),
        fallback=bindparam("b_fallback"),
        updated_at=bindparam("b_now"),
        ended_at=func.coalesce(bindparam("b_ended_at", type_=Delivery.ended_at.type), Delivery.ended_at),
        **{
            f"{rung}_at": func.coalesce(
                bindparam(f"b_{rung}_at", type_=Delivery.updated_at.type), getattr(Delivery, f"{rung}_at")
            )
            for rung in RUNGS
        },
    )
)
_MEASURE = (
    update(Delivery)
    .where(Delivery.airing_id == bindparam("b_airing"), Delivery.speaker_id == bindparam("b_speaker"))
    .values({name: bindparam(f"b_{name}") for name in MEASURES})
)
_ADVANCE = (
    update(Speaker)
    .where(Speaker.id == bindparam("b_id"))
    .values(
        receipts_through=bindparam("b_through"),
        receipts_hash=bindparam("b_hash"),
        receipts_boot=bindparam("b_boot"),
        receipts_at=bindparam("b_now"),
        last_seen_at=bindparam("b_now"),
        chain_problem=bindparam("b_problem"),
        chain_problem_at=func.coalesce(
            bindparam("b_problem_at", type_=Speaker.chain_problem_at.type), Speaker.chain_problem_at
        ),
    )
)


def store(session: Session, chains: Sequence[Chain], links: Sequence[Link], *, now: datetime) -> None:
    """Keep the receipts, the signed batches they came in, and the end of every chain that moved."""
    upsert(session, StoredReceipt, [_receipt_row(link, now) for link in links], change=())
    batches = [
        {"speaker_id": chain.speaker, "first_seq": first, "last_seq": last, "raw": raw, "received_at": now}
        for chain in chains
        for first, last, raw in chain.batches
    ]
    upsert(session, ReceiptBatch, batches, change=())
    if chains:
        session.connection().execute(_ADVANCE, [_chain_row(chain, now) for chain in chains])


def apply(session: Session, links: Sequence[Link], *, now: datetime) -> set[Key]:
    """Take each delivery up its ladder; those that changed. Late and double reports change nothing."""
    told: dict[Key, list[Link]] = {}
    for link in links:
        if link.receipt.airing is not None:
            told.setdefault((link.receipt.airing, link.speaker), []).append(link)
    climbs: list[dict[str, Any]] = []
    measures: list[dict[str, Any]] = []
    # In one order, so that two who take in receipts cannot wait for each other.
    for key, state, attempt in sorted(_standing(session, told)):
        climb = _climb(key, state, attempt, told[key], now)
        if climb is not None:
            climbs.append(climb)
            measures.extend(_measure(key, told[key]))
    connection = session.connection()
    if climbs:
        connection.execute(_CLIMB, climbs)
    if measures:
        connection.execute(_MEASURE, measures)
    return {(climb["b_airing"], climb["b_speaker"]) for climb in climbs}


def _standing(session: Session, wanted: Iterable[Key]) -> Iterable[tuple[Key, str, int]]:
    keys = set(wanted)
    airings = sorted({airing for airing, _ in keys})
    speakers = sorted({speaker for _, speaker in keys})
    columns = (Delivery.airing_id, Delivery.speaker_id, Delivery.state, Delivery.attempt)
    for some in _chunks(airings):
        for others in _chunks(speakers):
            rows = select(*columns).where(Delivery.airing_id.in_(some), Delivery.speaker_id.in_(others))
            for airing, speaker, state, attempt in session.execute(rows):
                if (airing, speaker) in keys:
                    yield (airing, speaker), state, attempt


def _climb(key: Key, before: str, attempt: int, links: Sequence[Link], now: datetime) -> dict[str, Any] | None:
    state = delivery.State(before)
    found: dict[str, Any] = {f"b_{rung}_at": None for rung in (*RUNGS, "ended")}
    last = None
    for link in links:
        receipt = link.receipt
        after = delivery.step(state, delivery.Report(receipt.event.value))
        if after is not state or receipt.attempt > attempt:
            rung = receipt.event.value
            found[f"b_{rung}_at" if rung in RUNGS else "b_ended_at"] = moment(receipt.at)
            last = receipt
        state, attempt = after, max(attempt, receipt.attempt)
    if last is None:
        return None
    return found | {
        "b_airing": key[0],
        "b_speaker": key[1],
        "b_state": state.value,
        "b_attempt": attempt,
        "b_reason": last.reason,
        "b_clock": last.clock.value,
        "b_fallback": any(link.receipt.fallback for link in links),
        "b_now": now,
    }


def _measure(key: Key, links: Sequence[Link]) -> Iterable[dict[str, Any]]:
    evidence = next((one.receipt.evidence for one in reversed(links) if one.receipt.evidence), None)
    if evidence is not None:
        values = {f"b_{name}": getattr(evidence, name) for name in MEASURES}
        yield values | {"b_airing": key[0], "b_speaker": key[1], "b_languages": list(evidence.languages)}


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


def _chain_row(chain: Chain, now: datetime) -> Mapping[str, Any]:
    return {
        "b_id": chain.speaker,
        "b_through": chain.through,
        "b_hash": chain.head,
        "b_boot": chain.boot,
        "b_now": now,
        "b_problem": chain.problem,
        "b_problem_at": now if chain.alarm else None,
    }


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[at : at + CHUNK] for at in range(0, len(values), CHUNK))
