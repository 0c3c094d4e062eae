"""Truths and the predictions they belong to: which rows have one, and how late it came.

Where a model has few truths they are looked at first, and each finds its prediction by its id;
where it has many, predictions are drawn at random and those that have a truth are kept. Neither
reads a window of millions of rows.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.records import samples
from backend.records.database import Database
from backend.records.log import Filter
from backend.records.tables import feedback, predictions

LISTED = 200_000
"""Up to so many truths, or rows of a window, all are listed."""
_AT_ONCE = 10_000


@dataclass(frozen=True)
class Known:
    """Answered rows whose truth is known.

    Attributes:
        ids: of the rows, ascending; drawn at random where there are more than asked for.
        n: how many there are; None where they were not counted.
    """

    ids: list[int]
    n: int | None


def known(database: Database, which: Filter, n_answered: int, limit: int, seed: int = 0) -> Known:
    """The answered rows of a filter whose truth is known.

    Args:
        n_answered: how many answered rows the filter has, about; says which way is shorter.
        limit: at most so many, drawn at random when there are more.
        seed: of the draw.
    """
    clauses = _clauses(which)
    with database.snapshot() as connection:
        if _has_few(connection, which):
            found = _from_truths(connection, which)
        elif n_answered <= LISTED:
            found = list(connection.scalars(sa.select(predictions.c.id).where(*clauses)))
        else:
            found = None
    if found is None:
        drawn = samples.ids(database, which.model, which.window, clauses, limit, seed)
        if drawn is not None:
            return Known(drawn, None)
        with database.read() as connection:
            found = list(connection.scalars(sa.select(predictions.c.id).where(*clauses)))
    n = len(found)
    if n > limit:
        generator = np.random.default_rng(seed)
        found = generator.choice(sorted(found), limit, replace=False).tolist()
    return Known(sorted(found), n)


def delays(database: Database, which: Filter, limit: int, seed: int = 0) -> pd.DataFrame:
    """When answered rows were asked, and when their truth came.

    Args:
        limit: at most so many rows, drawn at random when there are more.
        seed: of the draw.

    Returns:
        `at`, and `told_at` (UTC µs; NaN where no truth is known), oldest first. A correction of a
        truth takes the place of the first, time included.
    """
    c = predictions.c
    clauses = [*which.clauses(), c.outcome == "answered"]
    ids = samples.ids(database, which.model, which.window, clauses, limit, seed)
    joined = predictions.outerjoin(feedback, feedback.c.prediction_id == c.prediction_id)
    query = sa.select(c.at, feedback.c.at.label("told_at")).select_from(joined)
    # With the window's conditions beside the ids SQLite would walk the window in search of them.
    parts = (
        [query.where(*clauses)]
        if ids is None
        else [query.where(c.id.in_(ids[i : i + _AT_ONCE])) for i in range(0, len(ids), _AT_ONCE)]
    )
    with database.read() as connection:
        rows = [tuple(row) for part in parts for row in connection.execute(part)]
    frame = pd.DataFrame(rows, columns=["at", "told_at"]).astype({"at": "int64"})
    return frame.astype({"told_at": "float64"}).sort_values("at", ignore_index=True)


def newest(database: Database, model: str) -> int | None:
    """The newest moment that a model's log knows of: of a row or of a truth (UTC µs).

    A replayed history has times of its own, so the clock on the wall says nothing about it. None
    when the log is empty.
    """
    tables = (predictions, feedback)
    # Each for itself comes from an end of its index.
    ends = [sa.select(sa.func.max(t.c.at)).where(t.c.model == model) for t in tables]
    query = sa.select(*(end.scalar_subquery() for end in ends))
    with database.read() as connection:
        found = [int(at) for at in connection.execute(query).one() if at is not None]
    return max(found, default=None)


def _clauses(which: Filter) -> list[sa.ColumnElement[bool]]:
    c = predictions.c
    told = sa.exists().where(feedback.c.prediction_id == c.prediction_id)
    return [*which.clauses(), c.outcome == "answered", told]


def _has_few(connection: Connection, which: Filter) -> bool:
    """Whether a model has so few truths since a window's start that all can be looked at."""
    c = feedback.c
    beyond = sa.select(c.at).where(c.model == which.model, c.at >= which.window.start)
    return connection.scalar(beyond.offset(LISTED).limit(1)) is None


def _from_truths(connection: Connection, which: Filter) -> list[int]:
    """From the truths to their predictions; none comes before its prediction."""
    c = predictions.c
    query = (
        sa.select(c.id)
        .select_from(feedback.join(predictions, c.prediction_id == feedback.c.prediction_id))
        .where(feedback.c.model == which.model, feedback.c.at >= which.window.start)
        # The plus keeps SQLite from walking the window's rows in search of truths.
        .where(c.outcome == "answered", c.at + 0 >= which.window.start)
        .where(c.at + 0 < which.window.end)
    )
    if which.version is not None:
        query = query.where(c.version == which.version)
    return list(connection.scalars(query))
