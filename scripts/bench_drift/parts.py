"""What is measured, each part in a process of its own: `python -m scripts.bench_drift.parts NAME`.

A part prints one JSON object. CPU is the process's own, user and system, and so is peak memory.
"""

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from backend.records import log, registry, summaries
from backend.records.database import Database, connect
from backend.records.log import Filter
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.tables import predictions
from backend.settings import ROOT, Settings
from backend.versions.artefacts import Store
from console import windows
from console.drift.verdict import DriftReport
from console.windows import DAY, HOUR
from scripts.bench_drift.build import FEATURES, MODEL, names, table

REPEATS = 20
MEMORY_ROWS = 1_000_000


class Opened:
    """The log that was built, and its one version."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings.from_environment({"WATCHDESK_DATA_DIR": str(folder)})
        self.database: Database = connect(self.settings.database_url)
        self.store = Store.of(self.settings)
        self.version: Version = registry.version(self.database, MODEL, 1)

    def newest(self, length: int) -> Window:
        """The last `length` microseconds, to the end of the newest hour."""
        span = windows.span(self.database, MODEL)
        assert span is not None  # noqa: S101  # built with rows
        end = span[1] - span[1] % HOUR + HOUR
        return Window(end - length, end)


def derive(opened: Opened) -> dict[str, Any]:
    """Summarise the log from its first row on."""
    from console.summaries.derive import Deriver

    summaries.clear(opened.database)
    deriver = Deriver(opened.database, opened.store)
    began, used, rows = time.perf_counter(), time.process_time(), 0
    while (step := deriver.step()).more or step.rows:
        rows += step.rows
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    with opened.database.read() as connection:
        sketched = "SELECT sum(length(vector)) FROM sketches"
        size = int(connection.exec_driver_sql(sketched).scalar_one())
    return {"rows": rows, "seconds": seconds, "cpu": cpu, "sketches": size, "memory": _peak()}


def reading(opened: Opened) -> dict[str, Any]:
    """The verdict and the traffic of thirty days from summaries, beside SQL over the log."""
    from console.summaries import read
    from console.summaries import report as summary_report

    window = opened.newest(30 * DAY)
    asked = (opened.database, opened.version, window, opened.store)
    judged = _times(lambda: summary_report.report(*asked))
    counted = _times(lambda: read.traffic(opened.database, MODEL, window, 12 * HOUR))
    week = opened.newest(7 * DAY)
    began = time.perf_counter()
    _hours_by_sql(opened.database, week)
    from_log = time.perf_counter() - began
    hourly = _times(lambda: read.traffic(opened.database, MODEL, week, HOUR))
    return {"report": judged, "traffic": counted, "week_hourly": hourly, "week_log": from_log}


def pages(opened: Opened) -> dict[str, Any]:
    """The first drawing of a page in a process that has drawn none, and drawing it again."""
    import logging

    from streamlit.testing.v1 import AppTest

    os.environ["WATCHDESK_DATA_DIR"] = str(opened.settings.data_dir)
    logging.disable(logging.WARNING)
    import console.ui.drift_view
    import console.ui.overview_view  # noqa: F401
    from console.launch import warm_up

    warm_up()  # as the console does before anybody comes

    found = {}
    page = AppTest.from_file(str(ROOT / "pages" / "app.py"), default_timeout=120)
    name = sys.argv[3]
    for chosen in ("7d", "30d"):
        if name == "drift":
            page.switch_page(str(ROOT / "pages" / "drift.py"))
            page.query_params["model"] = MODEL
        page.query_params["window"] = chosen
        times = []
        for _ in range(6):
            began = time.perf_counter()
            page.run()
            times.append(time.perf_counter() - began)
        failures = [each.value for each in (*page.error, *page.exception)]
        if failures:
            raise SystemExit(f"{name} failed: {failures[0]}")
        found[chosen] = {"first": times[0], "again": statistics.median(times[1:])}
    return found


def exactness(opened: Opened) -> dict[str, Any]:
    """Every row against the summaries: the worst difference of a score, and any verdict's."""
    from console.drift.exact import exact
    from console.summaries import report as summary_report

    found = {}
    for days in (30, 2):
        window = opened.newest(days * DAY)
        began, used = time.perf_counter(), time.process_time()
        whole = exact(opened.database, opened.version, window, opened.store)
        seconds, cpu = time.perf_counter() - began, time.process_time() - used
        sketched = summary_report.report(opened.database, opened.version, window, opened.store)
        found[str(days)] = {
            "rows": whole.n_current,
            "seconds": seconds,
            "cpu": cpu,
            "memory": _peak(),
            **_differences(whole, sketched),
        }
    return found


def from_log(opened: Opened) -> dict[str, Any]:
    """The exact verdict on a million logged rows: reading them included."""
    from console.drift.exact import exact

    n = log.count(opened.database, Filter(MODEL, opened.newest(30 * DAY)))
    length = min(30 * DAY * MEMORY_ROWS // n, 30 * DAY) // HOUR * HOUR
    used = time.process_time()
    made = exact(opened.database, opened.version, opened.newest(length), opened.store)
    return {"rows": made.n_current, "cpu": time.process_time() - used, "memory": _peak()}


def native(_opened: Opened) -> dict[str, Any]:
    """The exact verdict on a frame of a million rows in memory."""
    from backend.versions.features import Feature
    from console.drift.verdict import Reference

    reference, current = _frames()
    features = [Feature(name, "number") for name in names()]
    used = time.process_time()
    made = Reference.of(reference, features).compare(current)
    return {
        "rows": len(current),
        "cpu": time.process_time() - used,
        "scores": {result.feature: result.effect for result in made.results},
    }


def evidently(_opened: Opened) -> dict[str, Any]:
    """Evidently's drift preset on the same frame."""
    os.environ["DO_NOT_TRACK"] = os.environ["ITERATIVE_DO_NOT_TRACK"] = "1"
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    reference, current = _frames()
    definition = DataDefinition(numerical_columns=names())
    used = time.process_time()
    was, became = (Dataset.from_pandas(f, data_definition=definition) for f in (reference, current))
    found = Report([DataDriftPreset()]).run(became, was).dict()
    cpu = time.process_time() - used
    scores = {
        metric["config"]["column"]: float(metric["value"])
        for metric in found["metrics"]
        if metric["config"]["type"].endswith(":ValueDrift")
    }
    return {"rows": len(current), "cpu": cpu, "memory": _peak(), "scores": scores}


def sampling(opened: Opened) -> dict[str, Any]:
    """Twenty thousand rows of a week at random: by id, and as ORDER BY random() has it."""
    from console.drift import report

    week = opened.newest(7 * DAY)
    by_id = _times(lambda: report.rows(opened.database, opened.version, week), 5)
    which = Filter(MODEL, week, version=1, outcome="answered")
    query = sa.select(predictions.c.id, predictions.c.features).where(*which.clauses())
    began = time.perf_counter()
    with opened.database.read() as connection:
        connection.execute(query.order_by(sa.func.random()).limit(20_000)).all()
    return {"by_id": by_id, "order_by_random": time.perf_counter() - began}


def _hours_by_sql(database: Database, window: Window) -> None:
    """Counts by hour and outcome as one would ask the log for them."""
    c = predictions.c
    hour = (c.at / HOUR).label("hour")
    query = sa.select(hour, c.outcome, sa.func.count()).where(*Filter(MODEL, window).clauses())
    with database.read() as connection:
        connection.execute(query.group_by(hour, c.outcome)).all()


def _frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(3)
    moved = np.zeros(MEMORY_ROWS, dtype=bool)
    moved[MEMORY_ROWS // 2 :] = True
    reference = pd.DataFrame(table(rng, 10_000), columns=names())
    return reference, pd.DataFrame(table(rng, MEMORY_ROWS, moved), columns=names())


def _differences(whole: DriftReport, sketched: DriftReport) -> dict[str, Any]:
    pairs = list(zip(whole.results, sketched.results, strict=True))
    return {
        "features": FEATURES,
        "same_rows": whole.n_current == sketched.n_current,
        "effect": max(abs(a.effect - b.effect) for a, b in pairs),
        "statistic": max(abs(a.statistic - b.statistic) for a, b in pairs),
        "stability": max(abs(a.stability - b.stability) for a, b in pairs),
        "statuses": sum(a.status != b.status for a, b in pairs),
        "drifted": whole.n_drifted,
    }


def _times(run: Callable[[], Any], repeats: int = REPEATS) -> dict[str, float]:
    times = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return {"first": times[0], "median": statistics.median(times[1:])}


def _peak() -> int:
    """Peak memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024


PARTS: dict[str, Callable[[Opened], dict[str, Any]]] = {
    "derive": derive,
    "reading": reading,
    "pages": pages,
    "exactness": exactness,
    "from_log": from_log,
    "native": native,
    "evidently": evidently,
    "sampling": sampling,
}


if __name__ == "__main__":
    print(json.dumps(PARTS[sys.argv[1]](Opened(Path(sys.argv[2])))))
