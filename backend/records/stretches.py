"""Random rows of each of many stretches of time: the same ones whenever they are asked for.

The ids of a stretch are listed by the index alone, and looked up in a random order that the stretch
fixes until enough are found: each row is as likely as any other, however unevenly rows came. Of a
stretch with very many rows those are listed whose id has a certain remainder, after mixing.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from backend.records import columns
from backend.records.database import Database
from backend.records.log import Filter
from backend.records.predictions import Window
from backend.records.tables import predictions

LISTED = 4_000
"""Of a stretch with more rows than this a part of about this size is listed."""
_AT_ONCE = 10_000
Ids = NDArray[np.int64]


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
    clauses = [*replace(which, window=Window(*stretch)).clauses(), c.outcome == "answered"]
    # Model and window alone: they are in the index, and the table is not read.
    within = clauses[:3]
    rows = connection.scalar(sa.select(sa.func.count()).select_from(predictions).where(*within))
    parts = -(-int(rows or 0) // LISTED)
    if not parts:
        return []
    random = np.random.default_rng(stretch[0])
    some = [] if parts == 1 else [_mixed(c.id) % parts == int(random.integers(parts))]
    listed = connection.scalars(sa.select(c.id).where(*within, *some)).all()
    found = _fulfilling(connection, clauses, random.permutation(np.sort(listed)), limit)
    if parts == 1 or len(found) == limit:
        return found
    # Few fulfil the other conditions, so that a part does not hold enough of them.
    every = np.sort(connection.scalars(sa.select(c.id).where(*clauses)).all())
    drawn: list[int] = random.permutation(every)[:limit].tolist()
    return drawn


def _mixed(number: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """A number whose remainders follow none of the period that callers may have."""
    return number % 1_000_003 * 7_919 % 999_983


def _fulfilling(
    connection: Connection, clauses: Sequence[sa.ColumnElement[bool]], ids: Ids, limit: int
) -> list[int]:
    """The first ids, in their order, whose rows fulfil some conditions."""
    c = predictions.c
    # As conditions on columns SQLite would take them for the index's, and read the whole stretch.
    fulfilled = sa.case((sa.and_(*clauses), 1), else_=0) == 1
    found: list[int] = []
    place, many = 0, limit + limit // 4
    while len(found) < limit and place < len(ids):
        part = ids[place : place + many].tolist()
        hits = set(connection.scalars(sa.select(c.id).where(c.id.in_(part), fulfilled)).all())
        found += [row for row in part if row in hits]
        place, many = place + many, min(4 * many, _AT_ONCE)
    return found[:limit]
