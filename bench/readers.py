"""Opens a page as many residents do, each once, by phones of their own; `python -m bench.readers --help`. Prints JSON.

They come at random moments and wait for nobody; each is timed from the moment it wanted the page, connecting included.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from bench.open_loop import busy

FRACTION_BACK = 5
"""One in so many has been there before and asks whether anything changed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of one visit."""

    seconds: float
    status: int
    bytes: int
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What came of all of them."""

    visits: list[Opened]
    busy: float
    """Processor seconds the service spent on them."""


async def open_page(url: str, due: float, etag: str = "") -> Opened:
    """Connect, ask, read to the end; a status of 0 is a visit that came to nothing."""
    parts = urlsplit(url)
    lines = [f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}", "Accept-Encoding: gzip", "Connection: close"]
    lines += [f"If-None-Match: {etag}"] if etag else []
    try:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write("\r\n".join([*lines, "", ""]).encode())
        answer = await asyncio.wait_for(reader.read(-1), 30)
        writer.close()
    except (OSError, TimeoutError):
        return Opened(time.perf_counter() - due, 0, 0)
    spent = time.perf_counter() - due
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1")
    tag = next((line[6:] for line in head.split("\r\n") if line.lower().startswith("etag: ")), "")
    return Opened(spent, int(head.split(" ")[1]), len(answer), tag)


async def crowd(url: str, readers: int, seconds: float) -> list[Opened]:
    """So many visits, spread over so many seconds as people are."""
    first = await open_page(url, time.perf_counter())
    begin = time.perf_counter() + 0.1
    moments = sorted(random.uniform(0, seconds) for _ in range(readers))
    visits = []
    for number, moment in enumerate(moments):
        await asyncio.sleep(max(0.0, begin + moment - time.perf_counter()))
        etag = "" if number % FRACTION_BACK else first.etag
        visits.append(asyncio.create_task(open_page(url, begin + moment, etag)))
    return list(await asyncio.gather(*visits))


def main() -> None:
    """All of them on one page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("url")
    parser.add_argument("pid", type=int, help="the service's process")
    parser.add_argument("--readers", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    before = busy(given.pid)
    visits = asyncio.run(crowd(given.url, given.readers, given.seconds))
    print(json.dumps(asdict(Crowd(visits, busy(given.pid) - before))))


if __name__ == "__main__":
    main()
