"""A version's answers whose truth has come back, drawn at random when there are many.

A draw from all answers would hold few of them where truth is rare.
"""

from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from backend.records.database import Database
from backend.records.log import Filter
from backend.records.tables import feedback, predictions

_AT_ONCE = 10_000  # ids in one statement: PostgreSQL's protocol takes 65,535


def known_truths(
    database: Database, which: Filter, limit: int, seed: int = 0
) -> tuple[pd.DataFrame, int]:
    """Answers and truths of answered rows, oldest first: Evidently draws them in their order.

    Args:
        database: where the log is.
        which: a model's rows, bounded by time.
        limit: at most so many, at random when there are more.
        seed: of the draw.

    Returns:
        A table with `__label__` (text), `__value__`, `__score__` and `__truth__` (text), and how
        many such rows there are in all.
    """
    c = predictions.c
    joined = predictions.join(feedback, feedback.c.prediction_id == c.prediction_id)
    clauses = [*which.clauses(), c.outcome == "answered"]
    columns = (c.at, c.id, c.label, c.value, c.score, feedback.c.ground_truth.label("truth"))
    rows: list[Any] = []
    with database.read() as connection:
        query = sa.select(c.id).select_from(joined).where(*clauses)
        ids = np.fromiter(connection.scalars(query), dtype=np.int64)
        drawn = ids
        if len(ids) > limit:
            drawn = np.sort(np.random.default_rng(seed).choice(ids, limit, replace=False))
        for start in range(0, len(drawn), _AT_ONCE):
            some = c.id.in_(drawn[start : start + _AT_ONCE].tolist())
            rows += connection.execute(sa.select(*columns).select_from(joined).where(some)).all()
    frame = pd.DataFrame.from_records(rows, columns=[f"__{column.name}__" for column in columns])
    frame = frame.sort_values(["__at__", "__id__"], ignore_index=True)
    return frame.drop(columns=["__at__", "__id__"]), len(ids)
