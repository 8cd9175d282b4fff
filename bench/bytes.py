"""Bytes on the socket of a real agent for each announcement, against the bytes of its clip."""

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import func, select
from starlette.middleware.base import RequestResponseEndpoint

from audio.clip import clip_path
from bench.counting import CountingProxy
from bench.figures import Figure, at_most
from bench.ground import APPROVER, CLERK, COMMUNE, Ground, ground, utc_now
from broadcaster.services.airtime import airings
from broadcaster.services.places import speakers
from broadcaster.services.speaking import manifests
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Clip, Delivery, Speaker
from broadcaster.web.device import KEEP_ALIVE_S, DeviceApi, device_routes
from broadcaster.web.security import Guard
from firmware_config.bundle import bundle, write_folder
from firmware_config.device_config import Sound

SHORT_S, LONG_S = 10, 60
"""Some 30 kB, and the 180 kB of a minute."""
PATIENCE = 120.0
SETTLE = 3.0
NOBODY = 9
"""A port at which no broker answers."""


@dataclass
class Api:
    """The device API behind TLS on a port of its own."""

    port: int = 0
    asked: int = 0
    """How often a speaker asked for its manifest."""


def run(quick: bool = False) -> list[Figure]:
    """A number of announcements, each with a clip of its own, one after the other on one speaker: by either path."""
    spans = [(SHORT_S, 1)] if quick else [(SHORT_S, 3), (LONG_S, 1)]
    return [found for path in ("MQTT", "HTTPS") for one in spans for found in measure(path, *one)]


def measure(path: str, seconds: int, number: int) -> list[Figure]:
    """So many announcements of so many seconds each by one path."""
    with ground() as here, ExitStack() as stack:
        # The first one pays for the certificates of both sides and is not counted.
        clips = [_make_clip(here, at, seconds) for at in range(number + 1)]
        api = stack.enter_context(serve(here))
        http, broker = CountingProxy(api.port), CountingProxy(here.port)
        exchange = here.exchange()
        exchange.start()
        stack.callback(exchange.stop)
        name = stack.enter_context(agent(here, broker.port if path == "MQTT" else NOBODY, http.port))
        wait(lambda: _is_settled(here, name))
        asking = 0 if path == "MQTT" else _asking(api, http)
        counts: list[tuple[int, int]] = []
        for at, (sha256, size) in enumerate(clips):
            time.sleep(SETTLE)
            before, asked = http.bytes + broker.bytes, api.asked
            airing = _air(here, sha256, at)
            wait(lambda one=airing: _is_heard(here, one))  # type: ignore[misc]
            time.sleep(SETTLE)
            asked = api.asked - asked if path == "HTTPS" else 0
            counts.append((http.bytes + broker.bytes - before - asked * asking, size))
    del counts[0]
    overhead = max(total - size * 1.08 for total, size in counts)
    return [
        Figure(f"{path}: clip of {seconds} s", counts[-1][1], "bytes"),
        Figure(f"{path}: on the socket for one announcement", sum(total for total, _ in counts) / number, "bytes"),
        at_most(f"{path}: beyond the clip × 1.08, at worst", overhead, "bytes", 4_000),
    ]


def _asking(api: Api, http: CountingProxy) -> int:
    """What a question without news costs; a speaker without MQTT puts it once a minute, announcement or not."""
    asked = api.asked
    wait(lambda: api.asked > asked)
    time.sleep(SETTLE)
    before, asked = http.bytes, api.asked
    wait(lambda: api.asked > asked)
    time.sleep(SETTLE)
    return http.bytes - before


def _make_clip(here: Ground, at: int, seconds: int) -> tuple[str, int]:
    sound = f"sine=frequency={300 + 50 * at}:duration={seconds},aformat=channel_layouts=mono,volume=0.5"
    # As the product encodes speech: 24 kbit/s throughout, or a pure tone would be too small to compare with.
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", sound, "-c:a", "libopus", "-b:a", "24k", "-vbr", "off"]
    raw = subprocess.run([*command, "-f", "ogg", "-"], check=True, capture_output=True).stdout
    sha256 = hashlib.sha256(raw).hexdigest()
    place = clip_path(here.folder / "clips", sha256)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(raw)
    with here.database.transaction() as session:
        session.add(
            Clip(
                sha256=sha256,
                bytes=len(raw),
                ms=seconds * 1000,
                level=-1600,
                peak=-200,
                voice="tone",
                language="vi",
                source="spoken",
                created_at=utc_now(),
            )
        )
    return sha256, len(raw)


@contextmanager
def serve(here: Ground) -> Iterator[Api]:
    """The device API as the product serves it, on a port of its own."""
    app, api = FastAPI(), Api()
    app.include_router(device_routes(DeviceApi(here.database, here.signing, here.folder / "clips", now=utc_now)))

    @app.middleware("http")
    async def count(request: Request, go_on: RequestResponseEndpoint) -> Response:
        api.asked += request.url.path.endswith("/manifest")
        return await go_on(request)

    # What it adds to an answer is paid for too.
    app.add_middleware(Guard, large=lambda _path: False, refuse=_refuse, https=True)
    issued = here.authority.issue("server", server_names=("localhost",))
    names = here.folder / "server.pem", here.folder / "server.key"
    for name, pem in zip(names, (issued.certificate_pem, issued.key_pem), strict=True):
        name.write_bytes(pem)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=0,
            log_level="warning",
            timeout_graceful_shutdown=2,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            ssl_certfile=names[0],
            ssl_keyfile=names[1],
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait(lambda: server.started)
    api.port = int(server.servers[0].sockets[0].getsockname()[1])
    yield api
    server.should_exit = True
    thread.join(5)


def _refuse(_request: Request, status: int) -> Response:
    return Response(status_code=status)


@contextmanager
def agent(here: Ground, broker: int, http: int, **pace: str) -> Iterator[str]:
    """A real agent in a process of its own, enrolled as a technician would."""
    brokers, urls = [f"localhost:{broker}"], [f"https://localhost:{http}"]
    with here.database.transaction() as session:
        manifests.set_site(session, brokers=brokers, urls=urls)
        identity = speakers.enrol(
            session, CLERK, name="Loa đo", unit_id=COMMUNE, authority=here.authority, now=utc_now()
        )
    folder = here.folder / "agent"
    found = bundle(
        identity,
        ca=here.authority.certificate_pem,
        root=here.signing.root,
        brokers=brokers,
        urls=urls,
        keys=here.signing.keys_raw,
        sound=Sound(sink="silent"),
        data=folder / "data",
    )
    write_folder(found, folder)
    command = [sys.executable, "-m", "device_agent", "run", "--config", str(folder / "config.toml")]
    around = os.environ | {"LOA_AGENT_POLL_S": "15"} | pace
    with Path(here.folder / "agent.log").open("wb") as log, subprocess.Popen(command, stderr=log, env=around) as child:
        try:
            yield identity.device
        finally:
            child.terminate()
            child.wait(10)


def _air(here: Ground, sha256: str, at: int) -> str:
    now = utc_now()
    one, digest = here.submitted("priority", sha256=sha256, text=f"Thông báo số {at + 1} của Ủy ban nhân dân xã.")
    with here.database.transaction() as session:
        announcements.approve(session, APPROVER, one, content_sha256=digest, now=now)
        return airings.air(session, APPROVER, one, at=None, now=now).id


def _is_settled(here: Ground, name: str) -> bool:
    with here.database.read() as session:
        row = session.get_one(Speaker, name)
        return bool(row.state_version) or row.receipts_at is not None


def _is_heard(here: Ground, airing: str) -> bool:
    with here.database.read() as session:
        heard = select(func.count()).where(Delivery.airing_id == airing, Delivery.state == "heard")
        return (session.scalar(heard) or 0) > 0


def wait(done: Callable[[], bool]) -> None:
    """Until it is so; raises AssertionError when it never is."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)
