"""Named threads that are watched: one that dies stops the process loudly instead of leaving it half alive."""

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

OnFatal = Callable[[str, BaseException], None]


class Worker:
    """Runs `body(stopping)` on a thread of its own; an exception that leaves it goes to `on_fatal(name, error)`."""

    def __init__(self, name: str, body: Callable[[threading.Event], None], *, on_fatal: OnFatal) -> None:
        self.name = name
        self._body = body
        self._on_fatal = on_fatal
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; a worker is started once."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Set the event the body watches; returns at once."""
        self._stopping.set()

    def join(self, seconds: float) -> bool:
        """Wait for the thread to leave; False when it is still there."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self.alive

    @property
    def alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._body(self._stopping)
        except BaseException as error:
            log.exception("worker died", action="worker-died", worker=self.name)
            self._on_fatal(self.name, error)
