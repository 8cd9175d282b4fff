"""Secrets that an earlier release stored as they were: sealed once, and no byte of them is left in an SQLite file."""

import sqlite3
from contextlib import closing

import structlog
from sqlalchemy import Engine, Text, delete, select, type_coerce, update
from sqlalchemy.orm import Session

from broadcaster.store.base import Base
from broadcaster.store.database import Database
from broadcaster.store.sealed import MARK, SealedText
from broadcaster.store.tables import Meta
from broadcaster.store.upsert import upsert

log = structlog.get_logger(__name__)

LEFT = "plain_secrets_left"


def seal_all(database: Database) -> int:
    """Seal what is plain and return how many secrets that were; safe to call at every start."""
    with database.transaction() as session:
        found = seal_plain(session)
        if found:
            upsert(session, Meta, [{"key": LEFT, "value": "1"}], change=["value"])
        left = session.get(Meta, LEFT) is not None
    if left and _rewritten(database.engine):
        with database.transaction() as session:
            session.execute(delete(Meta).where(Meta.key == LEFT))
    return found


def seal_plain(session: Session) -> int:
    """Seal every secret that is plain; what is sealed stays as it is."""
    found = 0
    for table in Base.metadata.sorted_tables:
        for column in (each for each in table.columns if isinstance(each.type, SealedText)):
            stored, (key,) = type_coerce(column, Text), table.primary_key.columns
            plain = (stored != "", stored.not_like(f"{MARK}%"))
            for row, secret in session.execute(select(key, stored).where(*plain)).all():
                # Another service may start at the same time, or a person type a new one.
                session.execute(update(table).where(key == row, stored == secret).values({column: secret}))
                found += 1
    return found


def _rewritten(engine: Engine) -> bool:
    """Whether nothing that was overwritten is left in the file; what PostgreSQL keeps of it, no dump shows."""
    if engine.dialect.name != "sqlite":
        return True
    try:
        with closing(engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, *_) = cursor.fetchone() or (1,)
    except sqlite3.OperationalError as error:
        log.warning("old secrets stay in the file until the next start", action="not-rewritten", problem=str(error))
        return False
    return not busy
