"""How the tables came to be what they are; run by the program itself, never by hand."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

FOLDER = Path(__file__).parent


def migrate(connection: Connection, revision: str = "head") -> None:
    """Upgrade to a revision; "base" or "-1" go back."""
    if revision == "head" and stands_at(connection) == newest():
        return
    # Alembic is a tenth of the time a service takes to start, and nearly every start finds its tables up to date.
    from broadcaster.store.migrations import running  # noqa: PLC0415

    running.run(connection, FOLDER, revision)


def stands_at(connection: Connection) -> str | None:
    """The revision the tables are at; None before the first one, or where it cannot be told."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    return found[0] if len(found) == 1 else None


def newest() -> str:
    """The revision the program was written for; a revision's file begins with it."""
    return max(path.name.partition("_")[0] for path in FOLDER.glob("versions/[0-9]*_*.py"))
