"""`loa database restored` begins a new epoch each time it is called."""

import json
import os
import sys
from pathlib import Path

import pytest

from broadcaster import __main__

pytestmark = pytest.mark.database


def test_each_call_begins_a_newer_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("LOA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LOA_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("LOA_BROKERS", "localhost:1")
    monkeypatch.setattr(sys, "argv", ["loa", "database", "restored", "--json"])
    found = []
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        assert not ended.value.code
        found.append(json.loads(capsys.readouterr().out)["epoch"])
    assert 1 < found[0] < found[1]
