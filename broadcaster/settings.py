"""The central service's settings: `LOA_…` in the environment (or a secret's `LOA_…_FILE`), a TOML file, defaults."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, ValidationError, model_validator

from broadcaster.domain.errors import BadSetting, SettingsUnreadable, UnknownSetting, problem_with

PREFIX = "LOA_"
LOOPBACK = ("http://127.0.0.1:", "http://localhost:")
# Read elsewhere, before there are settings: where the settings file is, and the standards used by tests.
OTHER_VARIABLES = frozenset({"LOA_SETTINGS", "LOA_CAP_XSD", "LOA_PICTURES"})


class Site(TypedDict):
    """The addresses a speaker is given."""

    brokers: tuple[str, ...]
    urls: tuple[str, ...]


class Settings(BaseModel):
    """Everything a commune may set; each field is documented under its name in docs/settings.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path = Path("var")
    database: SecretStr | None = None
    listen: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65535)
    public_url: str | None = None
    trusted_proxies: tuple[IPvAnyNetwork, ...] = (IPv4Network("127.0.0.1"), IPv6Network("::1"))
    language: Literal["vi", "en", "fr"] = "vi"
    voices: tuple[str, ...] = ("gtts", "espeak")
    brokers: tuple[str, ...] = ()
    broker_port: int = Field(8883, ge=1, le=65535)
    broker_listen: str = "127.0.0.1"
    broker_host: str | None = None
    open_id_issuer: str | None = None
    open_id_client: str | None = None
    open_id_secret: SecretStr | None = None
    open_id_label: str = ""
    private_channels: bool = False
    label_days: int = Field(default=7, ge=1, le=60)
    map_tiles: Path | None = None
    developer_pages: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _open_id_is_whole(self) -> "Settings":
        given = (self.open_id_issuer, self.open_id_client, self.open_id_secret)
        if any(given) and not all(given):
            raise ValueError("open_id_issuer, open_id_client and open_id_secret belong together")
        if self.open_id_issuer and not self.open_id_issuer.startswith(("https://", *LOOPBACK)):
            raise ValueError("open_id_issuer begins with https://")
        return self

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL: the one given, else SQLite in the data folder."""
        return self.database.get_secret_value() if self.database else f"sqlite:///{self.data.absolute() / 'loa.sqlite'}"

    @property
    def console_url(self) -> str:
        """Where people and chat groups reach this service, without a slash at its end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def broker_name(self) -> str:
        """The name by which speakers reach the broker we start; its certificate carries it."""
        return self.broker_host or "localhost"

    def site(self) -> Site:
        """Where speakers find us."""
        return Site(brokers=self.brokers or (f"{self.broker_name}:{self.broker_port}",), urls=(self.console_url,))


# Written in a variable with commas between.
LISTS = frozenset({"voices", "brokers", "trusted_proxies"})


def load(environment: Mapping[str, str] = os.environ, **given: object) -> Settings:
    """The settings from what is given, the environment and the file `LOA_SETTINGS` (loa.toml where it exists).

    Raises BadSetting naming the setting and what is wrong with it, UnknownSetting with the one that was probably meant,
    SettingsUnreadable.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    values = _from_file(environment) | _from_environment(environment) | chosen
    for name in values:
        if name not in Settings.model_fields:
            raise UnknownSetting(name=name, near=_nearest(name))
    try:
        return Settings(**values)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadSetting(problem=wrong) from None


def _from_file(environment: Mapping[str, str]) -> dict[str, Any]:
    path = Path(environment.get("LOA_SETTINGS", "loa.toml"))
    if "LOA_SETTINGS" not in environment and not path.exists():
        return {}
    text = _read("LOA_SETTINGS", path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsUnreadable(path=str(path), variable="LOA_SETTINGS", problem=str(error)) from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable.startswith("LOA_AGENT_") or variable in OTHER_VARIABLES:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name.endswith("_file"):
            found[name.removesuffix("_file")] = _read(variable, Path(text)).strip()
        else:
            found[name] = text.replace(",", " ").split() if name in LISTS else text
    return found


def _read(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsUnreadable(path=str(path), variable=variable, problem=problem_with(error)) from None
    except UnicodeDecodeError:
        raise SettingsUnreadable(path=str(path), variable=variable, problem="not_utf8") from None


def _nearest(name: str) -> str:
    [near] = difflib.get_close_matches(name, Settings.model_fields, n=1, cutoff=0)
    return f"{PREFIX}{near.upper()} ({near})"
