"""Answered rows with their truths, as columns and in batches: what rescoring reads.

A window of any length is walked by ids, each batch a read of its own, so a long run keeps neither
a snapshot nor a lock; rows that are written meanwhile are not in it. Nothing here writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from backend.records import samples, summary_rows
from backend.records.database import Database
from backend.records.fetching import columns_of
from backend.records.log import Filter
from backend.records.predictions import Window
from backend.records.tables import feedback, predictions, shadow_predictions

Texts = Sequence[str | None]
Floats = NDArray[np.float64]
_AT_ONCE = 10_000  # ids in one list
_WIDTH = 9


@dataclass(frozen=True)
class Answered:
    """Some answered rows, each attribute with one element a row.

    Attributes:
        done: the share of the walk that is behind with these rows, in [0, 1].
        ids: `prediction_id` as bytes.
        at: UTC µs.
        versions: the number of the version that answered; 0 for none.
        features: as stored (`columns.Layout` reads them).
        labels, values, scores: the answer; None or NaN where it has no such part.
        truths: text, or None where it is not known.
        true_values: a regression's truth; NaN where it is not known.
        drawn: whether the walk is over rows drawn at random, as there are more than the limit.
    """

    done: float
    ids: Sequence[bytes]
    at: NDArray[np.int64]
    versions: NDArray[np.int64]
    features: Texts
    labels: Texts
    values: Floats
    scores: Floats
    truths: Texts
    true_values: Floats
    drawn: bool = False

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Shadowed:
    """What a challenger answered to the rows of an `Answered`, in their order.

    Attributes:
        labels, values, scores: its answer; None or NaN where it has no such part.
        latency_ms: of answering; NaN where it did not.
        errors: why it has no answer, or None.
    """

    labels: Texts
    values: Floats
    scores: Floats
    latency_ms: Floats
    errors: Texts


def batches(
    database: Database,
    which: Filter,
    limit: int | None = None,
    seed: int = 0,
    batch: int = 50_000,
    ids: list[int] | None = None,
) -> Iterator[Answered]:
    """The answered rows of a filter, in the order of their ids.

    Args:
        limit: at most so many, drawn at random by id when there are more.
        seed: of the draw.
        batch: so many ids are looked at for each part, which may hold fewer rows, or none.
        ids: these rows instead, ascending, which fulfil the filter.
    """
    c = predictions.c
    clauses = [*which.clauses(), c.outcome == "answered"]
    with_truths = _has_truths(database, which)
    if ids is not None:
        yield from _drawn(database, with_truths, ids)
        return
    if limit is not None:
        drawn = samples.ids(database, which.model, which.window, clauses, limit, seed)
        if drawn is not None:
            yield from _drawn(database, with_truths, drawn)
            return
    # As conditions on columns SQLite would walk the window by its index instead.
    query = _query(with_truths).where(sa.case((sa.and_(*clauses), 1), else_=0) == 1)
    with database.snapshot() as connection:
        ranges = summary_rows.id_ranges(connection, which.model, which.window)
    total, walked = sum(most - least + 1 for least, most in ranges), 0
    for least, most in ranges:
        for first in range(least, most + 1, batch):
            last = min(first + batch - 1, most)
            walked += last - first + 1
            yield _read(database, query.where(c.id.between(first, last)), walked / total)


def shadowed(
    database: Database, model: str, window: Window, version: int, limit: int
) -> tuple[Answered, Shadowed]:
    """The rows of a window that a challenger answered in the shadow, and what it answered.

    They come in the order of the rows' ids, as those of `batches` do.

    Args:
        limit: at most so many, the newest.
    """
    p, s = predictions.c, shadow_predictions.c
    newest = (
        sa.select(s.prediction_id, s.label, s.value, s.score, s.latency_ms, s.error)
        .where(s.model == model, s.at >= window.start, s.at < window.end, s.version == version)
        .order_by(s.at.desc(), s.id.desc())
        .limit(limit)
        .subquery()
    )
    joined = newest.join(predictions, p.prediction_id == newest.c.prediction_id).outerjoin(
        feedback, feedback.c.prediction_id == p.prediction_id
    )
    theirs = [newest.c[name] for name in ("label", "value", "score", "latency_ms", "error")]
    # As a condition on the column SQLite would walk all of the model's rows for each of these.
    same = sa.case((p.model == model, 1), else_=0) == 1
    query = sa.select(*_columns(True), *theirs).select_from(joined).where(same)
    query = query.order_by(p.id)
    with database.read() as connection:
        columns = columns_of(connection.execute(query), _WIDTH + len(theirs))
    labels, values, scores, latency, errors = columns[_WIDTH:]
    beside = Shadowed(
        labels=labels,
        values=np.array(values, dtype=np.float64),
        scores=np.array(scores, dtype=np.float64),
        latency_ms=np.array(latency, dtype=np.float64),
        errors=errors,
    )
    return _answered(columns[:_WIDTH], 1.0), beside


def _has_truths(database: Database, which: Filter) -> bool:
    """Whether any truth can belong to the rows: none comes before its prediction."""
    c = feedback.c
    query = sa.select(c.at).where(c.model == which.model, c.at >= which.window.start).limit(1)
    with database.read() as connection:
        return connection.scalar(query) is not None


def _columns(with_truths: bool) -> list[sa.ColumnElement[Any]]:
    p, f = predictions.c, feedback.c
    kept = [p.prediction_id, p.at, p.version, p.features, p.label, p.value, p.score]
    none = [sa.null().label("ground_truth"), sa.null().label("truth_value")]
    return [*kept, *([f.ground_truth, f.value.label("truth_value")] if with_truths else none)]


def _query(with_truths: bool) -> "sa.Select[Any]":
    query = sa.select(*_columns(with_truths))
    if not with_truths:
        return query.select_from(predictions)
    same = feedback.c.prediction_id == predictions.c.prediction_id
    return query.select_from(predictions.outerjoin(feedback, same))


def _drawn(database: Database, with_truths: bool, ids: list[int]) -> Iterator[Answered]:
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        query = _query(with_truths).where(predictions.c.id.in_(some)).order_by(predictions.c.id)
        yield _read(database, query, (start + len(some)) / len(ids), drawn=True)


def _read(
    database: Database, query: "sa.Select[Any]", done: float, *, drawn: bool = False
) -> Answered:
    with database.read() as connection:
        return _answered(columns_of(connection.execute(query), _WIDTH), done, drawn)


def _answered(columns: list[tuple[Any, ...]], done: float, drawn: bool = False) -> Answered:
    ids, at, versions, features, labels, values, scores, truths, true_values = columns
    return Answered(
        done=done,
        ids=ids,
        at=np.array(at, dtype=np.int64),
        versions=np.array([number or 0 for number in versions], dtype=np.int64),
        features=features,
        labels=labels,
        values=np.array(values, dtype=np.float64),
        scores=np.array(scores, dtype=np.float64),
        truths=truths,
        true_values=np.array(true_values, dtype=np.float64),
        drawn=drawn,
    )
