"""The board under the agent: what systemd hears, what sensors say."""

import socket
from pathlib import Path

import pytest

from device_agent import health, systemd
from device_agent.problems import Problem

pytestmark = pytest.mark.database


def test_systemd_hears_and_its_absence_is_no_trouble(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        systemd.notify("READY=1")
        assert listener.recv(100) == b"READY=1"
    systemd.notify("nobody listens any more")
    monkeypatch.delenv("NOTIFY_SOCKET")
    systemd.notify("READY=1")


def test_a_board_without_sensors_is_no_sick_board(tmp_path: Path) -> None:
    found = health.problems(tmp_path)
    assert all(isinstance(problem, Problem) for problem in found)
    assert (health.free_memory_kb() or 1) > 0
