"""The board of one airing: places with their sums where loudspeakers are many, each of them where they are few."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Tree
from broadcaster.domain.delivery import State
from broadcaster.services.airtime.unheard import languages as unheard_languages
from broadcaster.store import places
from broadcaster.store.tables import Airing, Delivery, Speaker, Unit
from broadcaster.web.labels import DELIVERY, label
from broadcaster.web.shown.airings import Sum, real
from broadcaster.web.shown.board_row import FAILED, Row, row

ROWS = 100
"""Loudspeakers on one page; beyond it they are gathered by place."""
PLACES = 80
"""Places on one page."""
UNHEARD = "unheard"
Counts = Mapping[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class View:
    """What of the board is looked at; it stands in the address, so that every refresh keeps it."""

    unheard: bool = False
    unit: str = ""
    page: int = 0

    def query(self, **changes: object) -> str:
        """The same with changes, as the end of an address."""
        wanted: dict[str, object] = {
            "show": UNHEARD if self.unheard else "",
            "unit": self.unit,
            "page": self.page or "",
        }
        said = {key: value for key, value in (wanted | changes).items() if value}
        return f"?{urlencode(said)}" if said else ""


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place with all its loudspeakers."""

    name: str
    query: str
    heard: int
    total: int
    sums: tuple[Sum, ...]


@dataclass(frozen=True, slots=True)
class Village:
    """The loudspeakers of one unit; `name` is empty where it would only repeat theirs."""

    name: str
    heard: int
    total: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Either places or villages with their loudspeakers; `path` leads back to the whole."""

    places: tuple[PlaceLine, ...]
    villages: tuple[Village, ...]
    path: tuple[tuple[str, str], ...]
    back: str | None
    """The page before and the page after, as queries; None = there is none."""
    on: str | None


def board(session: Session, airing_id: str, view: View) -> Board:
    """The part of the board that `view` asks for: at most ROWS loudspeakers or PLACES places."""
    tree, counts = places.tree(session), _counts(session, airing_id, unheard=view.unheard)
    top = _common(tree, counts)
    here = view.unit if any(view.unit in tree.path(unit) for unit in counts) else top
    inside = [unit for unit in counts if not here or here in tree.path(unit)]
    total = sum(counts[unit].total() for unit in inside)
    parts = _parts(tree, here, inside)
    by_place = total > ROWS and len(parts) > 1
    # Of thousands of places only those that are put in order are called by their names.
    names = places.names(session, {*(parts if by_place else inside), *(tree.path(here) if here else ())})
    path = _path(tree, names, top, here, view)
    first, many = (view.page * PLACES, PLACES) if by_place else (view.page * ROWS, ROWS)
    if by_place:
        # Thousands are put in order, a page of them is written out.
        ordered = sorted(parts, key=lambda part: (_all_heard(counts, parts[part]), names.get(part, part)))
        lines = [_line(names, counts, part, parts[part], view) for part in ordered[first : first + many]]
        back, on = _turning(view, first + many < len(ordered))
        return Board(tuple(lines), (), path, back, on)
    back, on = _turning(view, first + many < total)
    rows = _rows(session, airing_id, inside, view, names)
    return Board((), tuple(_villages(rows, counts)), path, back, on)


def _counts(session: Session, airing_id: str, *, unheard: bool) -> Counts:
    query = select(Delivery.unit_id, Delivery.state, func.count()).where(Delivery.airing_id == airing_id)
    found: dict[str, Counter[str]] = {}
    for unit, state, number in session.execute(
        query.where(real(), *_wanted(unheard)).group_by(Delivery.unit_id, Delivery.state)
    ):
        found.setdefault(unit, Counter())[state] = number
    return found


def _wanted(unheard: bool) -> list[ColumnElement[bool]]:
    return [Delivery.state != State.HEARD] if unheard else []


def _common(tree: Tree, counts: Counts) -> str:
    """The lowest unit in which all of them are."""
    paths = [tree.path(unit) for unit in counts]
    # What the first and the last in order share, those between share too.
    shared = [one for one, other in zip(min(paths), max(paths), strict=False) if one == other] if paths else []
    return shared[-1] if shared else ""


def _all_heard(counts: Counts, units: Iterable[str]) -> bool:
    return all(state == State.HEARD for unit in units for state in counts[unit])


def _parts(tree: Tree, here: str, inside: Sequence[str]) -> dict[str, list[str]]:
    """The units directly below `here`, with those of the airing in each; `here` itself is one where it has its own."""
    found: dict[str, list[str]] = {}
    for unit in inside:
        path = tree.path(unit)
        depth = path.index(here) + 1 if here else 0
        found.setdefault(path[min(depth, len(path) - 1)], []).append(unit)
    return found


def _path(tree: Tree, names: Mapping[str, str], top: str, here: str, view: View) -> tuple[tuple[str, str], ...]:
    if here == top or not here:
        return ()
    path = tree.path(here)
    return tuple(
        (view.query(unit=unit, page=""), names.get(unit, unit)) for unit in path[path.index(top) if top else 0 :]
    )


def _line(names: Mapping[str, str], counts: Counts, part: str, members: Sequence[str], view: View) -> PlaceLine:
    summed: Counter[str] = sum((counts[unit] for unit in members), Counter())
    sums = tuple(Sum(label(DELIVERY, state), summed[state]) for state in State if summed[state])
    query = view.query(unit=part, page="")
    return PlaceLine(names.get(part, part), query, summed[State.HEARD], summed.total(), sums)


def _turning(view: View, more: bool) -> tuple[str | None, str | None]:
    back = view.query(page=view.page - 1 or "") if view.page else None
    return back, view.query(page=view.page + 1) if more else None


def _rows(
    session: Session, airing_id: str, units: Sequence[str], view: View, names: Mapping[str, str]
) -> list[tuple[str, Row]]:
    """Those that need somebody's attention first, then by place and name; who only pretends comes last."""
    first = case((Speaker.pretend, 2), (Delivery.state.in_(FAILED), 0), else_=1)
    query = select(Delivery, Speaker.name, Speaker.pretend).join(Speaker, Speaker.id == Delivery.speaker_id)
    query = query.join(Unit, Unit.id == Delivery.unit_id).where(Delivery.airing_id == airing_id)
    query = query.where(*_wanted(view.unheard), *([real()] if view.unheard else []))
    if view.unit:
        query = query.where(Delivery.unit_id.in_(units))
    query = query.order_by(first, Unit.name, Speaker.name, Speaker.id).limit(ROWS).offset(view.page * ROWS)
    told = session.execute(query).all()
    missing = unheard_languages(session, session.get_one(Airing, airing_id), [delivery for delivery, _, _ in told])
    return [
        (
            delivery.unit_id,
            row(delivery, name, names.get(delivery.unit_id, ""), missing.get(delivery.speaker_id, ()), pretend=pretend),
        )
        for delivery, name, pretend in told
    ]


def _villages(rows: Sequence[tuple[str, Row]], counts: Counts) -> list[Village]:
    """A village with several loudspeakers is a piece of its own with its sum, the most pressing piece first."""
    pieces: dict[str, list[Row]] = {}
    for unit, one in rows:
        several = counts.get(unit, Counter()).total() > 1 and not one.pretend
        pieces.setdefault(unit if several else "", []).append(one)
    return [
        Village(
            inside[0].unit if unit else "",
            counts[unit][State.HEARD] if unit else 0,
            counts[unit].total() if unit else 0,
            tuple(inside),
        )
        for unit, inside in pieces.items()
    ]
