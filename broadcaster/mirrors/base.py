"""What every channel promises."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol, Self

import httpx

from broadcaster.domain.mirror import Copy, Outcome
from broadcaster.services.outlets.trying import Setting, Tried


class Channel(Protocol):
    """One kind of place that takes copies; slow, and used by one thread at a time."""

    kind: ClassVar[str]
    label: ClassVar[str]
    settings: ClassVar[Sequence[Setting]]
    per_minute: ClassVar[int]
    """How many copies one channel sends in a minute unless its owner says otherwise."""

    @classmethod
    def build(cls, settings: Mapping[str, str], client: httpx.Client) -> Self:
        """The channel with complete settings; raises ValueError with one sentence when one makes no sense."""

    def send(self, copy: Copy) -> Outcome:
        """Post the copy once; whatever the other side does becomes an Outcome, never an exception."""

    def test(self) -> Tried:
        """Ask the other side whether it would take a copy, without showing residents anything."""
