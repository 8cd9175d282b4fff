"""A disk without a disk: the real journal and clips in memory, full when the weather says so."""

import errno
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from device_agent.clips import ClipStore, Get
from device_agent.journal import Journal
from firmware_config.protocol import ClipRef, Receipt


class VirtualJournal(Journal):
    """Says when the weather has filled the disk, and which receipts were committed."""

    def __init__(self, path: Path, full: Callable[[], bool], commit: Callable[[Mapping[int, bytes]], None]) -> None:
        self._is_full = full
        self._commit = commit
        self._adding: dict[int, bytes] = {}
        self._depth = 0
        super().__init__(path)

    @property
    def full(self) -> bool:
        """Whether only what is urgent finds room."""
        return self._is_full()

    @contextmanager
    def writing(self, *, urgent: bool = False) -> Iterator[None]:
        """As the real one."""
        self._depth += 1
        try:
            with super().writing(urgent=urgent):
                yield
            if self._depth == 1:
                self._commit(self._adding)
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._adding.clear()

    def add_receipt(self, receipt: Receipt) -> None:
        """As the real one."""
        with self.writing():
            super().add_receipt(receipt)
            self._adding[receipt.seq] = receipt.to_bytes()


class VirtualClips(ClipStore):
    """A full disk takes no clips either."""

    def __init__(self, folder: Path, full: Callable[[], bool]) -> None:
        super().__init__(folder, 10**9)
        self._full = full

    def put(self, clip: ClipRef, data: bytes) -> None:
        """As the real one."""
        self._check()
        super().put(clip, data)

    def download(self, clip: ClipRef, get: Get, *, urgent: bool = False) -> None:
        """As the real one."""
        self._check()
        super().download(clip, get, urgent=urgent)

    def _check(self) -> None:
        if self._full():
            raise OSError(errno.ENOSPC, "no space left")
