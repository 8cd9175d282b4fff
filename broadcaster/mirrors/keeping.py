"""Where channels find what they share: sounds, tokens, lists of readers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.mirrors.base import Means, NoToken, Reader, Readers, Tokens


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept for channels between one copy and the next."""

    sound: Callable[[str], bytes]
    tokens: Tokens
    readers: Readers

    def means(self, client: httpx.Client, *, private: bool) -> Means:
        """All that a channel may use."""
        return Means(client, self.sound, self.tokens, self.readers, private)


class Nobody:
    """No account and no reader: enough for a channel that needs neither."""

    def token(self, account: str, *, refused: str = "") -> str:  # noqa: ARG002
        """There is none. Raises NoToken."""
        raise NoToken(account)

    def waiting(self, channel: str, copy: str) -> Sequence[Reader]:  # noqa: ARG002
        """There is nobody."""
        return ()

    def sent(self, copy: str, reader: str, outcome: Outcome) -> None:  # noqa: ARG002
        """There is nobody of whom anything could be noted. Raises LookupError."""
        raise LookupError(reader)

    def results(self, copy: str) -> Mapping[CopyState, int]:  # noqa: ARG002
        """Nothing came of anything."""
        return {}


def silent(sha256: str) -> bytes:
    """There is no sound. Raises FileNotFoundError."""
    raise FileNotFoundError(sha256)


NOTHING = Keeping(silent, Nobody(), Nobody())
