"""Whoever has the database and not the key beside it cannot post in a village's group."""

import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from broadcaster.domain.errors.setting_up import SecretUnreadable
from broadcaster.domain.mirror import CopyState
from broadcaster.domain.zalo_tokens import Pair
from broadcaster.mirrors.trying import TriedChannels
from broadcaster.services.outlets import channels, official_accounts, official_tokens, unreadable
from broadcaster.services.outlets.channels import Typed
from broadcaster.services.outlets.trying import Access
from broadcaster.services.outlets.unreadable import SHUT, WORDS
from broadcaster.store import sealing
from broadcaster.store.base import Base
from broadcaster.store.database import Database
from broadcaster.store.sealed import MARK
from broadcaster.store.tables import AuditEntry, Channel
from tests.cast import COMMUNE, NOW, Cast, gather
from tests.databases import closing_database
from tests.mirrors.accounts import typed
from tests.vault import VAULT

pytestmark = pytest.mark.database


class AnySettings(TriedChannels):
    """Every kind of the registry, whatever its settings are worth."""

    def problem(self, access: Access) -> str:
        return ""


OUTLETS = AnySettings(private=True)
KINDS = {kind.name: kind for kind in OUTLETS.kinds}
WITH_SECRETS = sorted(kind.name for kind in OUTLETS.kinds if kind.secret)


def secret_of(kind: str) -> str:
    """With letters in it that stand nowhere else."""
    return f"1:bimat-{kind}"


def added(database: Database, cast: Cast, kind: str = "zalo_bot") -> str:
    settings = {each.name: "x" for each in KINDS[kind].plain if each.default is None}
    filled = Typed(f"Nhóm {kind}", kind, settings, secret_of(kind))
    with database.transaction() as session:
        return channels.add(session, cast.owner, COMMUNE, filled, OUTLETS, now=NOW).id


def secret(database: Database, channel: str) -> str | None:
    with database.read() as session:
        return session.get_one(Channel, channel).secret


def make_plain(database: Database, channel: str, value: str) -> None:
    """As releases before 0.5 stored it."""
    with database.transaction() as session:
        session.execute(text("UPDATE channels SET secret = :it WHERE id = :id"), {"it": value, "id": channel})


def dumped(database: Database) -> bytes:
    """All that a stolen backup holds: the bytes of the files of SQLite, or what pg_dump writes of each table."""
    if path := database.engine.dialect.name == "sqlite" and database.engine.url.database:
        return b"".join(Path(f"{path}{end}").read_bytes() for end in ("", "-wal") if Path(f"{path}{end}").exists())
    found = b""
    with database.engine.connect() as connection:
        cursor = connection.connection.cursor()
        for table in Base.metadata.sorted_tables:
            with cursor.copy(f"COPY {table.name} TO STDOUT") as copy:
                found += b"".join(bytes(part) for part in copy)
    return found


@pytest.fixture
def elsewhere(database: Database) -> Iterator[Database]:
    """The same database on a machine that has another key."""
    url = database.engine.url.render_as_string(hide_password=False)
    other = replace(VAULT, key=urlsafe_b64encode(b"another key of thirty-two bytes."))
    with closing_database(Database(url, vault=other)) as found:
        yield found


def test_no_secret_of_any_kind_stands_in_a_dump(database: Database, cast: Cast) -> None:
    made = {kind: added(database, cast, kind) for kind in WITH_SECRETS}
    keys = {name: f"bimat-{name}-7c1e" for name in ("app", "hook", "access", "brought", "renewed")}
    with database.transaction() as session:
        filled = typed(app_secret=keys["app"], webhook_secret=keys["hook"])
        account = official_accounts.add(session, cast.owner, COMMUNE, filled, now=NOW).id
        official_tokens.bring(session, cast.owner, account, keys["brought"], now=NOW)
        claimed = official_tokens.take(session, account, now=NOW).spending
    with database.transaction() as session:
        assert claimed
        assert claimed.refresh == keys["brought"]
        pair = Pair(keys["access"], keys["renewed"], timedelta(hours=25))
        assert official_tokens.keep(session, claimed, pair, now=NOW)
    found = dumped(database)
    assert len(made) >= 8
    assert found.count(MARK.encode()) >= len(made) + len(("app", "hook", "access", "refresh"))
    assert b"bimat" not in found
    assert {kind: secret(database, channel) for kind, channel in made.items()} == {
        kind: secret_of(kind) for kind in WITH_SECRETS
    }
    with database.read() as session:
        taken = official_tokens.look(session, account, now=NOW)
        assert (taken.access, taken.site.app_secret) == (keys["access"], keys["app"])


def test_a_plain_one_goes_on_working_and_is_sealed_at_the_next_start(database: Database, cast: Cast) -> None:
    old, new = added(database, cast), added(database, cast, "webhook")
    make_plain(database, old, "2:bimat-cua-ban-cu")
    assert b"bimat-cua-ban-cu" in dumped(database)
    assert secret(database, old) == "2:bimat-cua-ban-cu"
    assert sealing.seal_all(database) == 1
    assert b"bimat" not in dumped(database)
    assert (secret(database, old), secret(database, new)) == ("2:bimat-cua-ban-cu", secret_of("webhook"))
    before = dumped(database)
    assert sealing.seal_all(database) == 0
    assert dumped(database) == before


def test_a_file_that_could_not_be_rewritten_is_at_the_next_start(sqlite_database: Database) -> None:
    cast = gather(sqlite_database)
    old, gone = added(sqlite_database, cast), added(sqlite_database, cast)
    # Many an SQLite leaves what was deleted where it was.
    with closing(sqlite3.connect(sqlite_database.engine.url.database or "", isolation_level=None)) as file:
        file.execute("PRAGMA secure_delete=OFF")
        file.execute("UPDATE channels SET secret = ? WHERE id = ?", ["2:bimat-da-xoa" * 30, gone])
        file.execute("DELETE FROM channels WHERE id = ?", [gone])
        file.execute("UPDATE channels SET secret = ? WHERE id = ?", ["2:bimat-cua-ban-cu", old])
    hurried = Database(str(sqlite_database.engine.url), busy_ms=50, vault=VAULT)
    with closing_database(hurried), sqlite_database.read() as reader:
        reader.scalars(select(Channel.id)).all()
        assert sealing.seal_all(hurried) == 1
        assert b"bimat-cua-ban-cu" in dumped(sqlite_database)
    assert sealing.seal_all(sqlite_database) == 0
    assert b"bimat" not in dumped(sqlite_database)


def test_without_the_key_channels_are_switched_off_with_one_sentence_and_nothing_else_stops(
    database: Database, elsewhere: Database, cast: Cast
) -> None:
    closed, told = added(database, cast), added(database, cast, "webhook")
    make_plain(database, told, "sixteen-bytes-at-least")
    with elsewhere.transaction() as session:
        assert sealing.seal_plain(session) == 1
        opened = channels.access(session, cast.owner, closed)
        copy = channels.test_copy(session, cast.owner, closed, link="https://loa.example", now=NOW)
    assert (OUTLETS.test(opened).words, OUTLETS.send(opened, copy)) == (WORDS, SHUT)
    with elsewhere.transaction() as session:
        assert unreadable.shut(session, now=NOW) == 1
        rows = {row.id: (row.enabled, row.blocked_reason) for row in session.scalars(select(Channel))}
    assert rows == {closed: (False, WORDS), told: (True, "")}
    with elsewhere.read() as session:
        assert (
            session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == closed)).all()[-1] == "switch_off"
        )
    # With the key put back it is as it was.
    assert secret(database, closed) == secret_of("zalo_bot")


def test_once_it_is_entered_again_it_is_switched_on(elsewhere: Database, database: Database, cast: Cast) -> None:
    made = added(database, cast)
    with elsewhere.transaction() as session:
        unreadable.shut(session, now=NOW)
    filled = Typed("Nhóm mới", "zalo_bot", {"chat_id": "g1"})
    with pytest.raises(SecretUnreadable), elsewhere.transaction() as session:
        channels.switch(session, cast.owner, made, on=True, now=NOW)
    with pytest.raises(SecretUnreadable), elsewhere.transaction() as session:
        channels.change(session, cast.owner, made, filled, OUTLETS, now=NOW)
    with elsewhere.transaction() as session:
        channels.change(session, cast.owner, made, replace(filled, secret="2:new"), OUTLETS, now=NOW)
        channels.switch(session, cast.owner, made, on=True, now=NOW)
    with elsewhere.read() as session:
        row = session.get_one(Channel, made)
        assert (row.enabled, row.secret, row.blocked_reason) == (True, "2:new", "")


def test_a_copy_for_such_a_channel_waits() -> None:
    assert (SHUT.state, SHUT.permanent, SHUT.shut_out) == (CopyState.FAILED, False, True)
