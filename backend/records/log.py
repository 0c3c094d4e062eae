"""Reading the prediction log: pages, counts, traffic and features over a window.

Every query names a model and is bounded by time, which is what the index is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from backend.records import columns
from backend.records.database import Database
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
    database: Database, which: Filter, names: Sequence[str], limit: int | None = None, seed: int = 0
) -> pd.DataFrame:
    """The features of answered rows as a table, oldest first.

    Args:
        names: the columns to take; a row that lacks one has a missing value there.
        limit: at most so many rows, drawn at random by id when there are more.

    Returns:
        A column per name, and `__id__`, `__prediction_id__`, `__at__` (UTC µs), `__version__`,
        `__label__`, `__value__`, `__score__`, `__truth__` (text or None).
    """
    c = predictions.c
    answered = [*which.clauses(), c.outcome == "answered"]
    joined = predictions.outerjoin(feedback, feedback.c.prediction_id == c.prediction_id)
    kept = (c.id, c.prediction_id, c.at, c.version, c.label, c.value, c.score)
    query = (
        sa.select(c.features, *kept, feedback.c.ground_truth.label("truth"))
        .select_from(joined)
        .where(*answered)
        .order_by(c.at, c.id)
    )
    ids = _sample(database, answered, limit, seed)
    rows = _frame(database, query) if ids is None else _by_id(database, query, ids)
    with database.read() as connection:
        known = columns.layouts(connection, which.model)
    table = columns.table(rows.pop("features"), rows["version"], known, names)
    rows["prediction_id"] = [text_of(key) for key in rows["prediction_id"]]
    return pd.concat([table, rows.add_prefix("__").add_suffix("__")], axis=1)


def traffic(database: Database, model: str, window: Window, buckets: int = 60) -> pd.DataFrame:
    """Requests over time.

    Returns:
        One row per bucket, version and outcome that has rows: at (UTC µs, the bucket's start),
        version, outcome, count, latency_ms (mean). Buckets are of equal length.
    """
    width = max((window.end - window.start) // buckets, 1)
    c = predictions.c
    bucket = (c.at - window.start - (c.at - window.start) % width + window.start).label("at")
    query = (
        sa.select(
            bucket,
            c.version,
            c.outcome,
            sa.func.count().label("count"),
            sa.func.avg(c.latency_ms).label("latency_ms"),
        )
        .where(*Filter(model, window).clauses())
        .group_by(bucket, c.version, c.outcome)
        .order_by(bucket)
    )
    return _frame(database, query)


def latencies(database: Database, model: str, window: Window, most: int = 20_000) -> Any:
    """Latencies in milliseconds of at most `most` of the newest live answers, as an array."""
    c = predictions.c
    which = Filter(model, window, outcome="answered", source="live")
    query = sa.select(c.latency_ms).where(*which.clauses(), c.latency_ms.is_not(None))
    with database.read() as connection:
        found = connection.scalars(query.order_by(c.at.desc()).limit(most)).all()
    return np.asarray(found, dtype=np.float64)


def coverage(database: Database, model: str, window: Window) -> tuple[int, int]:
    """How many predictions were answered in a window, and how many of them have a truth."""
    c = predictions.c
    joined = predictions.outerjoin(feedback, feedback.c.prediction_id == c.prediction_id)
    query = (
        sa.select(sa.func.count(), sa.func.count(feedback.c.prediction_id))
        .select_from(joined)
        .where(*Filter(model, window, outcome="answered").clauses())
    )
    with database.read() as connection:
        answered, known = connection.execute(query).one()
    return int(answered), int(known)


def _sample(
    database: Database, clauses: list[sa.ColumnElement[bool]], limit: int | None, seed: int
) -> list[int] | None:
    """Ids drawn at random, or None when all rows fit into `limit`."""
    if limit is None:
        return None
    with database.read() as connection:
        ids = connection.scalars(sa.select(predictions.c.id).where(*clauses)).all()
    if len(ids) <= limit:
        return None
    return sorted(np.random.default_rng(seed).choice(ids, limit, replace=False).tolist())


def _by_id(database: Database, query: sa.Select[Any], ids: list[int]) -> pd.DataFrame:
    parts = [
        _frame(database, query.where(predictions.c.id.in_(ids[start : start + 10_000])))
        for start in range(0, len(ids), 10_000)
    ]
    return pd.concat(parts, ignore_index=True).sort_values(["at", "id"], ignore_index=True)


def _frame(database: Database, query: sa.Select[Any]) -> pd.DataFrame:
    with database.read() as connection:
        result = connection.execute(query)
        return pd.DataFrame.from_records(result.all(), columns=list(result.keys()))
