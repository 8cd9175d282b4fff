"""What an idle speaker costs its board: memory, processor, and the size of what is installed for it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from bench.figures import Figure, at_most
from bench.system import system

MEMORY_MB = 45
CPU_PERCENT = 1
SETTLED_S = 10.0
WATCHED_S = 20.0
# What no agent on this protocol can do without, imported and nothing else.
BARE = """
import ctypes, http.client, json, logging, sqlite3, ssl, subprocess, sys
import paho.mqtt.client
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import load_pem_private_key
ssl.create_default_context()
print("ready", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes of 1,000,000 bytes."""

    resident: float
    own: float
    """Pages shared with other processes counted in parts."""


def run(quick: bool = False) -> list[Figure]:
    """An agent linked over TLS and playing nothing, beside a bare Python with the same libraries."""
    with system() as place:
        time.sleep(2.0 if quick else SETTLED_S)
        agent = memory(place.agent.pid)
        bare = bare_memory()
        share = 100 * processor(place.agent.pid, 5.0 if quick else WATCHED_S)
        place.household.check()
    return [
        at_most("idle agent, resident (RSS)", agent.resident, "MB", MEMORY_MB),
        Figure("… its own share (PSS)", agent.own, "MB"),
        Figure("… resident against bare Python with the same libraries", agent.resident / bare.resident, "×"),
        at_most("idle agent, processor", share, "% of a core", CPU_PERCENT),
        Figure("libraries installed for the agent", installed("loa-lang", "agent") / 1e6, "MB"),
    ]


def memory(pid: int) -> Memory:
    """What the kernel says of a process."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    found = {name: int(kb) * 1024 / 1e6 for name, kb in re.findall(r"^(Rss|Pss): +(\d+) kB$", text, re.MULTILINE)}
    return Memory(found["Rss"], found["Pss"])


def bare_memory() -> Memory:
    """A Python that has imported the libraries and waits."""
    argv = [sys.executable, "-c", BARE]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = memory(process.pid)
        process.communicate()
    return found


def processor(pid: int, seconds: float) -> float:
    """The share of one core that all threads of a process used in that time."""
    begun, used = time.monotonic(), _nanoseconds(pid)
    time.sleep(seconds)
    return (_nanoseconds(pid) - used) / 1e9 / (time.monotonic() - begun)


def _nanoseconds(pid: int) -> int:
    # The kernel's ticks of 10 ms are too coarse for a process that should hardly run.
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads)


def installed(name: str, extra: str) -> int:
    """Bytes of all libraries that an extra of a distribution brings, compiled files aside."""
    return sum(_size(each) for each in {each.name: each for each in _brought(name, extra)}.values())


def _brought(name: str, extra: str = "") -> Iterator[Distribution]:
    """What it needs, and what that needs; a library that this machine did not need is not here to be found."""
    for line in distribution(name).requires or []:
        if "extra ==" in line and not (extra and f"extra == '{extra}'" in line):
            continue
        needed = re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]
        try:
            yield distribution(needed)
        except PackageNotFoundError:
            continue
        yield from _brought(needed)


def _size(found: Distribution) -> int:
    paths = [Path(str(file.locate())) for file in found.files or [] if file.suffix != ".pyc"]
    return sum(path.stat().st_size for path in paths if path.is_file())
