"""A real server and a real browser for the journeys."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from broadcaster.store.database import Database
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


@pytest.fixture
def served(sqlite_database: Database, tmp_path: Path) -> Iterator[tuple[House, str]]:
    """The house behind a real port of this machine, and its address."""
    house = build(sqlite_database, tmp_path)
    config = uvicorn.Config(house.app, host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="console")
    thread.start()
    while not server.started:
        thread.join(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield house, f"http://127.0.0.1:{port}"
    house.context.live.close()
    server.should_exit = True
    thread.join(10)
