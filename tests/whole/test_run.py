"""`loa run` as a person meets it: it says where everything is, and Ctrl-C ends all of it."""

import os
import re
import signal
import subprocess
import sys
import time
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


def test_it_starts_says_where_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    http, mqtt = ports.free(2)
    environment = os.environ | {"LOA_DATA": str(tmp_path), "LOA_PORT": str(http), "LOA_BROKER_PORT": str(mqtt)}
    command = [sys.executable, "-m", "broadcaster", "run"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            watch(process)
        finally:
            process.kill()


def watch(process: subprocess.Popen[str]) -> None:
    links = LINK.findall(told(process))
    assert len(links) == 3
    page = httpx.get(links[0])
    assert page.is_success
    assert "<button" in page.text
    children = children_of(process.pid)
    assert len(children) == 5  # the service, three speakers, the chat group
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 0
    # Five seconds are promised; a busy machine is given some more before this is called a fault.
    assert time.monotonic() - asked < 10
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def told(process: subprocess.Popen[str]) -> str:
    """What it says until it is ready."""
    assert process.stdout is not None
    said = ""
    while "Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    return said
