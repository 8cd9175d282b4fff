"""Documents of every kind, drawn from the same annotations that the product reads them by."""

from dataclasses import fields
from enum import StrEnum
from types import NoneType
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from firmware_config.protocol import Command, Document, valid_id
from firmware_config.protocol.codecs import AtMost, Hex, Number, PerMember, Text
from firmware_config.protocol.commands import ACTIONS

ids = st.from_regex(r"[a-z0-9][a-z0-9-]{1,62}", fullmatch=True).filter(valid_id)
moments = st.integers(0, 253_402_128_000_000)


def documents(kind: type[Document]) -> st.SearchStrategy[Document]:
    """Documents of one kind, each field anywhere within its codec."""
    if kind is Command:
        actions = st.one_of([documents(action) for action in ACTIONS.values()])
        to = ids.map("d:{}".format)
        return st.builds(Command, to=to, id=ids, issued=moments, expires=moments, action=actions)
    hints = get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{one.name: _field(hints[one.name]) for one in fields(cast("Any", kind))})


def _field(hint: object) -> st.SearchStrategy[Any]:
    if get_origin(hint) is Annotated:
        inner, mark = get_args(hint)
        return _marked(inner, mark)
    if NoneType in get_args(hint):
        return st.none() | _field(next(one for one in get_args(hint) if one is not NoneType))
    if hint is bool:
        return st.booleans()
    assert isinstance(hint, type)
    if issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    assert issubclass(hint, Document)
    return documents(hint)


def _marked(inner: object, mark: object) -> st.SearchStrategy[Any]:
    match mark:
        case AtMost():
            return st.lists(_field(get_args(inner)[0]), min_size=mark.least, max_size=3).map(tuple)
        case Number():
            return st.integers(mark.least, mark.most)
        case Hex():
            return st.binary(min_size=32, max_size=32)
        case PerMember():
            return st.fixed_dictionaries({one: st.integers(0, 2**53) for one in mark.members})
        case Text() if mark.pattern.pattern.startswith("[^"):
            return st.text(max_size=min(mark.most, 40)).filter(mark.pattern.fullmatch)
        case Text():
            return st.from_regex(mark.pattern, fullmatch=True).filter(lambda text: len(text) <= mark.most)
    raise AssertionError(f"no strategy for {mark}")
