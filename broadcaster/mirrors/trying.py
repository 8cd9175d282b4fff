"""The registry's channels as pages try them: one at a time, over the same guarded client."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from broadcaster.domain.mirror import Copy, Outcome
from broadcaster.mirrors.base import Channel, Listening
from broadcaster.mirrors.keeping import NOTHING, Keeping
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.registry import CHANNELS, OFF, BadChannel, build
from broadcaster.services.outlets.trying import Access, Found, Kind, Tried


class TriedChannels:
    """Every channel of the registry; `private` also allows addresses of this machine and its network."""

    kinds: Sequence[Kind] = tuple(
        Kind(name, channel.label, tuple(channel.settings), OFF.get(name, "")) for name, channel in CHANNELS.items()
    )

    def __init__(self, *, private: bool, keeping: Keeping = NOTHING) -> None:
        self._private, self._keeping = private, keeping

    def problem(self, access: Access) -> str:
        """What keeps these settings from being used, in one English sentence; empty = nothing."""
        try:
            with self._open(access):
                return ""
        except BadChannel as error:
            return _said(error)

    def test(self, access: Access) -> Tried:
        """Ask the other side whether it would take a copy; residents see nothing."""
        try:
            with self._open(access) as channel:
                return channel.test()
        except BadChannel as error:
            return Tried(works=False, words=_said(error))

    def send(self, access: Access, copy: Copy) -> Outcome:
        """Post one copy; residents read it."""
        try:
            with self._open(access) as channel:
                return channel.send(copy)
        except BadChannel as error:
            return replace(error.outcome, detail=_said(error))

    def chats(self, access: Access) -> Found:
        """Where somebody wrote to us lately; takes some seconds."""
        try:
            with self._open(access) as channel:
                return channel.chats() if isinstance(channel, Listening) else Found()
        except BadChannel as error:
            return Found(problem=Tried(works=False, words=_said(error)))

    @contextmanager
    def _open(self, access: Access) -> Iterator[Channel]:
        with client(private=self._private) as outside:
            means = self._keeping.means(outside, private=self._private)
            yield build(access.kind, access.settings, means, secret=access.secret)


def _said(error: BadChannel) -> str:
    """Without the name of the kind, which a page shows anyway."""
    return str(error.__cause__ or error)
