"""What every channel promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, Self

import httpx

from broadcaster.domain.mirror import Copy, Outcome


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing a channel wants to know, as data, so that a form can be drawn from it."""

    name: str
    label: str
    """A message id: English, translated where it is shown."""
    secret: bool = False
    """Kept apart, never shown again; a channel has at most one."""
    default: str | None = None
    """None: it must be given."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a channel works, in words."""

    works: bool
    words: str
    """A message id with `%(name)s` places."""
    params: Mapping[str, str] = field(default_factory=dict)


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

    def test(self) -> Verdict:
        """Ask the other side whether it would take a copy, without showing residents anything."""
