"""Many rows that differ in a few texts, in one statement on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from broadcaster.store import outbox
from broadcaster.store.database import Database
from broadcaster.store.tables import OutboxEntry

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)
# What PostgreSQL holds: no NUL, no half of a character.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


def ask(database: Database, *wanted: tuple[str, str, datetime, datetime | None]) -> dict[str, OutboxEntry]:
    with database.transaction() as session:
        for kind, ref, now, expires in wanted:
            outbox.want(session, kind, [ref], now=now, expires=expires)
    with database.read() as session:
        return {entry.key: entry for entry in session.scalars(select(OutboxEntry))}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(refs=st.sets(texts, max_size=6))
def test_whatever_a_text_holds_it_is_stored_as_it_is(database: Database, refs: set[str]) -> None:
    with database.transaction() as session:
        session.execute(delete(OutboxEntry))
    found = ask(database, *(("manifest", ref, NOW, None) for ref in refs))
    assert {entry.ref for entry in found.values()} == refs
    assert {(key, entry.generation, entry.created_at) for key, entry in found.items()} == {
        (f"manifest:{ref}", 1, NOW) for ref in refs
    }


def test_what_is_asked_for_again_is_there_once_and_newer(database: Database) -> None:
    later, end = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)
    ask(database, ("manifest", "loa-1", NOW, None), ("live", "a", NOW, None))
    found = ask(
        database, ("live", "a", later, end), ("manifest", "loa-1", later, None), ("manifest", "loa-2", NOW, None)
    )
    assert {key: (entry.generation, entry.due_at, entry.expires_at) for key, entry in found.items()} == {
        "live:a": (2, later, end),
        "manifest:loa-1": (2, later, None),
        "manifest:loa-2": (1, NOW, None),
    }
    assert found["live:a"].created_at == NOW
