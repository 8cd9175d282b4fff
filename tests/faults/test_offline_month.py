"""G1, a small share of it: two days without a signal, and an outage's receipts back by stick and by network."""

from pathlib import Path

import pytest

from bench.faults.fault import Scale
from bench.faults.g01_offline_month import run

pytestmark = pytest.mark.database


def test_days_without_a_signal_lose_nothing(tmp_path: Path) -> None:
    outcome = run(Scale(0.04, 1, tmp_path))
    assert outcome.good, outcome.figure
