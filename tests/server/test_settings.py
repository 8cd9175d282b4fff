"""Settings come from the environment, a file and defaults, and a wrong one is named."""

from pathlib import Path

import pytest

from broadcaster import settings
from broadcaster.domain.errors import BadSetting, UnknownSetting

pytestmark = pytest.mark.database


def test_defaults_need_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = settings.load({})
    assert loaded.database_url == f"sqlite:///{tmp_path / 'var' / 'loa.sqlite'}"
    assert loaded.console_url == "http://localhost:8080"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "loa.toml"
    file.write_text('port = 9000\nlanguage = "en"\n')
    loaded = settings.load({"LOA_SETTINGS": str(file), "LOA_PORT": "9001", "LOA_VOICES": "espeak"})
    assert (loaded.port, loaded.language, loaded.voices) == (9001, "en", ("espeak",))


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql+psycopg://loa@localhost/loa\n")
    loaded = settings.load({"LOA_DATABASE_FILE": str(secret)})
    assert loaded.database_url == "postgresql+psycopg://loa@localhost/loa"
    assert "postgresql" not in repr(loaded)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"LOA_PROT": "1"}, "Did you mean LOA_PORT"),
        ({"LOA_PORT": "seventy"}, "port"),
        ({"LOA_PORT": "70000"}, "port"),
        ({"LOA_DATABASE_FILE": "/nowhere/at/all"}, "LOA_DATABASE_FILE"),
        ({"LOA_SETTINGS": "/nowhere/loa.toml"}, "not_there"),
        ({"LOA_LANGUAGE": "xx"}, "language"),
    ],
)
def test_what_is_wrong_is_named(environment: dict[str, str], words: str) -> None:
    with pytest.raises(BadSetting, match=words):
        settings.load(environment)


def test_an_unknown_key_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "loa.toml"
    file.write_text("langauge = 'vi'\n")
    with pytest.raises(UnknownSetting, match="Did you mean LOA_LANGUAGE"):
        settings.load({"LOA_SETTINGS": str(file)})


def test_a_provider_is_named_whole_and_reached_safely(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("abc\n", encoding="utf-8")
    whole = {"LOA_OPEN_ID_CLIENT": "loa", "LOA_OPEN_ID_SECRET_FILE": str(secret)}
    found = settings.load(whole | {"LOA_OPEN_ID_ISSUER": "https://sso.example"})
    assert found.open_id_secret is not None
    assert found.open_id_secret.get_secret_value() == "abc"
    assert settings.load(whole | {"LOA_OPEN_ID_ISSUER": "http://127.0.0.1:9000"}).open_id_issuer
    for wrong in (
        whole,
        {"LOA_OPEN_ID_ISSUER": "https://sso.example"},
        whole | {"LOA_OPEN_ID_ISSUER": "http://sso.example"},
    ):
        with pytest.raises(BadSetting, match="open_id_issuer"):
            settings.load(wrong)


def test_proxies_are_believed_by_their_addresses_and_networks() -> None:
    found = settings.load({"LOA_TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/16"})
    assert [str(each) for each in found.trusted_proxies] == ["10.0.0.5/32", "10.1.0.0/16"]
    assert [str(each) for each in settings.load({}).trusted_proxies] == ["127.0.0.1/32", "::1/128"]
    for wrong in ("*", "proxy.example"):
        with pytest.raises(BadSetting, match="trusted_proxies"):
            settings.load({"LOA_TRUSTED_PROXIES": wrong})
