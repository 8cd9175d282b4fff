"""T21: a million spoiled documents: flipped bits, wrong keys and roles, other speakers, odd JSON, length tricks."""

from __future__ import annotations

import time
from collections import Counter

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.fuzz_envelope import code_of
from tests.protocol.mutations import spoiled

COUNT = 1_000_000
LIMIT_MS = 5.0


def run(scale: Scale) -> Outcome:
    """Spoil, offer, and see which refusal answers; the time is this thread's own."""
    count = scale.of(COUNT)
    codes: Counter[str] = Counter()
    odd: list[str] = []
    slowest = 0.0
    for number, case in enumerate(spoiled(scale.seed, count)):
        began = time.thread_time()
        try:
            code = code_of(case)
        except Exception as failure:  # noqa: BLE001  # this is what is looked for
            code, words = None, repr(failure)
        else:
            words = str(code)
        slowest = max(slowest, 1000 * (time.thread_time() - began))
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


FAULT = Fault(
    "T21",
    "1,000,000 spoiled envelopes of every kind, in twenty ways",
    "0 accepted, 0 uncaught exceptions, at most 5 ms each",
    run,
)
