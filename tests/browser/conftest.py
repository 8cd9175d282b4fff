"""A real server and a real browser for the journeys."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from broadcaster.store.tables import Speaker
from tests.cast import NAMES, SPEAKERS, VILLAGES
from tests.databases import Server
from tests.web.house import House, build

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One headless Chromium for all journeys of a module; while it lives, this process can run no other event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    """One house for all journeys, behind a real port of this machine, and its address."""
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("house"))
        with database.transaction() as session:
            for speaker, village in zip(SPEAKERS, VILLAGES, strict=True):
                session.get_one(Speaker, speaker).name = f"Loa {NAMES[village]}"
        with listening(house) as url:
            yield house, url


@contextmanager
def listening(house: House, port: int = 0) -> Iterator[str]:
    """The house's server, while it runs."""
    config = uvicorn.Config(house.app, host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="console")
    thread.start()
    while not server.started:
        thread.join(0.02)
    bound = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{bound}"
    house.context.live.close()
    server.should_exit = True
    thread.join(10)
