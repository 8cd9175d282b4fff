"""Many rows in one statement, on both databases: insert-or-update, and update."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from broadcaster.store.base import UtcDateTime

Row = Mapping[str, Any]
Insert = postgresql.Insert | sqlite.Insert


def upsert(session: Session, table: type[DeclarativeBase], rows: Sequence[Row], *, change: Sequence[str]) -> None:
    """Insert rows (by column name); where the primary key is there already set `change`, or leave it when empty."""
    if not rows:
        return
    core, connection = _core(table), session.connection()
    if _is_postgresql(connection):
        given = _table(core, rows)
        insert = postgresql.insert(core).from_select(list(rows[0]), select(*given.values()))
        connection.execute(_settled(insert, core, _primary(core), change))
    else:
        connection.execute(_upsert_one(core, tuple(rows[0]), tuple(change)), _parameters(rows))


def spread(
    session: Session,
    table: type[DeclarativeBase],
    common: Row,
    each: Sequence[Row],
    *,
    change: Sequence[str] = (),
    key: Sequence[str] = (),
    count: str = "",
) -> None:
    """Insert rows that differ only in a few texts: `common` in all of them, and a row for each of `each`.

    Where the unique `key` is there already set `change` and add one to the column `count`.
    """
    if not each:
        return
    core, connection = _core(table), session.connection()
    postgres = _is_postgresql(connection)
    same = {name: bindparam(f"b_{name}", value, type_=core.c[name].type) for name, value in common.items()}
    given = same | (_table(core, each) if postgres else _listed(core, each))
    # SQLite would take ON CONFLICT after a bare FROM for the condition of a join.
    rows = select(*given.values()).where(true())
    insert = (postgresql.insert if postgres else sqlite.insert)(core).from_select(list(given), rows)
    connection.execute(_settled(insert, core, key, change, count) if change else insert)


def update_many(
    session: Session,
    table: type[DeclarativeBase],
    rows: Sequence[Row],
    *,
    key: Sequence[str],
    keep: Collection[str] = (),
) -> None:
    """Set every other column of each row where `key` matches; a None in a `keep` column leaves what is there."""
    if not rows:
        return
    core, connection = _core(table), session.connection()
    if _is_postgresql(connection):
        connection.execute(_updated(core, _table(core, rows), key, keep))
    else:
        connection.execute(_update_one(core, tuple(rows[0]), tuple(key), frozenset(keep)), _parameters(rows))


# What is said of one row is put together once for each shape of row: that costs more than saying it.
@cache
def _upsert_one(table: Table, names: tuple[str, ...], change: tuple[str, ...]) -> Insert:
    return _settled(sqlite.insert(table).values(_given(table, names)), table, _primary(table), change)


@cache
def _update_one(table: Table, names: tuple[str, ...], key: tuple[str, ...], keep: frozenset[str]) -> Update:
    return _updated(table, _given(table, names), key, keep)


def _updated(
    table: Table, given: Mapping[str, ColumnElement[Any]], key: Sequence[str], keep: Collection[str]
) -> Update:
    values = {
        name: func.coalesce(value, table.c[name]) if name in keep else value
        for name, value in given.items()
        if name not in key
    }
    return update(table).where(*(table.c[name] == given[name] for name in key)).values(values)


def _primary(table: Table) -> Sequence[str]:
    return [column.name for column in table.primary_key]


def _given(table: Table, names: Iterable[str]) -> dict[str, ColumnElement[Any]]:
    # A parameter may not have the name of a column that the statement sets.
    types = {name: table.c[name].type for name in names}
    return {
        name: bindparam(f"b_{name}", type_=Text() if isinstance(kind, UtcDateTime) else kind)
        for name, kind in types.items()
    }


def _parameters(rows: Sequence[Row]) -> list[dict[str, Any]]:
    # Written out here as SQLAlchemy would, but once for each moment: most rows of one call share theirs.
    written = cache(lambda at: at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds"))
    return [
        {f"b_{name}": written(value) if isinstance(value, datetime) else value for name, value in row.items()}
        for row in rows
    ]


def _table(table: Table, rows: Sequence[Row]) -> dict[str, ColumnElement[Any]]:
    # All rows in one JSON text: PostgreSQL takes this several times faster than parameters row by row.
    text = json.dumps(list(rows), ensure_ascii=False, default=_plain)
    columns = [column(name, table.c[name].type) for name in rows[0]]
    given = func.json_to_recordset(cast(bindparam("rows", text, type_=Text), postgresql.JSON))
    found = given.table_valued(*columns, name="given").render_derived(with_types=True).c
    return {name: found[name] for name in rows[0]}


def _listed(table: Table, rows: Sequence[Row]) -> dict[str, ColumnElement[Any]]:
    """The same for SQLite, for texts only."""
    text = json.dumps([list(row.values()) for row in rows], ensure_ascii=False)
    value = func.json_each(bindparam("rows", text, type_=Text)).table_valued("value").c.value
    return {name: func.json_extract(value, f"$[{at}]", type_=table.c[name].type) for at, name in enumerate(rows[0])}


def _plain(value: object) -> str:
    """What JSON has no form of, as PostgreSQL reads it."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no column holds {type(value)}")


def _settled(statement: Insert, table: Table, key: Sequence[str], change: Sequence[str], count: str = "") -> Insert:
    if not change:
        return statement.on_conflict_do_nothing()
    values: dict[str, ColumnElement[Any]] = {name: statement.excluded[name] for name in change}
    if count:
        values[count] = table.c[count] + 1
    return statement.on_conflict_do_update(index_elements=key, set_=values)


def _core(table: type[DeclarativeBase]) -> Table:
    assert isinstance(table.__table__, Table)
    return table.__table__


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
