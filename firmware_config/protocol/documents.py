"""A document is a frozen dataclass that reads and writes itself; its annotations say how each field travels."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple, Self, cast, get_args, get_origin, get_type_hints

from firmware_config.protocol.codecs import AtMost, Choice, Codec, Many, Maybe, Truth, refuse
from firmware_config.protocol.refusals import Refusal, Refused
from firmware_config.protocol.strict_json import SIZE_LIMIT, JsonValue, dumps, loads

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# "class" is a word of Python's own.
_WIRE_NAMES = {"klass": "class"}


class Klass(StrEnum):
    """The three classes of Circular 39/2020/TT-BTTTT."""

    NORMAL = "normal"
    PRIORITY = "priority"
    EMERGENCY = "emergency"


class Kind(StrEnum):
    """Whether the words are meant: a drill or a test must never pass for the real thing."""

    LIVE = "live"
    DRILL = "drill"
    TEST = "test"


class ClockState(StrEnum):
    """How far a speaker may believe its own clock."""

    TRUSTED = "trusted"
    HOLDOVER = "holdover"
    UNTRUSTED = "untrusted"


class Document:
    """What all documents can do."""

    __slots__ = ()
    TYPE: ClassVar[str] = ""
    LIMIT: ClassVar[int] = SIZE_LIMIT
    LATER: ClassVar[frozenset[str]] = frozenset()
    """Fields that came after others were in the field: not written at their default, so that older programs read on."""

    def to_json(self) -> dict[str, JsonValue]:
        """The fields as JSON values."""
        found = [(one, getattr(self, one.attribute)) for one in _table(type(self)).values()]
        return {one.name: one.write(value) for one, value in found if not one.later or value != one.default}

    @classmethod
    def from_json(cls, value: JsonValue) -> Self:
        """The document; an unknown, missing or ill-typed field raises `Refused(FIELDS)`."""
        wanted = _table(cls)
        if not isinstance(value, dict):
            raise refuse("an object expected")
        missing = {name for name, one in wanted.items() if not one.later} - value.keys()
        if missing or value.keys() - wanted.keys():
            raise refuse("unknown fields, or missing: " + ", ".join(sorted(missing)))
        found: dict[str, object] = {}
        name = ""
        try:
            for name in value:
                found[wanted[name].attribute] = wanted[name].read(value[name])
        except Refused as refused:
            raise Refused(refused.code, f"{name}: {refused.detail}") from None
        return cast("Callable[..., Self]", cls)(**found)

    def to_bytes(self) -> bytes:
        """The canonical bytes of the document."""
        return dumps(self.to_json())

    @classmethod
    def from_bytes(cls, raw: bytes, *, limit: int = SIZE_LIMIT) -> Self:
        """Read bytes that are verified already, or that nobody signs."""
        most = min(limit, cls.LIMIT)
        if len(raw) > most:
            raise Refused(Refusal.OVERSIZE, f"{len(raw)} bytes, at most {most}")
        return cls.from_json(loads(raw))


@dataclass(frozen=True, slots=True)
class _Nested:
    document: type[Document]

    def read(self, value: JsonValue) -> Document:
        return self.document.from_json(value)

    def write(self, value: object) -> JsonValue:
        return cast("Document", value).to_json()


class _Field(NamedTuple):
    name: str
    attribute: str
    read: Callable[[JsonValue], object]
    write: Callable[[object], JsonValue]
    later: bool
    default: object


_TABLES: dict[type[Document], dict[str, _Field]] = {}


def _table(document: type[Document]) -> dict[str, _Field]:
    """The fields by their name on the wire, in the order written."""
    if document not in _TABLES:
        hints = get_type_hints(document, include_extras=True)
        known = fields(cast("type[DataclassInstance]", document))
        found = [_field(one.name, _codec(hints[one.name]), document, one.default) for one in known]
        _TABLES[document] = {one.name: one for one in found}
    return _TABLES[document]


def _field(attribute: str, codec: Codec, document: type[Document], default: object) -> _Field:
    later = attribute in document.LATER
    return _Field(_WIRE_NAMES.get(attribute, attribute), attribute, codec.read, codec.write, later, default)


def _codec(hint: object) -> Codec:
    if get_origin(hint) is Annotated:
        inner, mark = get_args(hint)
        return _list_codec(inner, mark) if isinstance(mark, AtMost) else cast("Codec", mark)
    if isinstance(hint, UnionType) or NoneType in get_args(hint):
        return Maybe(_codec(next(one for one in get_args(hint) if one is not NoneType)))
    if hint is bool:
        return Truth()
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Choice(hint)
    if isinstance(hint, type) and issubclass(hint, Document):
        return _Nested(hint)
    raise TypeError(f"no codec for {hint}")


def _list_codec(hint: object, mark: AtMost) -> Codec:
    return Many(_codec(get_args(hint)[0]), mark.most, mark.least)
