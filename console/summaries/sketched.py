"""A version's rows as sketches by hour and by day, added to what is there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from backend.records import summary_rows
from backend.records.database import Database
from backend.records.summaries import Sketch
from console.drift.sketches.cells import MOST_NOVEL, ColumnCells, Groups
from console.drift.sketches.encoding import decode, encode
from console.drift.statistics import Floats
from console.summaries.frozen import Frozen
from console.windows import DAY, HOUR

GRAINS = {"hour": HOUR, "day": DAY}
Novel = dict[str, int]
_UNREADABLE = (ValueError, TypeError, msgspec.MsgspecError)


def readable(version: Frozen, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows as columns, and those of the rows whose features can be read."""
    known = rows[rows["features"].notna()]
    try:
        return version.columns(known), known
    except _UNREADABLE:
        some = known.loc[_readable(version, known)]
        return version.columns(some), some


def _readable(version: Frozen, rows: pd.DataFrame) -> list[Any]:
    """The labels of the rows that can be read, found by halves: they are nearly all."""
    try:
        version.columns(rows)
    except _UNREADABLE:
        middle = len(rows) // 2
        if not middle:
            return []
        return _readable(version, rows.iloc[:middle]) + _readable(version, rows.iloc[middle:])
    return rows.index.tolist()


def sketched(
    database: Database, version: Frozen, columns: pd.DataFrame, hours: Groups
) -> list[Sketch]:
    """What the sketches of some rows' hours and days become when the rows are added to them.

    Args:
        columns: the rows, from `readable`.
        hours: the start of each row's hour, UTC µs.
    """
    if not len(hours):
        return []
    starts, groups = np.unique(hours, return_inverse=True)
    days, day_of = np.unique(starts - starts % DAY, return_inverse=True)
    present = _present(database, version, {"hour": starts, "day": days})
    found = []
    for cells in version.cells:
        column = columns[cells.feature.name]
        vectors = cells.vectors_by(column, groups, len(starts))
        novel = novel_by(cells, column, vectors, groups)
        # The hours ascend, and so the days.
        by_day = np.add.reduceat(vectors, np.searchsorted(day_of, np.arange(len(days))))
        days_novel = [
            merged(novel[i] for i in np.flatnonzero(day_of == day)) for day in range(len(days))
        ]
        for grain, times, some, new in (
            ("hour", starts, vectors, novel),
            ("day", days, by_day, days_novel),
        ):
            for start, vector, names in zip(times.tolist(), some, new, strict=True):
                key = (version.version_id, cells.feature.name, grain, start)
                found.append(_added(key, vector, names, present.get(key)))
    return found


def novel_by(
    cells: ColumnCells, column: "pd.Series[Any]", vectors: Floats, groups: Groups
) -> list[Novel]:
    """The new categories of each group, where its vector says that there are some."""
    if cells.feature.is_numeric:
        return [{}] * len(vectors)
    return [
        cells.novel(column[groups == place]) if cells.counts(vector)[-1] else {}
        for place, vector in enumerate(vectors)
    ]


def merged(parts: "Iterator[Mapping[str, int]] | Sequence[Mapping[str, int]]") -> Novel:
    """New categories of several sets of rows as one, the most frequent first."""
    total: Novel = {}
    for part in parts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    order = sorted(total, key=lambda name: (-total[name], name))
    return {name: total[name] for name in order[:MOST_NOVEL]}


def read_novel(text: str | None) -> Novel:
    """New categories as they are stored."""
    return json.loads(text) if text else {}


def _present(
    database: Database, version: Frozen, starts: Mapping[str, Groups]
) -> dict[tuple[Any, ...], Sketch]:
    with database.read() as connection:
        found = [
            sketch
            for grain, times in starts.items()
            for sketch in summary_rows.sketches_at(
                connection, version.version_id, grain, times.tolist(), version.names
            )
        ]
    return {sketch[:4]: sketch for sketch in found}


def _added(
    key: tuple[int, str, str, int], vector: Floats, novel: Novel, present: Sketch | None
) -> Sketch:
    if present is not None:
        vector = vector + decode(present.vector, len(vector))
        novel = merged([novel, read_novel(present.novel)]) if novel or present.novel else {}
    text = json.dumps(novel, separators=(",", ":")) if novel else None
    return Sketch(*key, encode(vector), text)
