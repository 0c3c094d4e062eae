"""When features moved within a window, to the hour, from the hourly summaries."""

from collections.abc import Sequence

import pandas as pd

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.drift.onset import onset
from console.summaries.vectors import stretches
from console.windows import DAY, HOUR

MOST_HOURS = 31 * 24
"""In longer windows the day is found, not the hour."""


def onsets(
    database: Database, version: Version, window: Window, store: Store, features: Sequence[str]
) -> pd.DataFrame:
    """When each of `features` changed within a window, the clearest change of each.

    Returns:
        One row for each feature that has one, earliest first: feature, title, at, until (UTC
        timestamps of the first hour, or day, after the change), distance (Kolmogorov-Smirnov
        between before and after, in [0, 1]).

    Raises:
        ArtefactDamaged: the version has no sketches, as its reference could not be read.
    """
    width = HOUR if window.end - window.start <= MOST_HOURS * HOUR else DAY
    found = stretches(database, version, window, width, store, list(features))
    rows = []
    for cells, vectors in zip(found.cells, found.vectors, strict=True):
        counts = vectors[:, 2 : 2 + cells.n_cells]
        change = onset(counts)
        if change is not None:
            at = int(found.starts[change.place])
            rows.append((cells.feature.name, cells.feature.title, at, at + width, change.distance))
    frame = pd.DataFrame(rows, columns=["feature", "title", "at", "until", "distance"])
    for name in ("at", "until"):
        frame[name] = pd.to_datetime(frame[name].astype("int64"), unit="us", utc=True)
    return frame.sort_values("at", kind="stable", ignore_index=True)
