"""Alembic's entry: runs the migrations on the connection that `database.migrate` holds."""

from alembic import context

from backend.records.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction is the transaction
)
context.run_migrations()
