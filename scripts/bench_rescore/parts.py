"""What is measured, each part in a process of its own; CPU and peak memory are the process's."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from backend.records import registry
from backend.records.database import connect
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.tables import predictions as log_table
from backend.settings import Settings
from backend.versions import artefacts
from backend.versions.artefacts import Store
from console.rescoring import Rescoring, rescore
from scripts.bench_drift.build import MODEL

LOGISTIC, FOREST = 2, 3

Figures = dict[str, Any]
PEER = """
SELECT p.features, p.label, p.score, f.ground_truth
FROM predictions p LEFT JOIN feedback f ON f.prediction_id = p.prediction_id
WHERE p.model = :model AND p.at >= :start AND p.at < :end AND p.outcome = 'answered'
"""


class Opened:
    """The log that was built."""

    def __init__(self, folder: Path) -> None:
        self.imported = _most()
        self.settings = Settings.from_environment({"WATCHDESK_DATA_DIR": str(folder)})
        self.database = connect(self.settings.database_url)
        self.store = Store.of(self.settings)

    def version(self, number: int) -> Version:
        """A version by its number."""
        return registry.version(self.database, MODEL, number)

    def window(self, share: float = 1.0) -> Window:
        """The first part of the log by time."""
        ends = sa.select(sa.func.min(log_table.c.at), sa.func.max(log_table.c.at))
        with self.database.read() as connection:
            first, last = connection.execute(ends.where(log_table.c.model == MODEL)).one()
        return Window(first, first + int((last - first) * share) + 1)


def ours(number: int, share: float = 1.0, compiled: bool = True) -> Callable[[Opened], Figures]:
    """A part that answers the log, or its first share, again with a version."""

    def part(opened: Opened) -> Figures:
        store = Store(opened.store.cache, opened.store.key, compiling=compiled)
        version, window = opened.version(number), opened.window(share)
        began, used = time.perf_counter(), time.process_time()
        found = rescore(opened.database, version, window, store)
        return _spent(began, used, found.rows) | _counted(found)

    return part


def peer(number: int) -> Callable[[Opened], Figures]:
    """A part that does it as one would by hand: read all rows, answer them in one call, count."""

    def part(opened: Opened) -> Figures:
        version, window = opened.version(number), opened.window()
        began, used = time.perf_counter(), time.process_time()
        estimator = artefacts.estimator(opened.database, version, opened.store)
        bound: dict[str, str | int] = {
            "model": MODEL,
            "start": window.start,
            "end": window.end,
        }
        with opened.database.read() as connection:
            rows = pd.read_sql_query(sa.text(PEER), connection, params=bound)
        names = [feature["name"] for feature in version.signature["features"]]
        features = pd.DataFrame([json.loads(row) for row in rows["features"]], columns=names)
        shares = estimator.predict_proba(features.to_numpy(dtype=np.float64))
        now = pd.Series(estimator.classes_[shares.argmax(axis=1)])
        flips = pd.DataFrame({"was": rows["label"], "now": now})[now != rows["label"]]
        truth = rows["ground_truth"]
        wrong = (rows["label"] == truth) & (now != truth) & truth.notna()
        return _spent(began, used, len(rows)) | {
            "engine": "sklearn",
            "changed": len(flips),
            "newly_wrong": int(wrong.sum()),
            "shift": float(
                (shares[:, list(estimator.classes_).index("yes")] - rows["score"]).mean()
            ),
        }

    return part


PARTS: dict[str, Callable[[Opened], Figures]] = {
    "logistic": ours(LOGISTIC),
    "logistic, a tenth of the rows": ours(LOGISTIC, share=0.1),
    "logistic, not compiled": ours(LOGISTIC, compiled=False),
    "logistic, peer": peer(LOGISTIC),
    "forest": ours(FOREST),
    "forest, peer": peer(FOREST),
}


def _counted(found: Rescoring) -> Figures:
    return {
        "engine": found.latency.engine,
        "us_per_row": found.latency.us_per_row,
        "changed": int(found.flips["n"].sum()),
        "newly_wrong": 0 if found.truth is None else found.truth.newly_wrong.n,
        "shift": 0.0 if found.shift is None else found.shift.mean,
    }


def _spent(began: float, used: float, rows: int) -> Figures:
    """Wall and CPU seconds since then, and the most memory that the process held."""
    return {
        "rows": rows,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - used,
        "memory": _most(),
    }


def _most() -> int:
    """The most memory that the process ever held, in bytes.

    Linux's own count: `getrusage` begins with what the process that started this one held.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1_024 for line in lines if line.startswith("VmHWM"))
