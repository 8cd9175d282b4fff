"""What the board's own files and programs say, fed with what real ones said."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent import board

pytestmark = pytest.mark.database

MEMINFO = "MemTotal:         948288 kB\nMemFree:           61240 kB\nMemAvailable:     512340 kB\nBuffers: 30112 kB\n"
MODEM = (
    '{"modem":{"3gpp":{"operator-name":"Viettel","registration-state":"home"},'
    '"dbus-path":"/org/freedesktop/ModemManager1/Modem/0","generic":{"access-technologies":["lte"],'
    '"signal-quality":{"recent":"yes","value":"64"},"state":"connected","unlock-retries":["sim-pin (3)"]}}}'
)


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def test_a_board_with_everything(tmp_path: Path) -> None:
    put(tmp_path, "sys/class/thermal/thermal_zone0/temp", "52078\n")
    put(tmp_path, "sys/class/thermal/thermal_zone1/temp", "61500\n")
    put(tmp_path, "sys/class/thermal/thermal_zone2/temp", "disabled\n")
    put(tmp_path, "proc/meminfo", MEMINFO)
    put(tmp_path, "sys/block/mmcblk0/device/life_time", "0x01 0x03\n")
    put(tmp_path, "sys/fs/ext4/mmcblk0p2/errors_count", "2\n")
    put(tmp_path, "sys/fs/ext4/mmcblk0p1/errors_count", "0\n")
    assert board.centigrade(tmp_path) == 61
    assert board.free_memory_mb(tmp_path) == 524
    assert board.worn_percent(tmp_path) == 30
    assert board.disk_errors(tmp_path) == 2


def test_a_board_that_tells_nothing(tmp_path: Path) -> None:
    readers = (board.centigrade, board.free_memory_mb, board.worn_percent, board.disk_errors)
    assert [read(tmp_path) for read in readers] == [None] * 4
    gone = tmp_path / "gone"
    assert (board.free_disk_mb(gone), board.read_only(gone)) == (None, None)


def test_what_cannot_be_read_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "proc/meminfo").mkdir(parents=True)
    (tmp_path / "sys/class/thermal/thermal_zone0/temp").mkdir(parents=True)
    assert board.free_memory_mb(tmp_path) is None
    assert board.centigrade(tmp_path) is None


def test_this_machine(tmp_path: Path) -> None:
    free = board.free_disk_mb(tmp_path)
    assert free is not None
    assert free > 0
    assert board.read_only(tmp_path) is False
    # A file system of the kernel's own that nobody may write to.
    assert board.read_only(Path("/proc")) in {True, False}
    assert (board.free_memory_mb() or 1) > 0


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("throttled=0x0\n", (False, False)),
        ("throttled=0x50000\n", (False, True)),
        ("throttled=0x50005\n", (True, True)),
        ("throttled=0x80008\n", (False, False)),
        ('error=1 error_msg="Command not registered"\n', None),
        ("VCHI initialization failed\n", None),
        ("", None),
    ],
)
def test_voltage(said: str, found: tuple[bool, bool] | None) -> None:
    assert board.throttled_in(said) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (MODEM, 64),
        ("error: couldn't find modem\n", None),
        ('{"modem-list":[]}', None),
        ('{"modem":null}', None),
        ("[" * 100_000, None),
    ],
)
def test_signal(said: str, found: int | None) -> None:
    assert board.signal_in(said) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [("0x01 0x01", 10), ("0x02 0x0b", 110), ("0x00 0x00", None), ("0x00 0x05", 50), ("", None), ("0xff", None)],
)
def test_wear(said: str, found: int | None) -> None:
    assert board.worn_in(said) == found


@given(
    st.text() | st.from_regex(r"throttled=0x[0-9a-f]{1,40}") | st.from_regex(r"(MemAvailable: *-?[0-9]{1,30} kB\n?)+")
)
def test_nothing_a_program_says_is_trouble(text: str) -> None:
    assert board.throttled_in(text) is None or all(isinstance(one, bool) for one in board.throttled_in(text) or ())
    for found in (board.memory_in(text), board.signal_in(text), board.worn_in(text)):
        assert found is None or 0 <= found < 2**52


def test_the_flag_is_the_kernels() -> None:
    assert board.read_only(Path("/sys")) is bool(os.statvfs("/sys").f_flag & os.ST_RDONLY)
