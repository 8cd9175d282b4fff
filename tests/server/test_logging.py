"""The log must never be what ends a service."""

import sys
from contextlib import suppress
from pathlib import Path

import pytest
import structlog

from broadcaster import app

pytestmark = pytest.mark.database

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_a_log_on_a_full_disk_loses_its_lines_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    full = FULL.open("w", encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", full)
    app.set_up_logging("info")
    lost = 0
    try:
        structlog.get_logger().info("a line", action="test")
    except OSError:
        lost = 1
    finally:
        structlog.reset_defaults()
        with suppress(OSError):
            full.close()
    assert not lost, "the thread that logged would have ended"
