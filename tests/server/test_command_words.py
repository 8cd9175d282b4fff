"""Every refusal of a command is said in words, in the language of the settings, with its code; never as a trace."""

import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from broadcaster import __main__
from broadcaster.domain.errors import ERRORS
from broadcaster.domain.errors.base import TYPED, UNCHANGED
from broadcaster.web.i18n import LANGUAGES, say

pytestmark = pytest.mark.database

HERE = "{here}"
CASES: list[tuple[str, int, list[str], dict[str, str]]] = [
    ("unknown_setting", 78, ["speaker", "list"], {"LOA_PROT": "1"}),
    ("bad_setting", 78, ["serve"], {"LOA_PORT": "seventy"}),
    ("bad_setting", 78, ["speaker", "list"], {"LOA_DATABASE": "nonsense"}),
    ("settings_unreadable", 78, ["doctor"], {"LOA_SETTINGS": "/nowhere/loa.toml"}),
    ("settings_unreadable", 78, ["doctor"], {"LOA_DATABASE_FILE": f"{HERE}/bytes"}),
    ("file_unusable", 1, ["audit", "verify"], {"LOA_DATA": f"{HERE}/bytes"}),
    ("file_unusable", 1, ["unit", "load", "/nowhere/units.toml"], {}),
    ("malformed", 1, ["unit", "load", f"{HERE}/bytes"], {}),
    ("malformed", 1, ["unit", "load", f"{HERE}/half.toml"], {}),
    ("file_unusable", 1, ["spoken", "--dictionary", "/nowhere/words.tsv"], {}),
    ("malformed", 1, ["spoken", "--dictionary", f"{HERE}/half.toml"], {}),
    ("unknown_unit", 1, ["speaker", "add", "Loa 1", "--unit", "ban-khong-co"], {}),
    ("unknown_speaker", 1, ["speaker", "revoke", "loa-khong-co", "--reason", "Hỏng"], {}),
    ("unknown_unit", 1, ["person", "add", "a", "--name", "A", "--unit", "ban-khong-co", "--role", "clerk"], {}),
    ("not_found", 1, ["person", "link", "nobody"], {}),
    ("not_found", 1, ["token", "create", "nobody"], {}),
]


@dataclass
class Terminal:
    """One command typed in a folder of its own."""

    here: Path
    monkeypatch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]

    def type(self, words: list[str], environment: dict[str, str]) -> tuple[int, str]:
        """The exit status and what stands on standard error."""
        given = {"LOA_DATA": f"{self.here}/var", "LOA_BROKERS": "localhost:1"} | environment
        with self.monkeypatch.context() as place:
            for name in [name for name in os.environ if name.startswith("LOA_")]:
                place.delenv(name)
            for name, value in given.items():
                place.setenv(name, value.replace(HERE, str(self.here)))
            place.setattr(sys, "argv", ["loa", *(word.replace(HERE, str(self.here)) for word in words)])
            place.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
            place.chdir(self.here)
            with pytest.raises(SystemExit) as ended:
                __main__.main()
        return int(ended.value.code or 0), self.capture.readouterr().err


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "half.toml").write_text('[[units]]\nid = "ban-mot"\n', encoding="utf-8")
    return Terminal(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize(("code", "status", "words", "environment"), CASES)
def test_in_each_language(
    terminal: Terminal, code: str, status: int, words: list[str], environment: dict[str, str]
) -> None:
    kept = UNCHANGED if ERRORS[code].kept == TYPED else ERRORS[code].kept
    for language in LANGUAGES:
        ended, said = terminal.type(words, environment | {"LOA_LANGUAGE": language})
        assert ended == status
        assert f"({code})" in said
        assert say(language, kept) in said
        assert say(language, ERRORS[code].todo) in said
        assert "{" not in said


def test_the_language_of_the_file_counts_too(terminal: Terminal) -> None:
    (terminal.here / "loa.toml").write_text('language = "fr"\n', encoding="utf-8")
    _, said = terminal.type(["person", "link", "nobody"], {})
    assert say("fr", ERRORS["not_found"].todo) in said


def test_a_mistake_of_ours_keeps_its_trace(terminal: Terminal) -> None:
    def broken() -> None:
        raise RuntimeError("ours")

    terminal.monkeypatch.setattr(__main__, "app", broken)
    with pytest.raises(RuntimeError, match="ours"):
        __main__.main()
