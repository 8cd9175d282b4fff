"""`loa speaker list` and `loa speaker log`: the same as on the pages, for a person at a terminal and for programs."""

import gzip
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from broadcaster import __main__
from broadcaster.app import utc_now
from broadcaster.commands import speaker_log
from broadcaster.commands.ground import ground
from broadcaster.services.places import logs
from broadcaster.store.tables import LogRequest, Speaker, Unit
from tests.cast import speaker

pytestmark = pytest.mark.database

Loa = Callable[..., tuple[int, str, str]]
WELL, HOT = "loa-a", "loa-b"


@pytest.fixture
def loa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Loa:
    """The command, with a village of two loudspeakers behind it."""
    for name in [name for name in os.environ if name.startswith("LOA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LOA_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("LOA_BROKERS", "localhost:1")
    now = utc_now()
    with ground() as here, here.database.transaction() as session:
        session.add(Unit(id="ban", name="Bản", level="village", created_at=now))
        session.flush()
        session.add_all(speaker(name, "ban", now=now) for name in (WELL, HOT))
        session.flush()
        for name, problems in ((WELL, []), (HOT, ["too_hot"])):
            row = session.get_one(Speaker, name)
            row.online, row.last_seen_at, row.clock, row.problems = True, now, "trusted", problems
        session.get_one(Speaker, HOT).health = {"centigrade": 84}

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["loa", *words])
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


def test_the_list_begins_with_the_worst_and_says_why(loa: Loa) -> None:
    status, out, _ = loa("speaker", "list", "--json")
    assert status == 0
    found = json.loads(out)
    assert [(one["id"], one["alarms"]) for one in found] == [(HOT, ["too_hot"]), (WELL, [])]
    assert found[0]["health"] == {"centigrade": 84}
    status, out, _ = loa("speaker", "list")
    assert out.index(HOT) < out.index(WELL)


def test_a_log_that_does_not_come_in_time_comes_later(loa: Loa) -> None:
    assert loa("speaker", "log", WELL, "--last")[0] == speaker_log.NOT_YET
    status, out, err = loa("speaker", "log", WELL, "--wait", "0")
    assert (status, out) == (speaker_log.NOT_YET, "")
    assert f"loa speaker log {WELL} --last" in err
    with ground() as here, here.database.transaction() as session:
        request = session.scalars(select(LogRequest)).one()
        logs.take(session, WELL, request.id, gzip.compress(b"action=ready\n"), now=utc_now())
    assert loa("speaker", "log", WELL, "--last")[:2] == (0, "action=ready\n")


def test_a_speaker_nobody_knows_has_no_log(loa: Loa) -> None:
    for words in (("--last",), ("--wait", "0")):
        status, _, err = loa("speaker", "log", "nobody", *words)
        assert status == 1
        assert "unknown_speaker" in err
