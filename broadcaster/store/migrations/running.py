"""Alembic, asked to bring the tables to a revision."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def config(connection: Connection, folder: Path) -> Config:
    """Alembic's configuration for an open connection; there is no alembic.ini."""
    settings = Config()
    settings.set_main_option("script_location", str(folder).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def run(connection: Connection, folder: Path, revision: str) -> None:
    """Upgrade to a revision; "base" or "-1" go back."""
    if revision == "base" or revision.startswith("-"):
        command.downgrade(config(connection, folder), revision)
    else:
        command.upgrade(config(connection, folder), revision)
