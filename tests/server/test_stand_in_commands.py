"""`loa stand-in`: what an administrator types, on a database of its own."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broadcaster.__main__ import app
from broadcaster.domain.errors import LoaError, Malformed, NotFound

pytestmark = pytest.mark.database

UNITS = """
[[units]]
id = "xa-yen-chau"
name = "Xã Yên Châu"
level = "commune"

[[units]]
id = "ban-na-pan"
name = "Bản Nà Pản"
level = "village"
parent = "xa-yen-chau"
"""


def typed(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    if isinstance(done.exception, LoaError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commune with one village and its head."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOA_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("LOA_BROKERS", "localhost:1")
    (tmp_path / "units.toml").write_text(UNITS, encoding="utf-8")
    (tmp_path / "token").write_text("1:x\n", encoding="utf-8")
    typed("unit", "load", "units.toml")
    typed("person", "add", "truong-ban", "--name", "Trưởng bản", "--unit", "ban-na-pan", "--role", "village_head")
    return tmp_path


def test_a_village_head_is_given_a_phone_and_a_chat_and_the_commune_its_limits(home: Path) -> None:
    typed("stand-in", "phone", "truong-ban", "0912 345 678")
    typed("stand-in", "channel", "truong-ban", "zalo_bot", "--setting", "chat_id=u1", "--secret-file", "token")
    assert "'emergency': [2, 4]" in typed("stand-in", "limits", "xa-yen-chau", "--emergency", "2,4")
    assert "as in the unit above" in typed("stand-in", "limits", "xa-yen-chau")
    assert json.loads(typed("stand-in", "list", "--json")) == []
    assert "Nobody was asked" in typed("stand-in", "list", "--waiting")


def test_what_makes_no_sense_is_refused_in_words(home: Path) -> None:
    with pytest.raises(Malformed):
        typed("stand-in", "limits", "xa-yen-chau", "--emergency", "soon")
    with pytest.raises(NotFound):
        typed("stand-in", "phone", "nobody", "0912 345 678")
    with pytest.raises(Malformed, match="chat_id"):
        typed("stand-in", "channel", "truong-ban", "zalo_bot", "--setting", "chat=u1", "--secret-file", "token")
    with pytest.raises(Malformed, match="webhook"):
        typed("stand-in", "channel", "truong-ban", "pigeon", "--setting", "chat=u1", "--secret-file", "token")
