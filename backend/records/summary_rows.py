"""Reading hourly summaries, and the few rows of the log at the edges of a window beside them."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.records.predictions import Window
from backend.records.summaries import Cells, Hour, Sketch, watermark
from backend.records.tables import predictions, sketch_cells, sketches, summaries

HOUR = 3_600_000_000


def hours(
    connection: Connection, model: str, window: Window, version: int | None = None
) -> list[Hour]:
    """The hours of a model that begin in a window, by time; of one version if given."""
    c = summaries.c
    query = sa.select(summaries).where(
        c.model == model, c.start >= window.start, c.start < window.end
    )
    if version is not None:
        query = query.where(c.version == version)
    found = connection.execute(query.order_by(c.start, c.version, c.source))
    return [Hour(*row) for row in found]


def hours_at(connection: Connection, model: str, starts: Sequence[int]) -> list[Hour]:
    """The hours of a model that begin at one of these times."""
    c = summaries.c
    query = sa.select(summaries).where(c.model == model, c.start.in_(starts))
    return [Hour(*row) for row in connection.execute(query)]


def sketches_between(
    connection: Connection, version_id: int, grain: str, window: Window, names: Sequence[str]
) -> list[Sketch]:
    """Sketches of a version's columns that begin in a window."""
    c = sketches.c
    within = (c.start >= window.start, c.start < window.end)
    return _sketches(connection, version_id, grain, names, *within)


def sketches_at(
    connection: Connection, version_id: int, grain: str, starts: Sequence[int], names: Sequence[str]
) -> list[Sketch]:
    """Sketches of a version's columns that begin at one of these times."""
    return _sketches(connection, version_id, grain, names, sketches.c.start.in_(starts))


def cells(connection: Connection, version_id: int) -> Cells | None:
    """The frozen bins of a version; None before its first row was summarised."""
    query = sa.select(sketch_cells).where(sketch_cells.c.version_id == version_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Cells(*row)


def problems(connection: Connection) -> dict[int, str]:
    """Versions that have no sketches though they answered, by their ids, and why."""
    c = sketch_cells.c
    found = connection.execute(sa.select(c.version_id, c.problem).where(c.problem.is_not(None)))
    return {row.version_id: row.problem for row in found}


def rows_within(
    connection: Connection, model: str, windows: Sequence[Window], upto: int, *, features: bool
) -> pd.DataFrame:
    """A model's rows with id ≤ `upto` in some short windows, straight from the log.

    Returns:
        id, at (UTC µs), version (NaN: none), source, outcome, label, value, score, latency_ms,
        and the features as stored if asked for.
    """
    c = predictions.c
    columns = [c.id, c.at, c.version, c.source, c.outcome, c.label, c.value, c.score, c.latency_ms]
    columns += [c.features] if features else []
    found: list[Any] = []
    for window in windows:
        within = (c.model == model, c.at >= window.start, c.at < window.end, c.id <= upto)
        found += connection.execute(sa.select(*columns).where(*within)).cursor.fetchall()
    named = [column.name for column in columns]
    values = list(zip(*found, strict=True)) or [()] * len(named)
    return pd.DataFrame(dict(zip(named, values, strict=True)))


def counted(connection: Connection, model: str, window: Window, width: int) -> pd.DataFrame:
    """A model's rows counted straight from the log, for windows of a few hours.

    Returns:
        at (UTC µs, a multiple of `width`), version (0: none), outcome, source, count.
    """
    c = predictions.c
    keys = (
        (c.at - c.at % width).label("at"),
        sa.func.coalesce(c.version, 0).label("version"),
        c.outcome,
        c.source,
    )
    within = (c.model == model, c.at >= window.start, c.at < window.end)
    # By their places: PostgreSQL takes the same expression with other parameters for another.
    places: list[sa.ColumnElement[int]] = [sa.literal_column(str(i + 1)) for i in range(len(keys))]
    query = sa.select(*keys, sa.func.count().label("count")).where(*within).group_by(*places)
    result = connection.execute(query.order_by(*places))
    return pd.DataFrame(result.all(), columns=list(result.keys()))


def id_ranges(connection: Connection, model: str, window: Window) -> list[tuple[int, int]]:
    """Ranges of ids, apart and ascending, in which all of a model's rows of a window lie.

    Rows of others lie in them too, and the model's of other times of the same hours.
    """
    c = summaries.c
    query = sa.select(c.least_id, c.most_id).where(
        c.model == model, c.start > window.start - HOUR, c.start < window.end
    )
    found = [(int(least), int(most)) for least, most in connection.execute(query)]
    newest = connection.scalar(sa.select(sa.func.max(predictions.c.id))) or 0
    beyond = watermark(connection).id + 1
    if beyond <= newest:
        found.append((beyond, int(newest)))
    apart: list[tuple[int, int]] = []
    for least, most in sorted(found):
        if apart and least <= apart[-1][1] + 1:
            apart[-1] = (apart[-1][0], max(apart[-1][1], most))
        else:
            apart.append((least, most))
    return apart


def has_rows(connection: Connection, model: str, window: Window) -> bool:
    """Whether a model has any row in a window."""
    c = predictions.c
    within = (c.model == model, c.at >= window.start, c.at < window.end)
    return connection.scalar(sa.select(c.id).where(*within).limit(1)) is not None


def _sketches(
    connection: Connection,
    version_id: int,
    grain: str,
    names: Sequence[str],
    *when: sa.ColumnElement[bool],
) -> list[Sketch]:
    c = sketches.c
    query = sa.select(sketches).where(
        c.version_id == version_id, c.feature.in_(names), c.grain == grain, *when
    )
    return [Sketch(*row) for row in _quickly(connection, query)]


def _quickly(connection: Connection, query: "sa.Select[Any]") -> Sequence[tuple[Any, ...]]:
    """Rows as the driver's own tuples: a month of thirty features is megabytes in thousands.

    Psycopg's cursors get bytes as text, twice as long, unless they are told to be binary.
    """
    if connection.dialect.name == "sqlite":
        found: Sequence[tuple[Any, ...]] = connection.execute(query).cursor.fetchall()
        return found
    made = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    if not connection.in_transaction():
        connection.begin()  # as any query of SQLAlchemy's does
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor(binary=True) as cursor:
            return list(cursor.execute(str(made), made.params).fetchall())
    except psycopg.OperationalError as error:
        raise sa.exc.OperationalError(str(made), None, error) from error
