"""Reading the prediction log: pages, counts and features over a window.

Every query names a model and is bounded by time, which is what the index is for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from backend.records import columns, samples, summary_rows
from backend.records.database import Database
from backend.records.fetching import columns_of
from backend.records.predictions import Window, named, text_of
from backend.records.tables import feedback, predictions


@dataclass(frozen=True)
class Filter:
    """Which rows of a model's log are meant; None means all."""

    model: str
    window: Window
    version: int | None = None
    outcome: str | None = None
    label: str | None = None
    score: tuple[float, float] | None = None
    source: str | None = None

    def clauses(self) -> list[sa.ColumnElement[bool]]:
        """The conditions, the indexed ones first."""
        c = predictions.c
        found = [c.model == self.model, c.at >= self.window.start, c.at < self.window.end]
        for column, value in (
            (c.version, self.version),
            (c.outcome, self.outcome),
            (c.label, self.label),
            (c.source, self.source),
        ):
            if value is not None:
                found.append(column == value)
        if self.score is not None:
            found.append(c.score.between(*self.score))
        return found


def page(
    database: Database, which: Filter, limit: int = 100, before: tuple[int, int] | None = None
) -> pd.DataFrame:
    """Rows of the log, newest first: by time, then by id (replayed rows are written late).

    Args:
        before: the `at` and `id` of a row; only older rows are given, for the next page.

    Returns:
        One row per instance: id, prediction_id (text), at (UTC µs), model, version, source,
        outcome, features (JSON text), label, value, score, latency_ms, error, ground_truth.
    """
    c = predictions.c
    joined = predictions.outerjoin(feedback, feedback.c.prediction_id == c.prediction_id)
    shown = [column for column in predictions.c if column.name != "request_id"]
    query = sa.select(*shown, feedback.c.ground_truth).select_from(joined)
    query = query.where(*which.clauses()).order_by(c.at.desc(), c.id.desc()).limit(limit)
    if before is not None:
        at, row = before
        query = query.where(c.at <= at, sa.or_(c.at < at, c.id < row))
    with database.read() as connection:
        known = columns.layouts(connection, which.model)
        result = connection.execute(query)
        rows = [named(row._asdict(), known) for row in result]
    frame = pd.DataFrame(rows, columns=list(result.keys()))
    frame["prediction_id"] = [text_of(key) for key in frame["prediction_id"]]
    return frame


def count(database: Database, which: Filter) -> int:
    """How many rows there are."""
    query = sa.select(sa.func.count()).select_from(predictions).where(*which.clauses())
    with database.read() as connection:
        return int(connection.scalar(query) or 0)


def labels(database: Database, model: str, window: Window) -> list[str]:
    """The labels that were answered in a window, in order."""
    query = sa.select(predictions.c.label).where(*Filter(model, window).clauses()).distinct()
    with database.read() as connection:
        return sorted(label for label in connection.scalars(query) if label is not None)


def features(
    database: Database,
    which: Filter,
    names: Sequence[str],
    limit: int | None = None,
    seed: int = 0,
    ids: list[int] | None = None,
) -> pd.DataFrame:
    """The features of answered rows as a table, oldest first.

    Args:
        names: the columns to take; a row that lacks one has a missing value there.
        limit: at most so many rows, drawn at random by id when there are more.
        ids: these rows instead, which fulfil the filter.

    Returns:
        A column per name, and `__id__`, `__prediction_id__`, `__at__` (UTC µs), `__version__`,
        `__label__`, `__value__`, `__score__`, `__truth__` (text or None).
    """
    c = predictions.c
    clauses = [*which.clauses(), c.outcome == "answered"]
    joined = predictions.outerjoin(feedback, feedback.c.prediction_id == c.prediction_id)
    kept = (c.id, c.prediction_id, c.at, c.version, c.label, c.value, c.score)
    query = (
        sa.select(c.features, *kept, feedback.c.ground_truth.label("truth"))
        .select_from(joined)
        .order_by(c.at, c.id)
    )
    if ids is None and limit is not None:
        ids = samples.ids(database, which.model, which.window, clauses, limit, seed)
    # With the window's conditions beside the ids SQLite would walk the window in search of them.
    rows = _frame(database, query.where(*clauses)) if ids is None else _by_id(database, query, ids)
    with database.read() as connection:
        known = columns.layouts(connection, which.model)
    table = columns.table(rows.pop("features"), rows["version"], known, names)
    rows["prediction_id"] = [text_of(key) for key in rows["prediction_id"]]
    return pd.concat([table, rows.add_prefix("__").add_suffix("__")], axis=1)


def batches(
    database: Database, which: Filter, layout: columns.Layout, batch: int = 50_000
) -> Iterator[pd.DataFrame]:
    """The answered rows of one version as tables, in the order of their ids.

    They are found by the ids that the window's rows lie among, as walking the table is five times
    quicker than looking up rows one by one. Each table is a read of its own, so a long run keeps
    neither a snapshot nor a lock; rows that are written meanwhile are not in it.

    Args:
        batch: so many ids are looked at for a table, which may hold fewer rows, or none.

    Returns:
        A column per feature as `Layout.frame` gives it, `__label__`, `__value__`, `__score__`.
    """
    c = predictions.c
    # As conditions on columns SQLite would walk the window by its index instead.
    fulfilled = sa.case((sa.and_(*which.clauses(), c.outcome == "answered"), 1), else_=0) == 1
    query = sa.select(c.features, c.label, c.value, c.score).where(fulfilled)
    with database.snapshot() as connection:
        ranges = summary_rows.id_ranges(connection, which.model, which.window)
    for least, most in ranges:
        for first in range(least, most + 1, batch):
            some = query.where(c.id.between(first, min(first + batch - 1, most)))
            with database.read() as connection:
                texts, labels, values, scores = columns_of(connection.execute(some), 4)
            yield layout.frame(texts).assign(
                __label__=pd.Series(labels, dtype=object),
                __value__=np.array(values, dtype=np.float64),
                __score__=np.array(scores, dtype=np.float64),
            )


def count_known(database: Database, model: str, window: Window) -> int:
    """How many predictions that were answered in a window have a truth.

    It goes from the truths to their predictions: truths are fewer, and none comes before its
    prediction.
    """
    c = predictions.c
    query = (
        sa.select(sa.func.count())
        .select_from(feedback.join(predictions, c.prediction_id == feedback.c.prediction_id))
        .where(feedback.c.model == model, feedback.c.at >= window.start)
        # The plus keeps SQLite from walking the window's rows in search of truths.
        .where(c.outcome == "answered", c.at + 0 >= window.start, c.at + 0 < window.end)
    )
    with database.read() as connection:
        return int(connection.scalar(query) or 0)


def _by_id(database: Database, query: sa.Select[Any], ids: list[int]) -> pd.DataFrame:
    parts = [
        _frame(database, query.where(predictions.c.id.in_(ids[start : start + 10_000])))
        for start in range(0, max(len(ids), 1), 10_000)
    ]
    return pd.concat(parts, ignore_index=True).sort_values(["at", "id"], ignore_index=True)


def _frame(database: Database, query: sa.Select[Any]) -> pd.DataFrame:
    with database.read() as connection:
        result = connection.execute(query)
        return pd.DataFrame.from_records(result.all(), columns=list(result.keys()))
