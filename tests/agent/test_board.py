"""The board under the agent: what systemd hears, what sensors say."""

import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from device_agent import health, systemd
from device_agent.probe import PATIENCE_S, Probe
from device_agent.senses import Senses
from firmware_config.protocol import ClockState, Health, State
from firmware_config.thresholds import ailments

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
    found = health.measure(tmp_path, tmp_path / "nothing")
    assert (found.centigrade, found.under_voltage, found.signal_percent) == (None, None, None)
    assert found.read_only is False
    assert set(ailments(found)) <= {"disk_nearly_full"}


def test_what_programs_said_is_among_the_figures(tmp_path: Path) -> None:
    found = health.measure(
        tmp_path, voltage="throttled=0x50000\n", signal='{"modem":{"generic":{"signal-quality":{"value":"12"}}}}'
    )
    assert (found.under_voltage, found.under_voltage_seen, found.signal_percent) == (False, True, 12)
    assert {"under_voltage_seen", "signal_weak"} <= set(ailments(found))


def shell(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@dataclass
class Time:
    at: float = 100.0

    def __call__(self) -> float:
        return self.at


def heard(probe: Probe, seconds: float = 5.0) -> None:
    """Turn until the program has ended."""
    until = time.monotonic() + seconds
    probe.turn()
    while probe.running and time.monotonic() < until:
        time.sleep(0.01)
        probe.turn()


def test_a_program_is_asked_again_and_never_waited_for(tmp_path: Path) -> None:
    clock, count = Time(), tmp_path / "count"
    program = shell(tmp_path, "speaks", f"echo x >> {count}; echo throttled=0x5")
    probe = Probe((program,), 300.0, Senses(mono=clock))
    heard(probe)
    assert probe.said == "throttled=0x5\n"
    heard(probe)
    clock.at += 301
    heard(probe)
    assert count.read_text() == "x\nx\n"


def test_a_program_that_fails_hangs_or_is_gone_says_nothing(tmp_path: Path) -> None:
    clock = Time()
    failing = Probe((shell(tmp_path, "fails", "echo throttled=0x5; exit 1"),), 300.0, Senses(mono=clock))
    heard(failing)
    assert failing.said is None
    hanging = Probe((shell(tmp_path, "hangs", "sleep 600"),), 300.0, Senses(mono=clock))
    hanging.turn()
    hanging.turn()
    assert hanging.running
    clock.at += PATIENCE_S + 1
    hanging.turn()
    assert (hanging.running, hanging.said) == (False, None)
    gone = Probe((str(tmp_path / "gone"),), 300.0, Senses(mono=clock))
    heard(gone)
    assert gone.said is None


def test_figures_are_told_when_they_moved_and_not_at_every_wobble() -> None:
    clock = Time()
    pace = health.Pace(clock)
    told = []
    # A day of an uneasy sensor, a look each minute.
    for minute in range(24 * 60):
        clock.at += 60
        if pace.news(Health(centigrade=50 + minute % 3, free_memory_mb=300 + minute % 17, free_disk_mb=9_000)):
            told.append(minute)
    assert told == list(range(0, 24 * 60, 360))
    assert pace.news(Health(centigrade=70, free_memory_mb=300, free_disk_mb=9_000))
    clock.at += 60
    assert not pace.news(Health(centigrade=50, free_memory_mb=300, free_disk_mb=9_000))
    clock.at += health.NEWS_S
    assert pace.news(Health(centigrade=50, free_memory_mb=300, free_disk_mb=9_000))


FULL = Health(
    centigrade=83,
    under_voltage=True,
    under_voltage_seen=True,
    free_disk_mb=21_500,
    worn_percent=10,
    disk_errors=0,
    read_only=False,
    free_memory_mb=310,
    clock_offset_ms=-12,
    signal_percent=64,
    amplifier=True,
    bytes_month=48_200_317,
)


def test_the_most_restless_board_says_a_quarter_of_a_megabyte_a_day() -> None:
    clock, bytes_told = Time(), 0
    state = State(
        "loa-1", 1, 2, "5" * 64, ClockState.TRUSTED, 180_000, 60, "loa-agent 0.2.0", 41, "5" * 64, "boot-1", ()
    )
    pace = health.Pace(clock)
    for minute in range(24 * 60):
        clock.at += 60
        found = replace(FULL, centigrade=60 + 20 * (minute % 2), signal_percent=minute % 100)
        if pace.news(found):
            bytes_told += len(replace(state, health=found).to_bytes())
    assert 0 < bytes_told < 250_000
