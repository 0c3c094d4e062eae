"""Traffic for a drill: what a model was asked last, moved in time so that it ends when it shall."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray

from backend.errors import Refused
from backend.records import log
from backend.records.database import Database
from backend.records.predictions import Window, key_of
from backend.records.registry import Version
from backend.records.tables import feedback, predictions
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console import windows
from console.summaries import read
from console.windows import DAY, HOUR

MOST_ROWS = 20_000
FEWEST_ROWS = 30
SPREAD_AN_HOUR = (4.0, 60.0)
"""Rows an hour, at least and at most, where the log is too short to have a rhythm of its own."""
USUAL_MS = 5.0
"""The latency of rows that have none, as replayed ones."""
Times = NDArray[np.int64]


@dataclass(frozen=True)
class Traffic:
    """n requests in the order of their times.

    Attributes:
        features: a column per input, as `log.features` gives them; index 0 … n - 1.
        at: times (UTC µs), shape (n,).
        refused: which are refused; shape (n,).
        latency_ms: of each; shape (n,).
        truth: the truth of each as text; missing where it never comes.
        delay: how long after the request it comes (µs); shape (n,).
    """

    features: pd.DataFrame
    at: Times
    refused: NDArray[np.bool_]
    latency_ms: NDArray[np.float64]
    truth: NDArray[np.object_]
    delay: Times

    def __len__(self) -> int:
        return len(self.at)

    def part(self, places: Any) -> "Traffic":
        """Some of the requests: a mask, or places in order."""
        return Traffic(
            self.features.iloc[
                np.flatnonzero(places) if places.dtype == bool else places
            ].reset_index(drop=True),
            *(
                one[places]
                for one in (self.at, self.refused, self.latency_ms, self.truth, self.delay)
            ),
        )


def traffic_of(
    database: Database,
    version: Version,
    store: Store,
    window: Window,
    *,
    calm: bool = False,
    seed: int = 0,
) -> Traffic:
    """Traffic for a window: the newest rows of the log, live or replayed, at their own distances.

    They are repeated, whole days apart, where the log is shorter than the window. Where it is
    shorter than a day, or calm traffic is asked for, rows of the version's reference are drawn at
    random and spread evenly, as often as the log has rows. (Not rows of a short log: repeated,
    what they have by chance would look like drift.) Of more than 20,000 a random part is kept, in
    which all is less frequent.

    Raises:
        Refused: the reference has fewer than 30 rows.
    """
    generator = np.random.default_rng(seed)
    pool = _logged(database, version, window.end - window.start)
    length = int(pool.at[-1] - pool.at[0]) if len(pool) else 0
    if calm or length < DAY or len(pool) < FEWEST_ROWS:
        rate = len(pool) / max(length / HOUR, 1e-9)
        made = _spread(_reference(database, version, store), window, rate, generator)
    else:
        made = _moved(pool, window)
    if len(made) > MOST_ROWS:
        made = made.part(np.sort(generator.choice(len(made), MOST_ROWS, replace=False)))
    refused = generator.random(len(made)) < _refused_share(database, version)
    return replace(made, refused=refused)


def _logged(database: Database, version: Version, length: int) -> Traffic:
    """The newest rows that the version answered; of more than 20,000 some at random."""
    span = windows.span(database, version.model)
    names = Signature.from_json(version.signature).names
    end = 1 if span is None else span[1] + 1
    recent = Window(end - length, end)
    which = log.Filter(version.model, recent, version=version.number or 0)
    rows = log.features(database, which, names, limit=MOST_ROWS)
    more = _beside(database, rows["__prediction_id__"].tolist())
    ids = rows["__prediction_id__"]
    at = rows["__at__"].to_numpy(dtype=np.int64)
    latency = np.array([more[i][0] for i in ids], dtype=np.float64)
    told = np.array([more[i][1] for i in ids], dtype=np.float64)
    delay = np.maximum(np.nan_to_num(told - at), 0).astype(np.int64)
    truth = rows["__truth__"].to_numpy(dtype=object)
    return _traffic(rows[names], at, latency, truth, delay)


def _beside(database: Database, ids: list[str]) -> dict[str, tuple[float | None, int | None]]:
    """The latency of some predictions, and when their truths came (UTC µs)."""
    c = predictions.c
    joined = predictions.outerjoin(feedback, feedback.c.prediction_id == c.prediction_id)
    query = sa.select(c.prediction_id, c.latency_ms, feedback.c.at).select_from(joined)
    keys = {key_of(one): one for one in ids}
    found: dict[str, tuple[float | None, int | None]] = {}
    with database.read() as connection:
        for start in range(0, len(ids), 5_000):
            part = list(keys)[start : start + 5_000]
            for row in connection.execute(query.where(c.prediction_id.in_(part))):
                found[keys[bytes(row.prediction_id)]] = (row.latency_ms, row.at)
    return found


def _reference(database: Database, version: Version, store: Store) -> Traffic:
    """The rows that drift is measured against, without times."""
    signature = Signature.from_json(version.signature)
    rows = artefacts.table(database, version, artefacts.REFERENCE, store)
    n = len(rows)
    if n < FEWEST_ROWS:
        raise Refused(
            f"A drill needs at least {FEWEST_ROWS} rows to make traffic of; the reference of"
            f" version {version.number} of `{version.model}` has {n}."
        )
    blank = np.full(n, None, dtype=object)
    truth = rows["__truth__"].to_numpy(dtype=object) if "__truth__" in rows else blank
    truth = np.array([None if pd.isna(one) else str(one) for one in truth], dtype=object)
    features = rows[signature.names].reset_index(drop=True)
    never = np.zeros(n, dtype=np.int64)
    return _traffic(features, never, np.full(n, np.nan), truth, never)


def _traffic(
    features: pd.DataFrame,
    at: Times,
    latency_ms: NDArray[np.float64],
    truth: NDArray[np.object_],
    delay: Times,
) -> Traffic:
    known = np.where(np.isnan(latency_ms), USUAL_MS, latency_ms)
    return Traffic(features, at, np.zeros(len(at), dtype=bool), known, truth, delay)


def _moved(pool: Traffic, window: Window) -> Traffic:
    """The rows moved to end with the window, and repeated backwards until it is full."""
    length = int(pool.at[-1] - pool.at[0])
    # Whole days, so that hours of the day stay what they are.
    period = -(-(length + 1) // DAY) * DAY
    shift = window.end - 1 - int(pool.at[-1])
    times = -(-(window.end - window.start) // period)
    places = np.tile(np.arange(len(pool)), times)
    back = np.repeat(np.arange(times, dtype=np.int64) * period, len(pool))
    return _at(pool, places, pool.at[places] + shift - back, window)


def _spread(pool: Traffic, window: Window, rate: float, generator: np.random.Generator) -> Traffic:
    """Rows of the pool drawn at random, so many an hour, at random times."""
    hours = (window.end - window.start) / HOUR
    n = int(min(float(np.clip(rate, *SPREAD_AN_HOUR)) * hours, MOST_ROWS))
    times = np.sort(generator.integers(window.start, window.end, n))
    return _at(pool, generator.integers(0, len(pool), n), times, window)


def _at(pool: Traffic, places: NDArray[np.int64], at: Times, window: Window) -> Traffic:
    """The rows at some places of the pool, at other times; those of the window, in order."""
    order = np.argsort(at, kind="stable")
    order = order[(at[order] >= window.start) & (at[order] < window.end)]
    return replace(pool.part(places[order]), at=at[order])


def _refused_share(database: Database, version: Version) -> float:
    """Of the requests of the last weeks of the log."""
    span = windows.span(database, version.model)
    if span is None:
        return 0.0
    counts = read.counts(database, version.model, Window(span[1] - 28 * DAY, span[1] + 1))
    return (counts.refused + counts.failed) / max(counts.requests, 1)
