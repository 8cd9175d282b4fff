"""Receipts: numbered in a row, chained, and about an airing only where one is meant."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_config.protocol import (
    GENESIS,
    Batch,
    Event,
    Receipt,
    Refusal,
    Refused,
    next_hash,
    seal_document,
    verify_chain,
)
from firmware_config.protocol.receipts import SPEAKER_EVENTS
from tests.protocol.cast import BATCH, ME, SPEAKER, receipt, take_batch

pytestmark = pytest.mark.pure


def refusal(batch: Batch) -> Refusal | None:
    try:
        take_batch(seal_document(batch, SPEAKER))
    except Refused as refused:
        return refused.code
    return None


def test_the_chain_goes_on_from_batch_to_batch() -> None:
    ledger = [receipt(seq) for seq in range(1, 21)]
    whole = verify_chain(Batch(ME, GENESIS, tuple(ledger)))
    first = verify_chain(Batch(ME, GENESIS, tuple(ledger[:7])))
    rest = verify_chain(Batch(ME, first[-1], tuple(ledger[7:])))
    assert first + rest == whole
    assert whole[0] == next_hash(GENESIS, ledger[0])


@given(st.integers(0, 9), st.sampled_from(["reason", "at", "attempt", "event", "drop", "swap"]))
@settings(deadline=None, database=None)
def test_nothing_can_be_changed_taken_out_or_swapped_unseen(at: int, what: str) -> None:
    ledger = [receipt(seq) for seq in range(1, 11)]
    worse: list[Receipt] = list(ledger)
    match what:
        case "drop":
            del worse[at]
        case "swap":
            worse[at], worse[at - 1] = worse[at - 1], worse[at]
        case "event":
            worse[at] = replace(worse[at], event=Event.FINISHED)
        case "reason":
            worse[at] = replace(worse[at], reason="x")
        case "at":
            worse[at] = replace(worse[at], at=worse[at].at + 1)
        case _:
            worse[at] = replace(worse[at], attempt=worse[at].attempt + 1)
    honest = verify_chain(Batch(ME, GENESIS, tuple(ledger)))
    forged = verify_chain(Batch(ME, GENESIS, tuple(worse)))
    assert honest[-1] != forged[-1]


def test_a_batch_is_numbered_in_a_row() -> None:
    assert refusal(BATCH) is None
    assert refusal(replace(BATCH, receipts=(receipt(1), receipt(3)))) is Refusal.POLICY
    assert refusal(replace(BATCH, receipts=(receipt(2), receipt(1)))) is Refusal.POLICY
    assert refusal(replace(BATCH, receipts=(receipt(1), receipt(1)))) is Refusal.POLICY


def test_a_batch_holds_one_to_fifty() -> None:
    fifty = tuple(receipt(seq) for seq in range(1, 51))
    assert refusal(replace(BATCH, receipts=fifty)) is None
    assert refusal(replace(BATCH, receipts=(*fifty, receipt(51)))) is Refusal.FIELDS
    assert refusal(replace(BATCH, receipts=())) is Refusal.FIELDS
    assert refusal(replace(BATCH, receipts=(receipt(0),))) is Refusal.FIELDS


@pytest.mark.parametrize("event", list(Event))
def test_an_airing_is_named_where_one_is_meant(event: Event) -> None:
    named = replace(receipt(1, event), airing="airing-1")
    unnamed = replace(named, airing=None, announcement=None)
    of_speaker = event in {*SPEAKER_EVENTS, Event.REFUSED}
    assert refusal(replace(BATCH, receipts=(named,))) is None
    assert refusal(replace(BATCH, receipts=(unnamed,))) is (None if of_speaker else Refusal.POLICY)
