"""Live commands: short-lived, single-use, signed by the director key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self, TypeAlias

from firmware_config.protocol.codecs import Count, Ident, Millis, Moment, Nonce, Number, Place, refuse
from firmware_config.protocol.documents import Document, Klass
from firmware_config.protocol.envelope import KeyRing, Role, unseal
from firmware_config.protocol.manifest import Item, Places, check_item
from firmware_config.protocol.refusals import Refusal, Refused
from firmware_config.protocol.strict_json import JsonValue

MAX_LIFE: Millis = 60_000


@dataclass(frozen=True, slots=True)
class PlayNow(Document):
    """Play this item at once, by its class."""

    item: Item


@dataclass(frozen=True, slots=True)
class Stop(Document):
    """Stop that airing; without one everything: what plays, and all that should have begun by now."""

    airing: Ident | None


@dataclass(frozen=True, slots=True)
class VolumeCap(Document):
    """Never louder than this (0..100) until the next manifest says otherwise."""

    volume: Annotated[int, Number(0, 100)]


@dataclass(frozen=True, slots=True)
class SelfTest(Document):
    """Measure yourself; `silent` without a sound."""

    silent: bool


@dataclass(frozen=True, slots=True)
class Resync(Document):
    """Ask again for all that is yours."""


@dataclass(frozen=True, slots=True)
class SendLog(Document):
    """Send the last lines of your log over HTTPS, in answer to this request."""

    request: Ident


@dataclass(frozen=True, slots=True)
class Resynced(Document):
    """The answer to a resync: your nonce, the server's time, and the manifest you should hold."""

    nonce: Nonce
    now: Moment
    epoch: Count
    version: Count


Action: TypeAlias = PlayNow | Stop | VolumeCap | SelfTest | SendLog | Resync | Resynced

ACTIONS: Mapping[str, type[Action]] = {
    "play_now": PlayNow,
    "stop": Stop,
    "volume_cap": VolumeCap,
    "self_test": SelfTest,
    "send_log": SendLog,
    "resync": Resync,
    "resynced": Resynced,
}
_NAMES = {action: name for name, action in ACTIONS.items()}


@dataclass(frozen=True, slots=True)
class _Header(Document):
    to: Place
    id: Ident
    issued: Moment
    expires: Moment


@dataclass(frozen=True, slots=True)
class Command(_Header):
    """One command to "d:<device>", "u:<unit>" or "g:<group>"; on the wire the action's fields lie beside these."""

    TYPE: ClassVar[str] = "application/vnd.loa.command.v1+json"
    action: Action

    def to_json(self) -> dict[str, JsonValue]:
        """The header, the action's name and the action's own fields."""
        header = _Header(self.to, self.id, self.issued, self.expires).to_json()
        return {**header, "action": _NAMES[type(self.action)], **self.action.to_json()}

    @classmethod
    def from_json(cls, value: JsonValue) -> Self:
        """The command; an unknown action or field raises `Refused(FIELDS)`."""
        if not isinstance(value, dict):
            raise refuse("an object expected")
        name = value.get("action")
        action = ACTIONS.get(name) if isinstance(name, str) else None
        if action is None:
            raise refuse("action unknown")
        names = {"to", "id", "issued", "expires"}
        header = _Header.from_json({key: value[key] for key in names & value.keys()})
        rest = {key: one for key, one in value.items() if key not in names and key != "action"}
        return cls(header.to, header.id, header.issued, header.expires, action.from_json(rest))


def accept_command(
    raw: bytes,
    *,
    me: str,
    places: Places | None,
    keys: KeyRing,
    now: Millis | None,
    seen: Callable[[str], bool],
) -> Command:
    """The command, if it is fresh, unseen and for me. Raises `Refused`.

    `now=None` means the clock is not trusted: then only a `Resynced` and the playing of an emergency pass, and the
    caller must still prove them fresh by the nonce it sent.
    """
    body = unseal(raw, payload_type=Command.TYPE, role=Role.DIRECTOR, keys=keys, now=now)
    found = Command.from_bytes(body)
    if not _is_for(found.to, me, places):
        raise Refused(Refusal.NOT_FOR_ME, "made for another place")
    if seen(found.id):
        raise Refused(Refusal.REPLAY, "this command was carried out before")
    if now is not None and now >= found.expires:
        raise Refused(Refusal.EXPIRED, "this command has ended")
    _check_policy(found, clock_trusted=now is not None)
    return found


def _is_for(to: str, me: str, places: Places | None) -> bool:
    here = {f"d:{me}"}
    if places is not None:
        here |= {f"u:{unit}" for unit in places.units} | {f"g:{group}" for group in places.groups}
    return to in here


def _check_policy(found: Command, *, clock_trusted: bool) -> None:
    if not 0 < found.expires - found.issued <= MAX_LIFE:
        raise Refused(Refusal.POLICY, "a command lives at most 60 s")
    action = found.action
    if isinstance(action, PlayNow):
        check_item(action.item, found.issued)
    emergency = isinstance(action, PlayNow) and action.item.klass is Klass.EMERGENCY
    if not clock_trusted and not emergency and not isinstance(action, Resynced):
        raise Refused(Refusal.POLICY, "this action needs a trusted clock")
