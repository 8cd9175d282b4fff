"""Spoil sealed documents without end: `python -m bench.fuzz_envelope 5 --seed 7` makes five million.

Prints how often each refusal answered; stops with the bytes at the first acceptance, wrong code or other exception.
"""

import argparse
import sys
import time
from collections import Counter

from firmware_config.protocol import Refusal, Refused
from tests.protocol.mutations import Spoiled, spoiled


def code_of(case: Spoiled) -> Refusal | None:
    """The refusal, or None where the spoiled bytes were accepted."""
    try:
        case.subject.accept(case.raw)
    except Refused as refused:
        return refused.code
    return None


def fuzz(count: int, seed: int) -> Counter[Refusal]:
    """How often each refusal answered; raises AssertionError with the case that got the wrong answer."""
    codes: Counter[Refusal] = Counter()
    for case in spoiled(seed, count):
        code = code_of(case)
        if code is None or code not in case.codes:
            raise AssertionError(f"{case.way} on {case.subject.name} answered {code}: {case.raw!r}")
        codes[code] += 1
    return codes


def main(arguments: list[str]) -> None:
    """Read the command line, run, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("millions", type=float, help="how many million spoiled documents")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes")
    chosen = parser.parse_args(arguments)
    count = int(chosen.millions * 1_000_000)
    start = time.perf_counter()
    codes = fuzz(count, chosen.seed)
    spent = time.perf_counter() - start
    for code, times in codes.most_common():
        print(f"{code:16} {times:>12,}")
    print(f"{count:,} refused, none accepted; {spent / max(count, 1) * 1e6:.0f} µs each, making them included")


if __name__ == "__main__":
    main(sys.argv[1:])
