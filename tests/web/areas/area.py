"""What one part of the console brings to the table of rights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.services.actor import Actor
from tests.web.cells import Row

Thing = dict[str, str]
Make = Callable[[Session, str, str, Actor, Actor, datetime], Thing]


def _nothing(_session: Session, state: str, *_: object) -> Thing:
    raise AssertionError(state)


def _no_bodies(_thing: Thing) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True)
class Area:
    """Its routes, the things they act on, and what is sent to them."""

    rows: Mapping[str, Row] = field(default_factory=dict)
    """"METHOD /path" → which cells hold."""
    states: frozenset[str] = frozenset()
    """The names of the things that `make` makes, as rows name them."""
    make: Make = _nothing
    """(session, state, unit, writer, approver, now) → the parts of the paths, and "unit"."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What its forms need beyond the fields every form is sent with."""
    bodies: Callable[[Thing], Mapping[str, object]] = _no_bodies
    """Last part of an API path → the JSON sent there."""
