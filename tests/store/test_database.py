"""Transactions on both databases: what is stored, what is not, and what a failure is called."""

import resource
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from broadcaster.domain.errors import DiskFull, Malformed, StorageUnavailable
from broadcaster.store import migrations
from broadcaster.store.database import Database
from broadcaster.store.migrations.running import config
from broadcaster.store.tables import Base, Meta, Unit
from tests.databases import Server, closing_database

pytestmark = pytest.mark.database

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def value(database: Database, key: str) -> str | None:
    with database.read() as session:
        return session.scalar(select(Meta.value).where(Meta.key == key))


def store_and_fail(database: Database) -> None:
    with database.transaction() as session:
        session.add(Meta(key="one", value="0"))
        session.flush()
        raise ZeroDivisionError


def store_with_few_pages(database: Database, pages: int) -> None:
    with database.transaction() as session:
        session.execute(text(f"PRAGMA max_page_count={pages}"))
        session.add(Meta(key="one", value="x" * 100_000))


def test_migrations_and_models_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_down_leaves_nothing_and_up_again_everything(database_server: Server) -> None:
    with database_server.database(empty=True) as database:
        assert inspect(database.engine).get_table_names() == []
        database.migrate()
        database.migrate("base")
        assert inspect(database.engine).get_table_names() == ["alembic_version"]
        database.migrate()
        assert set(Base.metadata.tables) < set(inspect(database.engine).get_table_names())


def test_what_is_taken_for_the_newest_revision_is_alembics_own(database: Database) -> None:
    with database.engine.connect() as connection:
        head = ScriptDirectory.from_config(config(connection, migrations.FOLDER)).get_current_head()
        assert migrations.stands_at(connection) == migrations.newest() == head


def test_tables_of_an_older_program_are_brought_up_to_date(database_server: Server) -> None:
    with database_server.database(empty=True) as database:
        database.migrate("0001")
        database.migrate()
        assert set(Base.metadata.tables) < set(inspect(database.engine).get_table_names())


def test_a_block_that_raises_stores_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        store_and_fail(database)
    assert value(database, "one") is None


def test_what_is_changed_while_reading_is_forgotten(database: Database) -> None:
    with database.read() as session:
        session.add(Meta(key="one", value="1"))
        session.flush()
    assert value(database, "one") is None


def test_callbacks_run_after_a_commit_and_only_then(database: Database) -> None:
    seen: list[str | None] = []
    database.on_commit(lambda: seen.append(value(database, "one")))
    with pytest.raises(ZeroDivisionError):
        store_and_fail(database)
    with database.transaction() as session:
        session.add(Meta(key="one", value="1"))
    with database.read() as session:
        session.scalars(select(Meta)).all()
    assert seen == ["1"]


def test_times_come_back_in_utc_whatever_zone_they_had(database: Database) -> None:
    hanoi = NOON.astimezone(timezone(timedelta(hours=7)))
    with database.transaction() as session:
        session.add(Unit(id="xa", name="Xã", level="commune", created_at=hanoi))
    with database.read() as session:
        stored = session.get_one(Unit, "xa").created_at
        found = session.scalar(select(Unit.id).where(Unit.created_at <= hanoi))
    assert (stored, stored.tzinfo, found) == (NOON, UTC, "xa")


def test_a_time_without_zone_is_a_mistake(database: Database) -> None:
    with pytest.raises(Exception, match="needs its zone"), database.transaction() as session:
        session.add(Unit(id="xa", name="Xã", level="commune", created_at=NOON.replace(tzinfo=None)))


def test_writers_wait_for_each_other_and_lose_nothing(database: Database) -> None:
    with database.transaction() as session:
        session.add(Meta(key="count", value="0"))

    def raise_it() -> None:
        for _ in range(10):
            with database.transaction() as session:
                row = session.get_one(Meta, "count", with_for_update=True)
                row.value = str(int(row.value) + 1)

    threads = [threading.Thread(target=raise_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(database, "count") == "40"


def test_sqlite_is_opened_to_survive_a_power_cut(tmp_path: Path) -> None:
    with closing_database(Database(f"sqlite:///{tmp_path / 'loa.sqlite'}")) as database, database.read() as session:
        pragmas = [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert pragmas == ["wal", 2, 1]


def test_a_locked_database_is_storage_unavailable(tmp_path: Path) -> None:
    with closing_database(Database(f"sqlite:///{tmp_path / 'loa.sqlite'}", busy_ms=50)) as database:
        database.migrate()
        other = sqlite3.connect(tmp_path / "loa.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable) as caught, database.transaction() as session:
            session.add(Meta(key="one", value="1"))
        other.execute("ROLLBACK")
        other.close()
        assert (caught.value.code, caught.value.status) == ("storage_unavailable", 503)
        assert value(database, "one") is None
        with database.transaction() as session:
            session.add(Meta(key="one", value="1"))
        assert value(database, "one") == "1"


def test_a_full_disk_is_said_and_nothing_is_stored(tmp_path: Path) -> None:
    with closing_database(Database(f"sqlite:///{tmp_path / 'loa.sqlite'}")) as database:
        database.migrate()
        with database.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        called: list[bool] = []
        database.on_commit(lambda: called.append(True))
        with pytest.raises(DiskFull) as caught:
            store_with_few_pages(database, pages)
        assert (caught.value.code, caught.value.status, called) == ("disk_full", 503, [])
        assert value(database, "one") is None


def test_a_file_that_may_not_grow_is_storage_unavailable(tmp_path: Path) -> None:
    with closing_database(Database(f"sqlite:///{tmp_path / 'loa.sqlite'}")) as database:
        database.migrate()
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
        try:
            with pytest.raises(StorageUnavailable), database.transaction() as session:
                session.add(Meta(key="one", value="x" * 1_000_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert value(database, "one") is None


def test_a_server_that_is_gone_is_storage_unavailable() -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2"
    with closing_database(Database(url)) as database, pytest.raises(StorageUnavailable):
        database.check()


def test_what_postgresql_cannot_hold_is_the_sender_s_mistake(postgresql_server: Server) -> None:
    with postgresql_server.database() as database:
        with pytest.raises(Malformed, match="NUL"), database.transaction() as session:
            session.add(Meta(key="a\x00b", value="1"))
        assert value(database, "a") is None
