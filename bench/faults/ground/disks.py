"""A disk in a file: an ext4 of our own on a loop device, and what a power cut would leave of it.

What is modelled: everything the kernel has handed to the block device is there after the cut; everything that still
lies in the page cache of the mounted file system is gone. Not modelled: a device that loses what it has taken but was
not yet told to flush.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BLOCK = 4_096
_ZEROS = bytes(_BLOCK)
_READS, _TRIES = 50, 50


def new_disk(file: Path, megabytes: int) -> None:
    """An empty ext4 in a file, no block of it kept for root."""
    with file.open("wb") as made:
        made.truncate(megabytes * 1_000_000)
    # Blocks as large as those of a card: SQLite asks for its memory map in such steps.
    _run("mkfs.ext4", "-q", "-b", "4096", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(file))


@contextmanager
def mounted(file: Path, at: Path) -> Iterator[Path]:
    """The file system in the file, mounted; the loop device goes with it."""
    at.mkdir(parents=True, exist_ok=True)
    _run("mount", "-o", "loop,errors=remount-ro", str(file), str(at))
    try:
        yield at
    finally:
        _unmount(at)


def _unmount(at: Path) -> None:
    for _ in range(_TRIES):
        if subprocess.run(["umount", str(at)], capture_output=True, check=False, timeout=60).returncode == 0:
            return
        time.sleep(0.1)
    # Whoever still works in there must not keep it: it goes when it is no longer in use.
    _run("umount", "--lazy", str(at))


def remount(at: Path, how: str) -> None:
    """`ro` or `rw`; nobody may have a file open for writing."""
    _run("mount", "-o", f"remount,{how}", str(at))


def break_down(at: Path) -> None:
    """Let the kernel meet an error on it and make it read-only, whoever has files open on it."""
    found = subprocess.run(
        ["findmnt", "-no", "SOURCE", str(at)], check=True, capture_output=True, text=True, timeout=20
    )
    Path("/sys/fs/ext4", Path(found.stdout.strip()).name, "trigger_fs_error").write_text("1")


def mend(file: Path) -> None:
    """What a board does with a disk that had errors, before it mounts it at its next start."""
    status = subprocess.run(["e2fsck", "-p", "-f", str(file)], capture_output=True, check=False, timeout=60).returncode
    if status > 1:
        raise OSError(f"e2fsck: {status}")


def image(file: Path, to: Path) -> None:
    """Copy what is on the disk at one moment; whoever writes to it should be stopped. Raises TimeoutError."""
    last = file.read_bytes()
    for _ in range(_READS):
        # The file system's own threads still write: only two reads that agree are one moment.
        again = file.read_bytes()
        if again == last:
            break
        last = again
    else:
        raise TimeoutError(f"{file} never was quiet")
    with to.open("wb") as made:
        made.truncate(len(last))
        for at in range(0, len(last), _BLOCK):
            block = last[at : at + _BLOCK]
            if block != _ZEROS:
                made.seek(at)
                made.write(block)


def still(pid: int) -> None:
    """Wait until every thread of a stopped process stands: one that waits for the disk stops when it has its answer."""
    tasks = Path(f"/proc/{pid}/task")
    while any("State:\tT" not in (one / "status").read_text() for one in tasks.iterdir()):
        time.sleep(0.001)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)
