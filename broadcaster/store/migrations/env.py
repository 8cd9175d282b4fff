"""Run by alembic with the connection it was given; the caller's transaction is the migration's."""

from alembic import context

from broadcaster.store.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, render_as_batch=connection.dialect.name == "sqlite"
)
with context.begin_transaction():
    context.run_migrations()
