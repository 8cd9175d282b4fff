"""What pages must know of the kinds of chat groups, and how one is tried; the edge that speaks to them does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from broadcaster.domain.mirror import Action, Copy, Outcome, Text
from firmware_config.protocol import Kind as WireKind
from firmware_config.protocol import Klass

TITLE = "Tin thử"
TEXT = "Đây là tin thử của hệ thống truyền thanh. Bà con không phải làm gì."


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing a kind of chat group wants to know, as data, so that a form can be drawn; `label` is a message id."""

    name: str
    label: str
    secret: bool = False
    """Kept apart, never shown again; a kind has at most one."""
    default: str | None = None
    """None: it must be given."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of chat group; `label` is a message id."""

    name: str
    label: str
    settings: tuple[Setting, ...]
    off: str = ""
    """Why a new one is off until somebody switches it on, as a message id; empty = it is on at once."""

    @property
    def plain(self) -> tuple[Setting, ...]:
        """Those that may be shown again."""
        return tuple(each for each in self.settings if not each.secret)

    @property
    def secret(self) -> Setting | None:
        """The one that is never shown again."""
        return next((each for each in self.settings if each.secret), None)


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether the other side would take a copy, in its own words: a message id with `%(name)s` places."""

    works: bool
    words: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat in which somebody wrote to us lately."""

    id: str
    group: bool
    """Whether several people read it."""
    who: str
    said: str


@dataclass(frozen=True, slots=True)
class Found:
    """The chats that were found, or why none could be looked for."""

    chats: tuple[Chat, ...] = ()
    problem: Tried | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """All that is needed to reach one group."""

    kind: str
    settings: Mapping[str, str]
    secret: str | None = field(default=None, repr=False)


class Outlets(Protocol):
    """The chat groups there are, as pages use them; slow, and never within a transaction."""

    kinds: Sequence[Kind]

    def problem(self, access: Access) -> str:
        """What keeps these settings from being used, in one English sentence; empty = nothing."""

    def test(self, access: Access) -> Tried:
        """Ask the other side whether it would take a copy; residents see nothing."""

    def send(self, access: Access, copy: Copy) -> Outcome:
        """Post one copy; residents read it."""

    def chats(self, access: Access) -> Found:
        """Where somebody wrote to us lately, for kinds that can tell; takes some seconds."""


def test_message(copy_id: str, *, place: str, link: str, now: datetime) -> Copy:
    """The short message that is posted when somebody tries a group out."""
    return Copy(
        id=copy_id,
        action=Action.POST,
        announcement="",
        revision=0,
        klass=Klass.NORMAL,
        kind=WireKind.TEST,
        title=TITLE,
        texts=(Text("vi", TEXT),),
        place=place,
        airs_at=now,
        link=link,
    )
