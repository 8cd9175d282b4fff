"""Insert-or-update on both databases."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

Row = Mapping[str, Any]


def upsert(session: Session, table: type[DeclarativeBase], rows: Sequence[Row], *, change: Sequence[str]) -> None:
    """Insert rows (by column name); where the primary key is there already set `change`, or leave it when empty."""
    if not rows:
        return
    core = table.__table__
    assert isinstance(core, Table)
    key = [column.name for column in core.primary_key]
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(core)
    if change:
        whole = statement.on_conflict_do_update(
            index_elements=key, set_={name: statement.excluded[name] for name in change}
        )
    else:
        whole = statement.on_conflict_do_nothing(index_elements=key)
    connection.execute(whole, list(rows))
