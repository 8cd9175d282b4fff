"""What is broken on purpose is seen by the fault that looks for it."""

import asyncio
import copy
from pathlib import Path

import pytest

from bench.faults import hostile, t13_instants, t21_mutated_envelopes
from bench.faults.fault import Scale
from bench.faults.lone import CODES
from firmware_config.protocol import Refusal
from tests.domain.test_instants import CASES
from tests.protocol.mutations import Spoiled

pytestmark = pytest.mark.pure

LITTLE = Scale(0.0003, 1, Path("nowhere"))


def test_t13_one_instant_that_is_a_minute_off(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = copy.deepcopy(CASES[:3])
    cases[0]["instants"][0][1] = "2026-01-01T00:01Z"
    monkeypatch.setattr(t13_instants, "CASES", cases)
    outcome = t13_instants.run(LITTLE)
    assert not outcome.good
    assert "1 cases with more, fewer or others" in outcome.figure


def test_t21_good_documents_are_all_refused() -> None:
    outcome = t21_mutated_envelopes.run(LITTLE)
    assert outcome.figure.startswith("300 documents, 0 accepted, 0 answered wrongly")


def test_t21_one_that_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([None])

    def one_slips_through(case: Spoiled) -> Refusal | None:
        return next(answers, next(iter(case.codes)))

    monkeypatch.setattr(t21_mutated_envelopes, "code_of", one_slips_through)
    outcome = t21_mutated_envelopes.run(LITTLE)
    assert not outcome.good
    assert "1 accepted, 0 answered wrongly" in outcome.figure


def test_t21_an_exception_that_nobody_catches(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_case: Spoiled) -> Refusal | None:
        raise RecursionError("deep")

    monkeypatch.setattr(t21_mutated_envelopes, "code_of", breaks)
    outcome = t21_mutated_envelopes.run(LITTLE)
    assert not outcome.good
    assert "0 accepted, 300 answered wrongly" in outcome.figure


def test_the_codes_are_read_from_the_agents_own_lines() -> None:
    lines = (
        "2026 WARNING action=refused what=manifest code=older detail=(1, 1), here (1, 8)",
        "2026 WARNING action=errand_failed problem=fetched_wrong_bytes errand=FetchClip: x",
        "2026 INFO action=manifest epoch=1 version=8 items=2",
    )
    assert [code for line in lines for code in CODES.findall(line)] == ["older", "fetched_wrong_bytes"]


@pytest.mark.parametrize("size", [20, 127, 128, 300, 20_000])
def test_the_hostile_broker_reads_packets_of_every_length_and_finds_their_number(size: int) -> None:
    body = b"\x00\x03a/b" + b"\x12\x34" + bytes(size)
    length, left = bytearray(), len(body)
    while left:
        length.append(left % 128 | (0x80 if left > 127 else 0))
        left //= 128
    packet = b"\x32" + bytes(length) + body

    async def read() -> bytes:
        reader = asyncio.StreamReader()
        reader.feed_data(packet + b"\xc0\x00")
        return await hostile._packet(reader)

    assert asyncio.run(read()) == packet
    at = hostile._mid_at(packet)
    assert packet[at : at + 2] == b"\x12\x34"
