"""The last lines of the log, kept small: in memory, and now and then on disk, so that a restart loses no cause."""

import logging
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST_BYTES = 48_000
"""Of text; packed it is far below what the server takes."""
LONGEST_LINE = 500

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Passes, keys and nonces are long runs of these; a hash is one too, and no secret, and so is a path.
_LETTER = "[A-Za-z0-9+/_-]"
_HASH = "(?:[0-9a-f]{40}|[0-9a-f]{64})"
_SECRET = re.compile(rf"(?<!{_LETTER})(?!/)(?!{_HASH}(?!{_LETTER})){_LETTER}{{40,}}={{0,2}}")
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]*KEY-----.*?(-----END [A-Z ]*KEY-----|$)", re.DOTALL)


def clean(line: str) -> str:
    """One line of plain text, without what could be a secret."""
    line = _KEY_BLOCK.sub("(key)", line)
    return _SECRET.sub("(…)", _CONTROL.sub(" ", line))[:LONGEST_LINE].rstrip()


class LogRing(logging.Handler):
    """Keeps what was logged last; the oldest lines make room."""

    def __init__(self, path: Path, most: int = MOST_BYTES) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        self._path = path
        self._most = most
        self._lines: deque[str] = deque()
        self._size = 0
        self.unsaved = 0
        """Lines that are not on disk."""
        self.urgent = False
        """An error is among them."""
        self._load()

    def emit(self, record: logging.LogRecord) -> None:
        """Take one line; called under the handler's own lock."""
        try:
            line = clean(self.format(record))
        except Exception:  # noqa: BLE001  (what cannot be written out is no reason to fail)
            self.handleError(record)
            return
        self._add(line)
        self.unsaved += 1
        self.urgent = self.urgent or record.levelno >= logging.ERROR

    def text(self) -> str:
        """All lines, the oldest first."""
        with self._held():
            return "\n".join(self._lines) + "\n" if self._lines else ""

    def packed(self) -> bytes:
        """The same, as it travels."""
        # Seldom asked for: until then it takes no memory.
        import gzip  # noqa: PLC0415

        return gzip.compress(self.text().encode("utf-8"), mtime=0)

    def save(self) -> None:
        """Put them on disk in one write; a disk that takes none is reported elsewhere."""
        text = self.text()
        with self._held():
            self.unsaved, self.urgent = 0, False
        aside = self._path.with_suffix(".new")
        try:
            aside.write_text(text, encoding="utf-8")
            aside.replace(self._path)
        except OSError:
            return

    def _load(self) -> None:
        try:
            before = self._path.read_bytes()[-self._most :].decode("utf-8", "replace").splitlines()
        except OSError:
            return
        for line in before:
            self._add(clean(line))

    def _add(self, line: str) -> None:
        self._lines.append(line)
        self._size += len(line.encode("utf-8", "replace")) + 1
        while self._size > self._most:
            self._size -= len(self._lines.popleft().encode("utf-8", "replace")) + 1

    @contextmanager
    def _held(self) -> Iterator[None]:
        self.acquire()
        try:
            yield
        finally:
            self.release()


def current() -> LogRing | None:
    """The one this process writes to, if any."""
    return next((one for one in logging.getLogger().handlers if isinstance(one, LogRing)), None)
