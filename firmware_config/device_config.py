"""One speaker's settings: read strictly from TOML, and written so that they are read back equal."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, ClassVar, TypeVar, cast, get_args, get_origin, get_type_hints

from firmware_config.protocol.topics import valid_id

T = TypeVar("T")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class ConfigError(Exception):
    """The speaker's configuration cannot be used; nothing was changed. The message names the setting."""

    code: ClassVar[str] = "config_error"


@dataclass(frozen=True, slots=True)
class _Check:
    """What a setting must be: its type, a test, and the test in words."""

    kind: type
    passes: Callable[[Any], bool]
    words: str

    def __call__(self, value: object) -> object:
        if type(value) is not self.kind or not self.passes(value):
            raise ConfigError(f"{self.words} expected")
        return value


@dataclass(frozen=True, slots=True)
class _ListOf:
    check: _Check

    def __call__(self, value: object) -> object:
        if not isinstance(value, list):
            raise ConfigError("a list expected")
        return tuple(self.check(one) for one in value)


@dataclass(frozen=True, slots=True)
class _PathOf:
    check: _Check

    def __call__(self, value: object) -> object:
        return Path(cast("str", self.check(value)))


def _number(least: int, most: int) -> _Check:
    return _Check(int, lambda value: least <= value <= most, f"a whole number from {least} to {most}")


def _text(pattern: str, words: str) -> _Check:
    known = re.compile(pattern)
    return _Check(str, lambda text: bool(known.fullmatch(text)) and not _CONTROL.search(text), words)


_id = _Check(str, valid_id, "an id of a-z, 0-9 and hyphens")
_broker = _text(r"[A-Za-z0-9.\-]{1,253}:[1-9][0-9]{0,4}", '"host:port"')
_url = _text(r"https?://[A-Za-z0-9.\-]{1,253}(:[1-9][0-9]{0,4})?(/[!-~]*)?", "an http or https address")
_sink = _text(r"aplay:.{1,100}|wav:.{1,300}|silent", '"aplay:<card>", "wav:<folder>" or "silent"')
_input = _text(r"(arecord:.{1,100}|wav:.{1,300})?", '"arecord:<card>", "wav:<file>" or ""')
_page = _text(r"([A-Za-z0-9.\-]{1,253}:[1-9][0-9]{0,4})?", '"address:port" or ""')
_path = _PathOf(_text(r"[^\ud800-\udfff]{1,300}", "a path"))


@dataclass(frozen=True, slots=True)
class KeyPaths:
    """Where the speaker's keys lie; a relative path starts at the folder of the configuration."""

    ca: Annotated[Path, _path] = Path("tls/ca.pem")
    certificate: Annotated[Path, _path] = Path("tls/speaker.pem")
    key: Annotated[Path, _path] = Path("tls/speaker.key")
    signing: Annotated[Path, _path] = Path("signing/speaker.key")
    root: Annotated[Path, _path] = Path("signing/root.pub")
    key_set: Annotated[Path, _path] = Path("keys.json")


@dataclass(frozen=True, slots=True)
class Sound:
    """How the speaker sounds: where frames go, silence before and after, and a volume nothing may exceed."""

    sink: Annotated[str, _sink] = "aplay:default"
    lead_ms: Annotated[int, _number(0, 10_000)] = 400
    tail_ms: Annotated[int, _number(0, 10_000)] = 200
    volume_max: Annotated[int, _number(0, 100)] = 100


@dataclass(frozen=True, slots=True)
class Hardware:
    """What hangs on the board: the GPIO line of the amplifier's relay, and whether it closes on low."""

    relay_gpio: Annotated[int, _number(0, 999)] | None = None
    relay_active_low: Annotated[bool, _Check(bool, lambda _: True, "true or false")] = False


@dataclass(frozen=True, slots=True)
class Loop:
    """A second sound input that hears what comes out: a microphone or a current sensor."""

    input: Annotated[str, _input] = ""


@dataclass(frozen=True, slots=True)
class Carry:
    """Where announcements come in that are carried by hand: a mounted folder, and the page for a phone nearby."""

    folder: Annotated[Path, _path] = Path("/media/loa")
    page: Annotated[str, _page] = ""


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """One speaker's settings."""

    device: Annotated[str, _id]
    name: Annotated[str, _text(r"[^\ud800-\udfff]{1,200}", "a name")]
    brokers: Annotated[tuple[str, ...], _ListOf(_broker)]
    urls: Annotated[tuple[str, ...], _ListOf(_url)]
    data: Annotated[Path, _path] = Path("/var/lib/loa")
    cache_mb: Annotated[int, _number(8, 100_000)] = 256
    keys: KeyPaths = field(default_factory=KeyPaths)
    sound: Sound = field(default_factory=Sound)
    hardware: Hardware = field(default_factory=Hardware)
    loop: Loop = field(default_factory=Loop)
    carry: Carry = field(default_factory=Carry)


def load(path: Path) -> DeviceConfig:
    """The configuration in a file, its relative paths taken from the file's folder. Raises `ConfigError`."""
    try:
        found = parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    here = path.resolve().parent
    keys = KeyPaths(**{one.name: here / getattr(found.keys, one.name) for one in fields(KeyPaths)})
    kind, _, target = found.sound.sink.partition(":")
    sink = f"wav:{here / target}" if kind == "wav" else found.sound.sink
    return replace(
        found,
        data=here / found.data,
        keys=keys,
        sound=replace(found.sound, sink=sink),
        carry=replace(found.carry, folder=here / found.carry.folder),
    )


def parse(text: str) -> DeviceConfig:
    """The configuration in a TOML text. Raises `ConfigError` naming the setting, with a guess for an unknown one."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}") from None
    return _read(DeviceConfig, table, "")


def write(config: DeviceConfig) -> str:
    """The configuration as TOML that `parse` reads back equal."""
    return "\n".join(_lines(config, "")) + "\n"


def setting_names() -> list[str]:
    """Every setting by its dotted name, as the documentation lists them."""
    return list(_names(DeviceConfig, ""))


def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _names(kind: type, prefix: str) -> Iterator[str]:
    for name, hint in _hints(kind).items():
        if is_dataclass(hint):
            yield from _names(cast("type", hint), f"{prefix}{name}.")
        else:
            yield prefix + name


def _read(kind: type[T], table: Mapping[str, object], prefix: str) -> T:
    hints = _hints(kind)
    for name in table.keys() - hints.keys():
        raise ConfigError(f"{prefix}{name}: no such setting{_guess(name, list(hints))}")
    found: dict[str, object] = {}
    for one in fields(cast("Any", kind)):
        path = prefix + one.name
        if one.name in table:
            found[one.name] = _value(hints[one.name], table[one.name], path)
        elif one.default is MISSING and one.default_factory is MISSING:
            raise ConfigError(f"{path}: missing")
    return kind(**found)


def _value(hint: object, value: object, path: str) -> object:
    if isinstance(hint, type) and is_dataclass(hint):
        if not isinstance(value, dict):
            raise ConfigError(f"{path}: a table expected")
        return _read(hint, value, f"{path}.")
    if NoneType in get_args(hint):
        hint = next(one for one in get_args(hint) if one is not NoneType)
    assert get_origin(hint) is Annotated
    try:
        return get_args(hint)[1](value)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _guess(name: str, known: list[str]) -> str:
    # Only for who has mistyped: a speaker that works does not carry it in its memory.
    import difflib  # noqa: PLC0415

    close = difflib.get_close_matches(name, known, n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _lines(config: object, prefix: str) -> Iterator[str]:
    tables = []
    for one in fields(cast("Any", config)):
        value = getattr(config, one.name)
        if is_dataclass(value):
            tables.append((prefix + one.name, value))
        elif value is not None:
            yield f"{one.name} = {_toml(value)}"
    for name, table in tables:
        yield f"\n[{name}]"
        yield from _lines(table, f"{name}.")


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # JSON's spelling of texts, numbers and truth is TOML's as well.
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
