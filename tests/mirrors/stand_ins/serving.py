"""A stand-in's application on a free loopback port, in a thread of this process."""

import socket
import threading
import time
from types import TracebackType
from typing import Self

import uvicorn
from fastapi import FastAPI


class Served:
    """`with Served(application) as url:` serves it until the end of the block."""

    def __init__(self, application: FastAPI, *, leaving: threading.Event | None = None) -> None:
        self._leaving = leaving or threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            application, log_level="warning", timeout_graceful_shutdown=1, lifespan="off", access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()
