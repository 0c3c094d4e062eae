"""Performance in one stretch of time after another: when did it change?"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.signature import Signature
from console.performance.estimated import Estimator
from console.performance.realized import FEWEST, figures, not_enough
from console.performance.results import OVER_TIME, Figure, empty_over_time
from console.performance.truths import Rows
from console.summaries.read import traffic
from console.windows import bucket

MOST = 30
ROWS = 40
"""A stretch should have so many rows: of fewer than 30 there is no figure."""
RESAMPLES = 400
"""Of a stretch's bootstrap; its ends are read off a chart, not compared with a limit."""


def over_time(
    signature: Signature,
    window: Window,
    read: Rows,
    answered: "pd.Series[Any] | None",
    estimator: Estimator,
) -> pd.DataFrame:
    """Realized and estimated performance of each stretch of a window, apart from the others.

    Args:
        signature: of the version.
        window: bounds the stretches; see `width`.
        read: the window's rows.
        answered: from `answered_by_stretch`, where `read` holds a part of the rows; None counts
            them in `read`.
        estimator: of the version.

    Returns:
        The columns `OVER_TIME`, stretches in order; one that nobody asked in has no row. A
        stretch has `answered` rows, of which the share `coverage` have a truth. Its realized
        figures are those of `known` rows. Where the window was sampled, `coverage` is that of the
        sample, and `known` may be a part of the rows with truth.
    """
    length = width(window, read.n_answered)
    rows, known = (_by_stretch(frame, length) for frame in (read.answered, read.known))
    parts: list[dict[str, Any]] = []
    for start in sorted({*rows, *known}):
        some = rows.get(start, read.answered.iloc[:0])
        told = known.get(start, read.known.iloc[:0])
        n = len(some) if answered is None else int(answered.get(start, len(some)))
        stretch = {
            "start": max(start, window.start),
            "end": min(start + length, window.end),
            "answered": n,
            "known": len(told),
            "coverage": float(some["__truth__"].notna().mean()) if len(some) else math.nan,
        }
        parts += [stretch | figure for figure in _of(signature, some, told, estimator)]
    return pd.DataFrame(parts, columns=list(OVER_TIME)) if parts else empty_over_time()


def width(window: Window, n_answered: int) -> int:
    """The length of a stretch (µs): about 30 of them, or as many as have 40 rows on average."""
    return bucket(window, min(max(n_answered // ROWS, 1), MOST))


def answered_by_stretch(
    database: Database, version: Version, window: Window, n_answered: int
) -> "pd.Series[Any]":
    """How many rows a version answered in each stretch, by its start (UTC µs)."""
    found = traffic(database, version.model, window, width(window, n_answered))
    mine = found[(found["version"] == version.number) & (found["outcome"] == "answered")]
    return mine.groupby("at")["count"].sum()


def _of(
    signature: Signature, rows: pd.DataFrame, known: pd.DataFrame, estimator: Estimator
) -> Iterator[dict[str, Any]]:
    """The figures of one stretch, a row per metric."""
    estimated: dict[str, Figure] = {}
    if len(rows) >= FEWEST:
        estimated = {figure.metric.name: figure for figure in estimator.figures(rows)}
    for figure in realized_of(signature, known):
        name = figure.metric.name
        yield (
            {"metric": name}
            | _named(figure, "realized", "")
            | _named(estimated.get(name), "estimated", "band_")
        )


def realized_of(signature: Signature, known: pd.DataFrame) -> tuple[Figure, ...]:
    """The realized figures of a stretch."""
    if len(known) < FEWEST:
        return not_enough(signature.task, len(known))
    return figures(signature.task, signature, known, RESAMPLES)


def _named(figure: Figure | None, name: str, prefix: str) -> dict[str, float]:
    values = (figure.value, figure.low, figure.high) if figure is not None else (None,) * 3
    names = (name, f"{prefix}low", f"{prefix}high")
    return {
        key: math.nan if value is None else value for key, value in zip(names, values, strict=True)
    }


def _by_stretch(frame: pd.DataFrame, width: int) -> dict[int, pd.DataFrame]:
    starts = frame["__at__"].to_numpy(dtype=np.int64) // width * width
    return {int(start): frame[starts == start] for start in np.unique(starts)}
