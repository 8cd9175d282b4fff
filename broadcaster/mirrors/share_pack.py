"""A group no interface reaches: its copies wait for a person, who carries them over and says so."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from broadcaster.domain.mirror import Copy, CopyState, Outcome
from broadcaster.mirrors.base import Means
from broadcaster.services.outlets.trying import Setting, Tried


class SharePack:
    """Posts nothing by itself; domain/mirror.BY_HAND keeps its copies from the worker."""

    kind: ClassVar[str] = "share_pack"
    label: ClassVar[str] = "Forwarded by hand"
    settings: ClassVar[Sequence[Setting]] = ()
    per_minute: ClassVar[int] = 1

    @classmethod
    def build(cls, settings: Mapping[str, str], means: Means) -> Self:  # noqa: ARG003
        """There is nothing to set."""
        return cls()

    def send(self, copy: Copy) -> Outcome:  # noqa: ARG002
        """Refuse: only a person takes it there."""
        return Outcome(CopyState.FAILED, permanent=True, provider_code="by_hand", detail="a person forwards it")

    def test(self) -> Tried:
        """There is nobody to ask."""
        return Tried(works=True, words="A person forwards what is said and presses “Forwarded”.")
