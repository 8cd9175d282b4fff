"""How the tables came to be what they are; run by the program itself, never by hand."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

FOLDER = Path(__file__).parent


def config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection; there is no alembic.ini."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def migrate(connection: Connection, revision: str = "head") -> None:
    """Upgrade to a revision; "base" or "-1" go back."""
    if revision == "base" or revision.startswith("-"):
        command.downgrade(config(connection), revision)
    else:
        command.upgrade(config(connection), revision)
