"""T13: clock changes, leap days, year ends and midnights, against a table of instants worked out without our code."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bench.faults.fault import Fault, Outcome, Scale
from broadcaster.domain.schedule import Recurrence
from tests.domain.test_instants import CASES, midnight


def run(_scale: Scale) -> Outcome:
    """Expand every rule of the table and compare instant by instant."""
    wanted = right = 0
    wrong: list[str] = []
    for case in CASES:
        zone, (first, last) = ZoneInfo(case["zone"]), case["days"]
        found = Recurrence.from_json(case["rule"]).between(midnight(first, zone), midnight(last, zone, days=1), zone)
        told = [[each.wall, each.at.strftime("%Y-%m-%dT%H:%MZ")] for each in found]
        wanted += len(case["instants"])
        right += sum(one == other for one, other in zip(told, case["instants"], strict=False))
        if told != case["instants"]:
            wrong.append(f"{case['zone']}: {case['name']}")
    figure = f"{right} of {wanted} instants equal, in {len(CASES)} cases; {len(wrong)} cases with more, fewer or others"
    return Outcome(not wrong and right == wanted >= 200, figure, "\n".join(wrong))


FAULT = Fault(
    "T13",
    "clock changes, a changed zone, leap day, year end and midnight, in four zones",
    "a table of at least 200 expected instants is met exactly",
    run,
)
