"""The job that makes Evidently's reports of a window from a sample: a document for each question.

Not one for all: each is 3.7 MB of scripts before any data and takes a browser a moment to draw. A
reader opens the one that answers the question, and what Evidently fails at is missing alone.
"""

from collections.abc import Callable
from typing import Any, Protocol

from backend.errors import Unusable
from backend.records import log, registry
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.drift import report
from console.drift.columns import LEAST_VALUES
from console.drift.evidently import report as evidently_report
from console.drift.evidently.known_truths import known_truths
from console.drift.evidently.page import Page
from console.drift.evidently.quality import quality
from console.drift.evidently.report import Fault, Made
from console.drift.evidently.tables import SAMPLE, tables
from console.jobs.context import JobContext

DRIFT, SUMMARY, QUALITY = "Drift", "Data summary", "Quality of the answers"


def run_job(
    context: JobContext, *, model: str, version: int, start: int, end: int, sample: int = SAMPLE
) -> dict[str, Any]:
    """Make the reports of a version's window (UTC µs) and keep each as a file.

    Of the window's predictions at most `sample` are taken, at random.

    Returns:
        `parts`: of each report its `title`, `file`, `rows` (a sentence: from which rows it was
        made), `n_current` and `n_reference`; `left_out`: {title: reason}; `dropped`: {column:
        reason} of those not compared; `pooled`: {column: sentence}; `drifted`: the columns that
        Evidently calls drifted, of `n_columns` compared; `n_window`: the window's predictions.

    Raises:
        NotFound: there is no such version.
        Unusable: fewer than 30 rows, or no report could be made.
    """
    context.progress(0.02, "Reading the window and the reference.")
    found = registry.version(context.database, model, version)
    store = Store.of(context.settings)
    return make(context, found, Window(start, end), store, sample)


class Keeper(Protocol):
    """Who wants the reports: a job, or whoever freezes them with a review."""

    @property
    def database(self) -> Database:
        """Where the log is."""

    def progress(self, share: float, message: str) -> None:
        """Take how far it is, in [0, 1]."""

    def log(self, line: str) -> None:
        """Take what only a developer wants to read."""

    def keep(self, name: str, content: bytes, media_type: str) -> None:
        """Take a report."""


def make(
    keeper: Keeper, version: Version, window: Window, store: Store, sample: int = SAMPLE
) -> dict[str, Any]:
    """Make the reports of a window and give them to `keeper`; returns and raises as `run_job`."""
    work = _Work(keeper, version, window, store, sample)
    work.keep("drift", DRIFT, work.drift)
    work.keep("summary", SUMMARY, work.summary)
    work.keep("quality", QUALITY, work.quality)
    if not work.result["parts"]:
        reasons = " ".join(f"{title}: {why}" for title, why in work.result["left_out"].items())
        raise Unusable(f"None of Evidently's reports could be made. {reasons}")
    return work.result


class _Work:
    """A window's rows, and the job's result as it grows."""

    def __init__(
        self, keeper: Keeper, version: Version, window: Window, store: Store, sample: int
    ) -> None:
        self.keeper, self.version, self.window, self.sample = keeper, version, window, sample
        self.signature = Signature.from_json(version.signature)
        self.reference = artefacts.table(keeper.database, version, artefacts.REFERENCE, store)
        rows = report.rows(keeper.database, version, window, sample)
        if len(rows) < LEAST_VALUES:
            raise Unusable(
                f"Drift needs at least {LEAST_VALUES} {report.NOUN}; there are {len(rows)}."
                " Choose a longer window."
            )
        self.which = log.Filter(version.model, window, version=version.number, outcome="answered")
        # The log may have grown since; it is never smaller than what was drawn from it.
        total = max(log.count(keeper.database, self.which), len(rows))
        self.rows = _drawn(len(rows), total, "predictions")
        features = [*self.signature.features, *report.outputs_of(self.signature)]
        self.tables = tables(self.reference, rows, features)
        self.result: dict[str, Any] = {
            "parts": [],
            "left_out": {},
            "dropped": dict(self.tables.empty),
            "pooled": self.tables.pooled,
            "drifted": [],
            "n_columns": 0,
            "n_window": total,
        }

    def keep(self, name: str, title: str, make: Callable[[], tuple[Made | Fault, str]]) -> None:
        """Keep what `make` gives (a report, and from which rows), or the reason why it cannot."""
        done = len(self.result["parts"]) + len(self.result["left_out"])
        self.keeper.progress(0.1 + 0.3 * done, f"Making Evidently's report: {title}.")
        try:
            made, drawn = make()
        except Unusable as reason:
            self.result["left_out"][title] = reason.detail
            return
        if isinstance(made, Fault):
            self.keeper.log(made.trace)
            self.result["left_out"][title] = f"{made.sentence} The job's log has the details."
            return
        n_reference, n_current = len(made.sides.reference), len(made.sides.current)
        rows = f"{drawn}, against {n_reference:,} reference rows."
        page = Page(title, self.version, self.window, rows).around(made.html)
        self.keeper.keep(f"{name}.html", page.encode(), "text/html")
        part: dict[str, Any] = {"title": title, "file": f"{name}.html", "rows": rows}
        self.result["parts"].append(part | {"n_current": n_current, "n_reference": n_reference})

    def drift(self) -> tuple[Made | Fault, str]:
        """Evidently's own tests of every column that has values on both sides."""
        compared = self.tables.only(set(self.tables.names) - set(self.tables.empty))
        if not compared.names:
            raise Unusable("No column has values on both sides. Choose another window.")
        made = evidently_report.of_columns("DataDriftPreset", compared)
        if isinstance(made, Made):
            self.result["dropped"] |= made.dropped
            self.result["drifted"] = evidently_report.drifted(made)
            self.result["n_columns"] = len(made.sides.reference.columns)
        return made, self.rows

    def summary(self) -> tuple[Made | Fault, str]:
        """Every column's values, side by side."""
        made = evidently_report.of_columns("DataSummaryPreset", self.tables)
        if isinstance(made, Made):
            self.result["dropped"] |= made.dropped
        return made, self.rows

    def quality(self) -> tuple[Made | Fault, str]:
        """The answers of which the truth is known, judged as the task asks."""
        known, total = known_truths(self.keeper.database, self.which, self.sample)
        judged = quality(self.signature, self.reference, known)
        rows = _drawn(len(known), total, "predictions whose truth is known")
        unfit = len(known) - len(judged.current)
        if unfit:
            rows += f" (less {unfit:,} whose truth is none that the version could answer)"
        return evidently_report.of_quality(judged), rows


def _drawn(n: int, total: int, what: str) -> str:
    """`From a random sample of 20,000 of 1,204,332 predictions`."""
    if n == total:
        return f"From all {n:,} {what}"
    return f"From a random sample of {n:,} of {total:,} {what}"
