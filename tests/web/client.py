"""Starlette's in-process client, imported past its wish for another HTTP library than the one we ship."""

import threading
import warnings
from concurrent.futures import Future
from functools import cache
from typing import Any

import anyio
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi import testclient

__all__ = ["TestClient"]


class TestClient(testclient.TestClient):
    """The client on one event loop for all tests: Starlette's own starts a loop and its threads for each request."""

    __test__ = False

    def __init__(self, app: FastAPI, **options: Any) -> None:
        super().__init__(app, **options)
        self.portal = _portal()


@cache
def _portal() -> BlockingPortal:
    ready = Future[BlockingPortal]()

    async def stay() -> None:
        async with BlockingPortal() as portal:
            ready.set_result(portal)
            await portal.sleep_until_stopped()

    threading.Thread(target=anyio.run, args=(stay,), name="event loop of tests", daemon=True).start()
    return ready.result()
