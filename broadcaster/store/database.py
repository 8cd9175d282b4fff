"""The database: how it is opened, what a transaction is, and what becomes of its failures."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from broadcaster.domain.errors import DiskFull, Malformed, StorageUnavailable
from broadcaster.store import audit, migrations, outbox, sealed, whatever_happens

BUSY_MS = 10_000
FULL = ("disk is full", "no space left", "could not extend file")


class Database:
    """One SQLite file or PostgreSQL database; safe to share between threads. Without a vault it stores no secrets."""

    def __init__(self, url: str, *, busy_ms: int = BUSY_MS, vault: sealed.Sealing | None = None) -> None:
        self.engine = _engine(url, busy_ms)
        if vault:
            sealed.seal_with(self.engine.dialect, vault)
        self._readers = sessionmaker(self.engine, expire_on_commit=False)
        writing = self.engine.execution_options(loa_writing=True)
        self._writers = sessionmaker(writing, expire_on_commit=False)
        event.listen(self._writers, "before_commit", _write_pending)
        event.listen(self._writers, "after_soft_rollback", _forget_pending)
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes are stored when the block ends, and are not when it raises.

        Raises StorageUnavailable, DiskFull or Malformed when the database cannot take them; then nothing was stored.
        """
        with _storage_errors(), self._writers() as session:
            try:
                with session.begin():
                    yield session
            finally:
                self._whatever_happened(session)
        for callback in list(self._callbacks):
            callback()

    def _whatever_happened(self, session: Session) -> None:
        for work in whatever_happens.noted(session):
            with session.begin():
                work(session)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session to look with; what is changed in it is forgotten."""
        with _storage_errors(), self._readers() as session:
            yield session

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call back, on the committing thread, after each transaction; it must be quick and never raise."""
        with self._lock:
            self._callbacks.append(callback)

    def migrate(self, revision: str = "head") -> None:
        """Bring the tables to a revision, "head" being the newest."""
        with _storage_errors(), self.engine.execution_options(loa_writing=True).begin() as connection:
            migrations.migrate(connection, revision)

    def check(self) -> None:
        """Return if the database answers; raise StorageUnavailable if not."""
        with self.read() as session:
            session.execute(select(1))

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _engine(url: str, busy_ms: int) -> Engine:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, connect_args={"timeout": busy_ms / 1000}, pool_size=20, max_overflow=20)
        if address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    return create_engine(address, pool_size=20, max_overflow=20, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:  # noqa: ANN401  (any DBAPI connection)
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("loa_writing")
    # A writer that begins as a reader may find the file changed under it and cannot wait its turn.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _write_pending(session: Session) -> None:
    outbox.write_pending(session)
    audit.write_pending(session)


def _forget_pending(session: Session, _transaction: SessionTransaction) -> None:
    outbox.forget_pending(session)
    audit.forget_pending(session)


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise _translated(error) from error
    except DataError as error:
        # PostgreSQL alone refuses a NUL in a text, or a number beyond 64 bits.
        raise Malformed(field="text", problem=str(error.orig)) from error


def _translated(error: DBAPIError) -> StorageUnavailable:
    text = str(error.orig).lower()
    return DiskFull() if any(sign in text for sign in FULL) else StorageUnavailable()
