"""The exact verdict on every row of a window, however many: run by a job, in bounded memory.

The log is read once, in batches. Numbers are spilled to a file a column, and one column at a time
is read back and sorted, so ten million rows of thirty features take the memory of a few columns;
categories are counted as they come.
"""

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backend.errors import Unusable
from backend.records import log, registry
from backend.records.columns import Layout
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.drift import documents, report
from console.drift.columns import LEAST_VALUES, Column, Measured, NumberColumn
from console.drift.values import column_of, count_texts, numbers
from console.drift.verdict import DriftReport, judge
from console.jobs.context import JobContext
from console.summaries import read

Progress = Callable[[float, str], None]


def _silent(_share: float, _message: str) -> None:
    """For those who do not ask how far it is."""


def run_job(
    context: JobContext, *, model: str, version: int, start: int, end: int
) -> dict[str, Any]:
    """Judge every answered row of a version's window (UTC µs).

    Returns:
        `{"report": …}`, which `documents.from_json` reads.

    Raises:
        NotFound: there is no such version.
        Unusable: fewer than 30 rows were answered.
    """
    found = registry.version(context.database, model, version)
    made = exact(
        context.database,
        found,
        Window(start, end),
        Store.of(context.settings),
        context.progress,
    )
    if made.n_current < LEAST_VALUES:
        raise Unusable(
            f"Drift needs at least {LEAST_VALUES} {report.NOUN}; there are {made.n_current}."
            " Choose a longer window."
        )
    return {"report": documents.to_json(made)}


def exact(
    database: Database,
    version: Version,
    window: Window,
    store: Store,
    progress: Progress = _silent,
    batch: int = 50_000,
) -> DriftReport:
    """The verdict on every row that `version` answered in `window`.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    progress(0.0, "Counting the window's rows.")
    which = log.Filter(version.model, window, version=version.number or 0, outcome="answered")
    counted = read.counts(database, version.model, window, version.number or -1)
    expected = max(counted.answered + counted.pending, 1)
    reference = report.reference_of(database, version, store)
    with tempfile.TemporaryDirectory(prefix="watchdesk-") as folder:
        columns = (*reference.features, *reference.outputs)
        spills = [_Spill(column, Path(folder, str(i))) for i, column in enumerate(columns)]
        done = 0
        for table in log.batches(database, which, Layout.of(version.signature), batch):
            for spill in spills:
                spill.add(table)
            done += len(table)
            share = min(done / expected, 1.0)
            progress(0.8 * share, f"Read {done:,} of {expected:,} predictions.")
        measured = []
        for i, spill in enumerate(spills):
            title = spill.column.feature.title
            progress(0.8 + 0.2 * i / len(spills), f"Comparing {title}.")
            measured.append((spill.column.feature, spill.measure(done)))
    n = len(reference.features)
    return judge(measured[:n], measured[n:], reference.rows, done, report.NOUN)


class _Spill:
    """A column of the window as it is read: numbers in a file, categories counted."""

    def __init__(self, column: Column, path: Path) -> None:
        self.column = column
        self._path = path
        self._counted: Counter[str] = Counter()

    def add(self, table: pd.DataFrame) -> None:
        """Take the column's values of some rows."""
        values = column_of(table, self.column.feature.name)
        if isinstance(self.column, NumberColumn):
            found = numbers(values)
            with self._path.open("ab") as file:
                found[~np.isnan(found)].tofile(file)
        else:
            self._counted.update(count_texts(self.column.feature, values, self.column.places))

    def measure(self, rows: int) -> Measured:
        """Compare what was taken, of `rows` rows, with the reference."""
        if isinstance(self.column, NumberColumn):
            values = np.fromfile(self._path) if self._path.exists() else np.empty(0)
            self._path.unlink(missing_ok=True)
            values.sort()
            return self.column.measure_sorted(values, rows)
        return self.column.measure_counts(dict(self._counted.most_common()), rows)
