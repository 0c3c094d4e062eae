"""Removing many rows without keeping other writers waiting."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.records.database import Database
from backend.records.tables import review_entries, review_files, reviews

ROWS_PER_TRANSACTION = 1_000


def remove_rows(database: Database, table: sa.Table, model: str) -> int:
    """Remove a model's rows from a table in short transactions; returns how many there were."""
    removed = 0
    key = next(iter(table.primary_key))
    while True:
        with database.write() as connection:
            some = sa.select(key).where(table.c.model == model).limit(ROWS_PER_TRANSACTION)
            part = connection.scalars(some).all()
            connection.execute(table.delete().where(key.in_(part)))
        if not part:
            return removed
        removed += len(part)


def forget_reviews(connection: Connection, model: str) -> None:
    """Remove a model's reviews with all that was said on them; their blobs are swept later."""
    own = sa.select(reviews.c.id).where(reviews.c.model == model)
    for table in (review_entries, review_files):
        connection.execute(table.delete().where(table.c.review_id.in_(own)))
    connection.execute(reviews.delete().where(reviews.c.model == model))
