"""The amplifier's relay: closed only while the ledger says that something plays."""

from typing import Protocol


class Relay(Protocol):
    """A contact that feeds the amplifier."""

    def close(self) -> None:
        """Give the amplifier power."""

    def open(self) -> None:
        """Take the amplifier's power away."""


class NoRelay:
    """An amplifier that is always on."""

    def close(self) -> None:
        """Nothing to switch."""

    def open(self) -> None:
        """Nothing to switch."""
