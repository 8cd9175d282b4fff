"""How one field travels: each codec reads a JSON value strictly and writes it back the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Protocol, TypeAlias, cast

from firmware_config.protocol.refusals import Refusal, Refused
from firmware_config.protocol.strict_json import MAX_INTEGER, JsonValue

Millis: TypeAlias = int
"""Milliseconds since 1970-01-01T00:00:00Z."""

# The last moment every time zone can still show as a date: 9999-12-30T00:00:00Z.
LAST_MOMENT = 253_402_128_000_000

ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_PLAIN = re.compile(r"[^\x00-\x1f\x7f]*")
# Line breaks are part of an announcement's words; other control characters are part of nothing.
_PROSE = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]*")

ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")


def refuse(detail: str) -> Refused:
    """The refusal for a missing, unknown or ill-typed field."""
    return Refused(Refusal.FIELDS, detail)


class Codec(Protocol):
    """Reads with `Refused(FIELDS)`; what it wrote it reads back equal."""

    def read(self, value: JsonValue) -> object: ...
    def write(self, value: object) -> JsonValue: ...


class Plain:
    """A codec whose values are already JSON."""

    def write(self, value: object) -> JsonValue:
        """The value itself."""
        return cast("JsonValue", value)


@dataclass(frozen=True)
class Text(Plain):
    """Text of at most `most` characters that matches `pattern` from end to end."""

    most: int
    pattern: re.Pattern[str] = _PLAIN

    def read(self, value: JsonValue) -> str:
        """The text."""
        if not isinstance(value, str) or len(value) > self.most or not self.pattern.fullmatch(value):
            raise refuse("text of another form expected")
        return value


@dataclass(frozen=True)
class Number(Plain):
    """A whole number; never a boolean."""

    least: int = 0
    most: int = MAX_INTEGER

    def read(self, value: JsonValue) -> int:
        """The number."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise refuse(f"whole number from {self.least} to {self.most} expected")
        return value


class Truth(Plain):
    """true or false."""

    def read(self, value: JsonValue) -> bool:
        """The boolean."""
        if not isinstance(value, bool):
            raise refuse("true or false expected")
        return value


class Hex:
    """Raw bytes as lower-case hexadecimal digits."""

    def __init__(self, size: int) -> None:
        self._text = Text(2 * size, re.compile(rf"[0-9a-f]{{{2 * size}}}"))

    def read(self, value: JsonValue) -> bytes:
        """The bytes."""
        return bytes.fromhex(self._text.read(value))

    def write(self, value: object) -> JsonValue:
        """The digits."""
        return cast("bytes", value).hex()


class Choice:
    """One member of an enumeration, by its value."""

    def __init__(self, members: type[StrEnum]) -> None:
        self._members = {member.value: member for member in members}

    def read(self, value: JsonValue) -> StrEnum:
        """The member."""
        found = self._members.get(value) if isinstance(value, str) else None
        if found is None:
            raise refuse("one of " + ", ".join(self._members) + " expected")
        return found

    def write(self, value: object) -> JsonValue:
        """Its value."""
        return str(value)


@dataclass(frozen=True)
class Maybe:
    """Null, or what the inner codec reads."""

    inner: Codec

    def read(self, value: JsonValue) -> object:
        """None or the inner value."""
        return None if value is None else self.inner.read(value)

    def write(self, value: object) -> JsonValue:
        """Null or the inner value."""
        return None if value is None else self.inner.write(value)


@dataclass(frozen=True)
class Many:
    """A list of at least `least` and at most `most` elements, kept as a tuple."""

    inner: Codec
    most: int
    least: int = 0

    def read(self, value: JsonValue) -> tuple[object, ...]:
        """The elements."""
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            raise refuse(f"list of {self.least} to {self.most} expected")
        return tuple(self.inner.read(one) for one in value)

    def write(self, value: object) -> JsonValue:
        """The elements as a list."""
        return [self.inner.write(one) for one in cast("tuple[object, ...]", value)]


@dataclass(frozen=True)
class PerMember:
    """A mapping with exactly one number for every member of an enumeration."""

    members: type[StrEnum]
    inner: Number

    def read(self, value: JsonValue) -> Mapping[StrEnum, int]:
        """The mapping."""
        if not isinstance(value, dict) or value.keys() != {str(member) for member in self.members}:
            raise refuse("one number for each of " + ", ".join(self.members) + " expected")
        return {member: self.inner.read(value[member]) for member in self.members}

    def write(self, value: object) -> JsonValue:
        """The mapping with plain text keys."""
        return {str(key): number for key, number in cast("Mapping[StrEnum, int]", value).items()}


@dataclass(frozen=True)
class AtMost:
    """In `Annotated[tuple[X, ...], AtMost(n)]`: how many there may be."""

    most: int
    least: int = 0


Prose: TypeAlias = Annotated[str, Text(5_000, _PROSE)]
Line: TypeAlias = Annotated[str, Text(300)]
Ident: TypeAlias = Annotated[str, Text(63, ID)]
Moment: TypeAlias = Annotated[int, Number(0, LAST_MOMENT)]
Count: TypeAlias = Annotated[int, Number()]
Sha256: TypeAlias = Annotated[str, Text(64, re.compile(r"[0-9a-f]{64}"))]
Reference: TypeAlias = Annotated[str, Text(71, re.compile(r"sha256:[0-9a-f]{64}"))]
Place: TypeAlias = Annotated[str, Text(65, re.compile(rf"[ugd]:{ID.pattern}"))]
Language: TypeAlias = Annotated[str, Text(20, re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}"))]
Category: TypeAlias = Annotated[str, Text(40, re.compile(r"[a-z][a-z_]{1,39}"))]
Nonce: TypeAlias = Annotated[str, Text(64, re.compile(r"[A-Za-z0-9_-]{16,64}"))]
