"""Many rows in one statement, on both databases: insert-or-update, and update."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, JSON, ColumnElement, Connection, Table, Text, bindparam, cast, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

Row = Mapping[str, Any]


def upsert(session: Session, table: type[DeclarativeBase], rows: Sequence[Row], *, change: Sequence[str]) -> None:
    """Insert rows (by column name); where the primary key is there already set `change`, or leave it when empty."""
    if not rows:
        return
    core, connection = _core(table), session.connection()
    if _is_postgresql(connection):
        given = _arrays(core, rows)
        insert = postgresql.insert(core).from_select(list(rows[0]), select(*given.values()))
        connection.execute(_settled(insert, core, change))
    else:
        connection.execute(_settled(sqlite.insert(core), core, change), list(rows))


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
    names = list(rows[0])
    postgres = _is_postgresql(connection)
    # A parameter may not have the name of a column that the statement sets.
    given = (
        _arrays(core, rows) if postgres else {name: bindparam(f"b_{name}", type_=core.c[name].type) for name in names}
    )
    values = {
        name: func.coalesce(given[name], core.c[name]) if name in keep else given[name]
        for name in names
        if name not in key
    }
    statement = update(core).where(*(core.c[name] == given[name] for name in key)).values(values)
    if postgres:
        connection.execute(statement)
    else:
        connection.execute(statement, [{f"b_{name}": value for name, value in row.items()} for row in rows])


def _arrays(table: Table, rows: Sequence[Row]) -> dict[str, ColumnElement[Any]]:
    # One array a column in one statement: PostgreSQL takes this several times faster than a row at a time.
    names = list(rows[0])
    # A list in an array would be taken for another dimension of it, so JSON travels as text.
    texts = {name for name in names if isinstance(table.c[name].type, JSON)}
    arrays = [
        bindparam(name, [_text(row[name]) for row in rows], type_=ARRAY(Text))
        if name in texts
        else bindparam(name, [row[name] for row in rows], type_=ARRAY(table.c[name].type))
        for name in names
    ]
    given = func.unnest(*arrays).table_valued(*names, name="given").render_derived().c
    return {name: cast(given[name], JSON) if name in texts else given[name] for name in names}


def _text(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _settled(
    statement: postgresql.Insert | sqlite.Insert, table: Table, change: Sequence[str]
) -> postgresql.Insert | sqlite.Insert:
    if not change:
        return statement.on_conflict_do_nothing()
    key = [column.name for column in table.primary_key]
    return statement.on_conflict_do_update(index_elements=key, set_={name: statement.excluded[name] for name in change})


def _core(table: type[DeclarativeBase]) -> Table:
    assert isinstance(table.__table__, Table)
    return table.__table__


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
