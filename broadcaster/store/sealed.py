"""Columns of secrets: sealed on their way into the database, opened on their way out, under a key that is not in it."""

from typing import Annotated, Protocol, TypeGuard
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Text
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from broadcaster.domain.errors import LoaError

MARK = "sealed:"


class Sealing(Protocol):
    """What seals and opens, as services/people/vault.py does."""

    def seal(self, secret: str) -> bytes:
        """What is stored of a secret: ASCII."""

    def unseal(self, sealed: bytes) -> str:
        """The secret again. Raises LoaError when the key is another one."""


class Unreadable(str):
    """A secret as it is stored, because the key that opens it is not here; stored again it stays as it is."""

    __slots__ = ()


# A column type is told of no database but by its dialect, of which each engine has its own.
_vaults: WeakKeyDictionary[Dialect, Sealing] = WeakKeyDictionary()


def seal_with(dialect: Dialect, vault: Sealing) -> None:
    """From now on secrets of this engine are sealed and opened by this vault."""
    _vaults[dialect] = vault


class SealedText(TypeDecorator[str]):
    """A secret in clear in the program, and sealed in the database; empty stays empty, what is plain there is read."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if not value or isinstance(value, Unreadable):
            return None if value is None else str(value)
        if dialect not in _vaults:
            raise ValueError("a secret is stored by a database that was given a vault")
        return MARK + _vaults[dialect].seal(value).decode("ascii")

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or not value.startswith(MARK):
            return value
        try:
            return _vaults[dialect].unseal(value.removeprefix(MARK).encode())
        except (LoaError, KeyError):
            return Unreadable(value)


Sealed = Annotated[str, mapped_column(SealedText)]


def lost(secret: str | None) -> TypeGuard[Unreadable]:
    """Whether there is a secret, and the key that opens it is not here."""
    return isinstance(secret, Unreadable)


def opened(secret: str) -> str:
    """The secret; empty when it cannot be opened."""
    return "" if lost(secret) else secret
