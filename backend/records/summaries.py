"""The tables of hourly summaries: where they end, adding to them and removing from them.

What they hold is derived from the log by `console.summaries`; here it is bytes. Everything that
changes them changes the watermark's row in the same transaction, and first: its id when rows were
added, its epoch when some were removed. So whoever computed from what it read finds out, and
nobody waits for a computation. `summary_rows` reads them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.records.database import Database
from backend.records.tables import (
    predictions,
    sketch_cells,
    sketches,
    summaries,
    versions,
    watermarks,
)

KEEPING = "summaries"
"""What the one process does that keeps them; for `alone`."""
_LOG = "log"
_PG_TYPES = {
    sa.String: "text",
    sa.Text: "text",
    sa.BigInteger: "bigint",
    sa.Integer: "integer",
    sa.LargeBinary: "bytea",
}


class Hour(NamedTuple):
    """A row of `summaries`; times in UTC microseconds, `version` 0 for none."""

    model: str
    start: int
    version: int
    source: str
    answered: int
    refused: int
    failed: int
    latency: bytes | None
    least_id: int
    most_id: int


class Sketch(NamedTuple):
    """A row of `sketches`; `grain` is `hour` or `day`."""

    version_id: int
    feature: str
    grain: str
    start: int
    vector: bytes
    novel: str | None


class Cells(NamedTuple):
    """A row of `sketch_cells`: the frozen bins, or why there are none."""

    version_id: int
    cells: bytes | None
    problem: str | None


@dataclass(frozen=True)
class Watermark:
    """The last row of the log that is summarised, and the epoch of the summaries."""

    id: int
    epoch: int


@dataclass(frozen=True)
class Changes:
    """Rows that replace those of the same key."""

    hours: Sequence[Hour] = ()
    sketches: Sequence[Sketch] = ()
    cells: Sequence[Cells] = field(default=())


def watermark(connection: Connection) -> Watermark:
    """Where the summaries end."""
    c = watermarks.c
    row = connection.execute(sa.select(c.id, c.epoch).where(c.name == _LOG)).one()
    return Watermark(row.id, row.epoch)


def pending(connection: Connection) -> int:
    """How many rows of the log are not summarised yet, at most (ids may have gaps)."""
    newest = connection.scalar(sa.select(sa.func.max(predictions.c.id))) or 0
    return max(int(newest) - watermark(connection).id, 0)


def advance(database: Database, seen: Watermark, upto: int, changes: Changes) -> bool:
    """Put changes and the new watermark in place, if nothing was changed since `seen`.

    Returns:
        False, and nothing is done, when somebody else advanced or removed meanwhile: what was
        computed from `seen` is void.

    Raises:
        Unavailable: the database is locked, full or gone; nothing was done.
    """
    with database.write() as connection:
        if not _moved(connection, seen, upto):
            return False
        for table, rows in (
            (summaries, changes.hours),
            (sketches, changes.sketches),
            (sketch_cells, changes.cells),
        ):
            _replace(connection, database.is_sqlite, table, rows)
    return True


def clear(database: Database) -> None:
    """Remove all summaries and frozen bins, so that they are derived anew from the first row."""
    with database.write() as connection:
        _end_epoch(connection)
        connection.execute(watermarks.update().where(watermarks.c.name == _LOG).values(id=0))
        for table in (summaries, sketches, sketch_cells):
            connection.execute(table.delete())


def forget(connection: Connection, model: str) -> None:
    """Remove what is kept of a model, in the transaction that removes the last of its log.

    Sketches go by the versions that the model has; so call it before those are removed.
    """
    forget_versions(connection, model)
    connection.execute(summaries.delete().where(summaries.c.model == model))


def forget_versions(connection: Connection, model: str) -> None:
    """Remove the sketches of a model's versions and their bins; the counts of its log stay."""
    _end_epoch(connection)
    own = sa.select(versions.c.id).where(versions.c.model == model)
    for table in (sketches, sketch_cells):
        connection.execute(table.delete().where(table.c.version_id.in_(own)))


def remove_sketches(database: Database, model: str) -> None:
    """Remove most of a model's sketches in short transactions; `forget` has the last word."""
    with database.read() as connection:
        own = sa.select(versions.c.id).where(versions.c.model == model)
        ids = connection.scalars(own).all()
    c = sketches.c
    for version_id in ids:
        for feature in _features(database, version_id):
            with database.write() as connection:
                mine = (c.version_id == version_id, c.feature == feature)
                connection.execute(sketches.delete().where(*mine))


def _features(database: Database, version_id: int) -> Sequence[str]:
    c = sketches.c
    with database.read() as connection:
        query = sa.select(c.feature).where(c.version_id == version_id).distinct()
        return connection.scalars(query).all()


def _moved(connection: Connection, seen: Watermark, upto: int) -> bool:
    c = watermarks.c
    where = (c.name == _LOG, c.id == seen.id, c.epoch == seen.epoch)
    return connection.execute(watermarks.update().where(*where).values(id=upto)).rowcount == 1


def _end_epoch(connection: Connection) -> None:
    c = watermarks.c
    connection.execute(watermarks.update().where(c.name == _LOG).values(epoch=c.epoch + 1))


def _replace(
    connection: Connection, is_sqlite: bool, table: sa.Table, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows, each instead of the one with its key; past SQLAlchemy's compilation."""
    if not rows:
        return
    names = [column.name for column in table.columns]
    into = f"INTO {table.name} ({', '.join(names)})"
    if is_sqlite:
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"REPLACE {into} VALUES ({marks})", list(rows))  # noqa: S608  # our own names
        return
    # One array a column: the statement is the same for any number of rows.
    arrays = ", ".join(
        f"%{'b' if isinstance(column.type, sa.LargeBinary) else 's'}::{_pg_type(column)}[]"
        for column in table.columns
    )
    key = [column.name for column in table.primary_key]
    values = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    connection.exec_driver_sql(
        f"INSERT {into} SELECT * FROM unnest({arrays})"  # noqa: S608  # our own names
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {values}",
        tuple(list(column) for column in zip(*rows, strict=True)),
    )


def _pg_type(column: "sa.Column[Any]") -> str:
    return _PG_TYPES[type(column.type)]
