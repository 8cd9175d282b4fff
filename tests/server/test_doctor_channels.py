"""`loa doctor` asks every channel that is on, and says in words what it heard."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broadcaster.__main__ import app
from broadcaster.app import open_ground
from broadcaster.commands.ground import load_settings
from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.services.outlets.following import follow
from broadcaster.services.outlets.unreadable import WORDS, look_after_secrets
from broadcaster.store.tables import Channel, Unit
from tests.mirrors.stand_ins.serving import Served
from tests.mirrors.stand_ins.telegram import TOKEN, Chat, Desk, stand_in
from tests.mirrors.village import NOW

pytestmark = pytest.mark.database

SHUT_OUT = Outcome(CopyState.FAILED, provider_code="403", detail="the bot was removed or blocked", shut_out=True)


def channel(name: str, **values: object) -> Channel:
    return Channel(id=name, name=name, unit_id="dong-1", created_at=NOW, **values)


@pytest.fixture
def url() -> Iterator[str]:
    desk = Desk({-5: Chat("Nhóm bản Chiềng Đông 1"), -6: Chat("Nhóm khác", status="left")})
    with Served(stand_in(desk), leaving=desk.leaving) as served:
        yield served.url


@pytest.fixture
def home(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A village with a group that works, one that left us, one shut out, and one that nobody wants any more."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"DATA": str(tmp_path / "var"), "BROKERS": "localhost:1", "PRIVATE_CHANNELS": "1"}.items():
        monkeypatch.setenv(f"LOA_{name}", value)
    ground = open_ground(load_settings())
    with ground.database.transaction() as session:
        session.add(Unit(id="dong-1", name="Bản Chiềng Đông 1", level="village", created_at=NOW))
        session.flush()
        for name, chat, on in (("works", -5, True), ("left", -6, True), ("shut", -5, True), ("unwanted", -5, False)):
            settings = {"chat_id": str(chat), "base_url": url}
            session.add(channel(name, kind="telegram", settings=settings, secret=TOKEN, enabled=on))
        session.flush()
        shut = session.get_one(Channel, "shut")
        shut.blocked_reason = SHUT_OUT.detail
        follow(session, shut, SHUT_OUT, now=NOW)
    ground.database.engine.dispose()


def test_each_channel_has_its_line(home: None) -> None:
    done = CliRunner().invoke(app, ["doctor", "--json"])
    said = {line["what"]: line for line in json.loads(done.output) if line["what"].startswith("channel")}
    assert sorted(said) == [f"channel {name} (Bản Chiềng Đông 1)" for name in ("left", "shut", "works")]
    works, left, shut = (said[f"channel {name} (Bản Chiềng Đông 1)"] for name in ("works", "left", "shut"))
    assert (works["well"], works["words"]) == (True, "The bot may_gia_lap_bot may write in “Nhóm bản Chiềng Đông 1”.")
    assert not left["well"]
    assert "may not write in this group" in left["words"]
    assert (shut["well"], shut["words"]) == (
        False,
        "switched off, because its provider said: the bot was removed or blocked",
    )
    assert done.exit_code == 1
    assert TOKEN not in done.output


def words() -> dict[str, str]:
    """What the doctor says of each channel."""
    done = CliRunner().invoke(app, ["doctor", "--json"])
    return {line["what"].split()[1]: line["words"] for line in json.loads(done.output) if "channel" in line["what"]}


def test_without_the_key_it_says_what_to_enter_and_what_was_plain_works(home: None, tmp_path: Path) -> None:
    (tmp_path / "var" / "keys" / "factors.key").unlink()
    with closing(sqlite3.connect(tmp_path / "var" / "loa.sqlite", isolation_level=None)) as file:
        file.execute("UPDATE channels SET secret = ? WHERE id = 'left'", [TOKEN])
    assert words()["works"] == WORDS
    ground = open_ground(load_settings())
    look_after_secrets(ground.database, now=NOW)
    ground.database.engine.dispose()
    said = words()
    assert said["works"] == f"switched off: {WORDS}"
    assert "may not write in this group" in said["left"]
    assert TOKEN.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "var").glob("loa.sqlite*"))
