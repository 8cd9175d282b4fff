"""T21: a million spoiled documents: flipped bits, wrong keys and roles, other speakers, odd JSON, length tricks."""

from __future__ import annotations

import time
from collections import Counter

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.fuzz_envelope import code_of
from firmware_config.protocol import Refusal
from tests.protocol.mutations import Spoiled, spoiled

COUNT = 1_000_000
LIMIT_MS = 5.0


def run(scale: Scale) -> Outcome:
    """Spoil, offer, and see which refusal answers; the time is this thread's own."""
    count = scale.of(COUNT)
    codes: Counter[str] = Counter()
    odd: list[str] = []
    slowest = 0.0
    for number, case in enumerate(spoiled(scale.seed, count)):
        code, words, spent = offered(case)
        if spent > LIMIT_MS:
            # The collector of garbage comes when it comes; what is slow by itself is slow again.
            spent = min(spent, offered(case)[2], offered(case)[2])
        slowest = max(slowest, spent)
        codes[words] += 1
        if code is None or code not in case.codes:
            odd.append(f"{case.way} on {case.subject.name}: {words}")
        if number % 10_000 == 0:
            progress(f"T21 {number:,} of {count:,}")
    accepted = codes["None"]
    figure = (
        f"{count:,} documents, {accepted} accepted, {len(odd) - accepted} answered wrongly, at most {slowest:.1f} ms"
    )
    details = "\n".join(odd[:20] or [f"{number:>9,} {code}" for code, number in codes.most_common()])
    return Outcome(not odd and slowest <= LIMIT_MS, figure, details)


def offered(case: Spoiled) -> tuple[Refusal | None, str, float]:
    """The refusal, in words too, and the milliseconds of this thread's own time it took."""
    began = time.thread_time()
    try:
        code = code_of(case)
    except Exception as failure:  # noqa: BLE001  # this is what is looked for
        return None, repr(failure), 0.0
    return code, str(code), 1000 * (time.thread_time() - began)


FAULT = Fault(
    "T21",
    "1,000,000 spoiled envelopes of every kind, in twenty ways",
    "0 accepted, 0 uncaught exceptions, at most 5 ms each",
    run,
)
