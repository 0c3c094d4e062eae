"""Rows of the log as hourly counts and latency histograms, added to what is there."""

from typing import Any

import numpy as np
import pandas as pd

from backend.records import summary_rows
from backend.records.database import Database
from backend.records.summaries import Hour
from console.drift.sketches.encoding import decode, encode
from console.summaries import latency
from console.windows import HOUR

OUTCOMES = ("answered", "refused", "failed")
_KEY = ["model", "hour", "version", "source"]


def hourly(database: Database, rows: pd.DataFrame) -> list[Hour]:
    """What the hours of some rows become when the rows are added to them.

    Args:
        rows: id (ascending), model, version (0: none), source, outcome, latency_ms, and the hour
            that each belongs to.
    """
    if rows.empty:
        return []
    counted = count(rows)
    present = _present(database, counted)
    return [_added(hour, present.get(hour[:4])) for hour in counted]


def count(rows: pd.DataFrame) -> list[Hour]:
    """The hours that rows make by themselves."""
    if rows.empty:
        return []
    groups = rows.groupby(_KEY, sort=False)
    places = groups.ngroup().to_numpy()
    n = groups.ngroups
    first = np.unique(places, return_index=True)[1]
    outcomes = {
        name: np.bincount(places[rows["outcome"].to_numpy() == name], minlength=n)
        for name in OUTCOMES
    }
    ids = rows["id"].to_numpy(dtype=np.int64)
    least, most = np.full(n, np.iinfo(np.int64).max), np.zeros(n, dtype=np.int64)
    np.minimum.at(least, places, ids)
    np.maximum.at(most, places, ids)
    answered = rows["outcome"].to_numpy() == "answered"
    times = latency.histograms(
        rows["latency_ms"].to_numpy(dtype=np.float64)[answered], places[answered], n
    )
    columns = [rows[name].to_numpy()[first].tolist() for name in _KEY]
    columns += [outcomes[name].tolist() for name in OUTCOMES]
    columns.append([encode(one) if one.any() else None for one in times])
    columns += [least.tolist(), most.tolist()]
    return [Hour(*values) for values in zip(*columns, strict=True)]


def tidy(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the log with `version` 0 for none, and with the start of their `hour` (UTC µs).

    Numbers are float64, though all may be missing.
    """
    at = rows["at"].to_numpy(dtype=np.int64)
    return rows.assign(
        version=_numbers(rows["version"]).fillna(0).astype(np.int64),
        hour=at - at % HOUR,
        **{name: _numbers(rows[name]) for name in ("latency_ms", "score", "value")},
    )


def _numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return pd.to_numeric(column).astype(np.float64)


def _present(database: Database, counted: list[Hour]) -> dict[tuple[Any, ...], Hour]:
    starts: dict[str, set[int]] = {}
    for hour in counted:
        starts.setdefault(hour.model, set()).add(hour.start)
    with database.read() as connection:
        found = [
            hour
            for model, some in starts.items()
            for hour in summary_rows.hours_at(connection, model, sorted(some))
        ]
    return {hour[:4]: hour for hour in found}


def _added(one: Hour, other: Hour | None) -> Hour:
    """Two summaries of the same hour as one."""
    if other is None:
        return one
    return Hour(
        *one[:4],
        one.answered + other.answered,
        one.refused + other.refused,
        one.failed + other.failed,
        _both(one.latency, other.latency),
        min(one.least_id, other.least_id),
        max(one.most_id, other.most_id),
    )


def _both(one: bytes | None, other: bytes | None) -> bytes | None:
    if one is None or other is None:
        return one or other
    return encode(decode(one, latency.BUCKETS) + decode(other, latency.BUCKETS))
