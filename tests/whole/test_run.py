"""`loa run` as a person meets it: it says where everything is, and Ctrl-C ends all of it."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from broadcaster.demo import ports

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("run")]

LINK = re.compile(r"http://\S+/sign-in/\S+")


def children_of(pid: int) -> set[int]:
    """The process ids of its living children, whatever session they run in."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for path in tasks for child in path.read_text().split()}


def family_of(pid: int) -> set[int]:
    """Its children, their children, and so on."""
    found = children_of(pid)
    return found.union(*map(family_of, found))


def gone(pids: set[int], seconds: float) -> bool:
    """Whether all of them end within so many seconds."""
    deadline = time.monotonic() + seconds
    while alive := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        if time.monotonic() > deadline:
            return not alive
        time.sleep(0.05)
    return True


def surroundings(folder: Path) -> tuple[dict[str, str], str]:
    """Settings for a run in a folder, on ports of its own, and the address of its console."""
    http, mqtt = ports.free(2)
    settings = {"LOA_DATA": str(folder), "LOA_PORT": str(http), "LOA_BROKER_PORT": str(mqtt)}
    return os.environ | settings, f"http://127.0.0.1:{http}"


def test_it_starts_says_where_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "broadcaster", "run"]
    environment, _ = surroundings(tmp_path)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            watch(process)
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_however_a_service_ends_its_broker_ends_with_it(number: signal.Signals, tmp_path: Path) -> None:
    environment, url = surroundings(tmp_path)
    with subprocess.Popen([sys.executable, "-m", "broadcaster", "serve"], env=environment) as process:
        try:
            while not answers(url):
                assert process.poll() is None
                time.sleep(0.1)
            (broker,) = family_of(process.pid)
            process.send_signal(number)
            assert process.wait(15) == (0 if number == signal.SIGTERM else -signal.SIGKILL)
            assert gone({broker}, 5)
        finally:
            process.kill()


def answers(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/healthz").is_success
    return False


def watch(process: subprocess.Popen[str]) -> None:
    links = LINK.findall(told(process))
    assert len(links) == 3
    page = httpx.get(links[0])
    assert page.is_success
    assert "<button" in page.text
    assert len(children_of(process.pid)) == 5  # the service, three speakers, the chat group
    family = family_of(process.pid)
    assert len(family) > 5  # and the broker
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 0
    # Five seconds are promised; a busy machine is given some more before this is called a fault.
    assert time.monotonic() - asked < 10
    assert gone(family, 5)


def told(process: subprocess.Popen[str]) -> str:
    """What it says until it is ready."""
    assert process.stdout is not None
    said = ""
    while "Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    return said
