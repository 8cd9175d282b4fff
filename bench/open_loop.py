"""Asks the API at a steady pace, from a process of its own; `python -m bench.open_loop --help`. Prints JSON.

The pace does not wait for answers, and a request is timed from the moment it was due: what queues up counts.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

AT_ONCE = 32
"""More than ever wait at the same time while the service keeps up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: what it asked, seconds since it was due, and whether it was answered well."""

    kind: str
    seconds: float
    well: bool


@dataclass(frozen=True, slots=True)
class Turns:
    """What came of all turns of one kind of asking."""

    answers: list[Answer]
    busy: float
    """Processor seconds the service spent on them."""


Ask = Callable[[], httpx.Response]


def mix(client: httpx.Client, airing: str, draft: dict[str, object]) -> Iterator[tuple[str, Ask]]:
    """Ten requests, of which one writes, for ever."""

    def write() -> httpx.Response:
        return client.post("/api/v1/announcements", json=draft, headers={"Idempotency-Key": uuid.uuid4().hex})

    reads: list[tuple[str, Ask]] = [
        ("list", lambda: client.get("/api/v1/announcements")),
        ("airing", lambda: client.get(f"/api/v1/airings/{airing}")),
        ("deliveries", lambda: client.get(f"/api/v1/airings/{airing}/deliveries")),
    ]
    return itertools.cycle([*reads * 3, ("write", write)])


def healthz(client: httpx.Client) -> Iterator[tuple[str, Ask]]:
    """The least the service can answer, for ever."""
    return itertools.repeat(("healthz", lambda: client.get("/healthz")))


def pace(asks: Iterator[tuple[str, Ask]], *, rate: float, seconds: float) -> list[Answer]:
    """Send `rate` requests a second for so long."""
    begin = time.perf_counter() + 0.1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = []
        for number in range(round(rate * seconds)):
            due = begin + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            waiting.append(pool.submit(_timed, *next(asks), due))
        return [one.result() for one in waiting]


def busy(pid: int) -> float:
    """Processor seconds a process has used, threads that have ended included."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _timed(kind: str, ask: Ask, due: float) -> Answer:
    try:
        well = ask().is_success
    except httpx.HTTPError:
        well = False
    return Answer(kind, time.perf_counter() - due, well)


def main() -> None:
    """Turn between the mix and healthz, so that a busy machine is fair to both; the token is in LOA_BENCH_TOKEN."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("url")
    parser.add_argument("pid", type=int, help="the service's process")
    parser.add_argument("airing", help="the airing to read")
    parser.add_argument("draft", help="the announcement to write, as JSON")
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each")
    parser.add_argument("--turns", type=int, default=4)
    given = parser.parse_args()
    headers = {"Authorization": f"Bearer {os.environ['LOA_BENCH_TOKEN']}"}
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    found: dict[str, Turns] = {}
    with httpx.Client(base_url=given.url, headers=headers, limits=limits, timeout=30.0) as client:
        kinds = {"healthz": healthz(client), "mix": mix(client, given.airing, json.loads(given.draft))}
        for name, asks in list(kinds.items()) * given.turns:
            before, so_far = busy(given.pid), found.get(name, Turns([], 0.0))
            answers = pace(asks, rate=given.rate, seconds=given.seconds / given.turns)
            found[name] = Turns(so_far.answers + answers, so_far.busy + busy(given.pid) - before)
    print(json.dumps({name: asdict(turns) for name, turns in found.items()}))


if __name__ == "__main__":
    main()
