"""A village that opens its page at once after an airing: 5,000 readers in a minute, at the real service."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
from collections.abc import Sequence

from bench.figures import Figure, at_most
from bench.latency import percentile
from bench.readers import Crowd, Opened
from bench.system import System, system
from broadcaster.demo.commune import COMMUNE

READERS, SECONDS = 5_000, 60.0
P99_MS, PAGE_KB = 300, 30
SAID = 12
TEXT = (
    "Kính mời bà con đến nhà văn hoá bản lúc mười chín giờ ba mươi tối nay để nghe phổ biến lịch tiêm phòng cho đàn "
    "gia súc, lịch cắt nước và việc đăng ký cấp đổi thẻ bảo hiểm y tế. Đề nghị mỗi gia đình cử một người đến dự. "
) * 3


def run(*, quick: bool) -> Sequence[Figure]:
    """The figures of the page, and of `/healthz` under the same readers."""
    readers, seconds = (500, 6.0) if quick else (READERS, SECONDS)
    with system() as place:
        said = [say(place, number) for number in range(SAID)]
        bare = read(place, "/healthz", readers // 4, seconds / 4)
        # The page must be drawn anew while everybody looks at it.
        change = threading.Timer(seconds / 2, lambda: withdraw(place, said[0]))
        change.start()
        found = read(place, f"/{COMMUNE}", readers, seconds)
        change.join()
    return figures(found, bare, readers)


def say(place: System, number: int) -> str:
    """Write, approve and air one to the whole commune; its id."""
    draft = place.draft(f"Tin số {number}", TEXT, "normal") | {"audience": [{"kind": "unit", "ref": COMMUNE}]}
    made = place.clerk.post("/announcements", draft)
    submitted = place.clerk.post(f"/announcements/{made['id']}/submit")
    place.approver.post(f"/announcements/{made['id']}/approve", {"content_sha256": submitted["content_sha256"]})
    place.approver.post("/airings", {"announcement": made["id"], "now": True})
    return str(made["id"])


def withdraw(place: System, announcement: str) -> None:
    """Take one back."""
    place.approver.post(f"/announcements/{announcement}/withdraw", {"reason": "Đo xong"})


def read(place: System, path: str, readers: int, seconds: float) -> Crowd:
    """All readers, from a process of their own."""
    command = [sys.executable, "-m", "bench.readers", f"{place.url}{path}", str(place.service.pid)]
    command += ["--readers", str(readers), "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds * 3 + 60)
    value = json.loads(done.stdout)
    return Crowd([Opened(**visit) for visit in value["visits"]], value["busy"])


def figures(found: Crowd, bare: Crowd, readers: int) -> list[Figure]:
    """What is told of them."""
    times = [visit.seconds * 1000 for visit in found.visits]
    whole = [visit.bytes / 1000 for visit in found.visits if visit.status == 200]
    each, least = (1000 * crowd.busy / len(crowd.visits) for crowd in (found, bare))
    return [
        at_most("visits that came to nothing", sum(it.status not in {200, 304} for it in found.visits), "visits", 0),
        at_most(f"{readers:,} readers in a minute, p99", percentile(times, 99), "ms", P99_MS),
        Figure("… p50", percentile(times, 50), "ms"),
        Figure("… slowest", max(times), "ms"),
        Figure("/healthz at the same pace, p99", percentile([it.seconds * 1000 for it in bare.visits], 99), "ms"),
        at_most("the page over the wire, without sound", max(whole), "kB", PAGE_KB),
        Figure("… asked again by who has it", 100 * statistics.mean(it.status == 304 for it in found.visits), "%"),
        Figure("processor for one visit", each, "ms"),
        Figure("… against /healthz", each / least, "×"),
    ]
