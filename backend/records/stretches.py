"""Rows of each of many stretches of time: the same ones whenever they are asked for.

A stretch with few rows gives all of them, or a random part. Of one with many, the row that follows
each of some random moments is taken by the index, so an hour of a million rows costs as much as one
of a few thousand; rows after a pause are likelier to be taken, whatever their values.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.records import columns
from backend.records.database import Database
from backend.records.log import Filter
from backend.records.predictions import Window
from backend.records.tables import predictions

LISTED = 2_000
"""Up to so many rows of a stretch all ids are listed."""
_AT_ONCE = 10_000


def first(database: Database, which: Filter) -> int | None:
    """The time of the oldest answered row (UTC µs); None if there is none."""
    c = predictions.c
    query = sa.select(c.at).where(*which.clauses(), c.outcome == "answered")
    with database.read() as connection:
        found = connection.scalar(query.order_by(c.at).limit(1))
    return None if found is None else int(found)


def sampled(
    database: Database, which: Filter, names: Sequence[str], edges: Sequence[int], limit: int
) -> pd.DataFrame:
    """The features of answered rows, at most `limit` of each stretch, oldest first.

    Args:
        which: its window is not looked at.
        names: the columns to take; missing where a version has no such feature.
        edges: times (UTC µs), ascending: a stretch lies between each two that follow each other.
        limit: 1 to 2,000. The draw depends on where a stretch begins and on the rows it holds.

    Returns:
        A column per name, `__id__` and `__at__` (UTC µs).
    """
    c = predictions.c
    ids: list[int] = []
    with database.read() as connection:
        known = columns.layouts(connection, which.model)
        for start, end in pairwise(edges):
            ids += _ids(connection, which, (start, end), limit)
        rows: list[Any] = []
        for place in range(0, len(ids), _AT_ONCE):
            some = c.id.in_(ids[place : place + _AT_ONCE])
            query = sa.select(c.id, c.at, c.version, c.features).where(some)
            rows += connection.execute(query).all()
    found = pd.DataFrame.from_records(rows, columns=["__id__", "__at__", "version", "features"])
    found = found.sort_values(["__at__", "__id__"], ignore_index=True)
    table = columns.table(found["features"], found["version"], known, names)
    return pd.concat([table, found[["__id__", "__at__"]]], axis=1)


def _ids(
    connection: Connection, which: Filter, stretch: tuple[int, int], limit: int
) -> Sequence[int]:
    c = predictions.c
    start, end = stretch
    clauses = [*replace(which, window=Window(start, end)).clauses(), c.outcome == "answered"]
    within = sa.select(c.id).where(*clauses)
    found = connection.scalars(within.order_by(c.at, c.id).limit(LISTED + 1)).all()
    random = np.random.default_rng(start)
    if len(found) <= LISTED:
        some = random.permutation(len(found))[:limit]
        return [found[place] for place in some.tolist()]
    moments = random.integers(start, end, limit).tolist()
    # Without the stretch's own beginning, from which SQLite would walk to each moment.
    model, _, *others = clauses
    return _after(connection, [model, *others], sorted(set(moments)))


def _after(
    connection: Connection, clauses: Sequence[sa.ColumnElement[bool]], moments: Sequence[int]
) -> Sequence[int]:
    """The first row at or after each of some moments, each row once."""
    c = predictions.c
    listed = sa.values(sa.column("moment", sa.BigInteger), name="moments", literal_binds=True)
    # As a subquery SQLite would not take the name of its column.
    asked = listed.data([(moment,) for moment in moments]).cte("moments")
    after = (
        sa.select(c.id)
        .where(*clauses, c.at >= asked.c.moment)
        .order_by(c.at, c.id)
        .limit(1)
        .correlate(asked)
        .scalar_subquery()
    )
    found = connection.scalars(sa.select(after).select_from(asked)).all()
    return sorted({row for row in found if row is not None})
