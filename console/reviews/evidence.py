"""What is known of a window when a review is frozen: each part as the pages show it."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature
from console.drift.decisions import Decisions, decisions
from console.drift.verdict import DriftReport
from console.performance.report import performance
from console.performance.results import Performance
from console.summaries import read
from console.summaries.judged import Judged, judged
from console.summaries.onsets import onsets
from console.summaries.read import Counts
from console.summaries.report import over_time

MOST_FEATURES = 24
"""Of so many moved features it is asked which answers they change, the most drifted first."""
ROWS = 4_000
"""So many rows are answered again, as on the Drift page."""
Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Evidence:
    """A window of a version's log, looked at from all sides.

    Attributes:
        judged: the drift verdict, and rows of the window: all, or a random sample.
        reference: the version's reference rows.
        decisions: which answers the moved features change.
        onsets: when they moved, as `console.summaries.onsets.onsets` gives it.
        over_time: the verdict on each stretch, as `console.drift.over_time.over_time` gives it.
        counts, before: requests in the window, and in the one of equal length before it.
        performance: whether the version is still right.
    """

    version: Version
    window: Window
    signature: Signature
    judged: Judged
    reference: pd.DataFrame
    decisions: Decisions
    onsets: pd.DataFrame
    over_time: pd.DataFrame
    counts: Counts
    before: Counts
    performance: Performance

    @property
    def report(self) -> DriftReport:
        """The verdict."""
        return self.judged.report


def gather(
    database: Database, version: Version, window: Window, store: Store, report: Report
) -> Evidence:
    """Look at a window from all sides.

    Raises:
        ArtefactDamaged: the version's files are missing or altered.
    """
    asked = (database, version, window, store)
    report(0.05, "Comparing the window with the reference.")
    found = judged(*asked)
    reference = artefacts.table(database, version, artefacts.REFERENCE, store)
    moved = moved_of(found.report)
    report(0.25, "Answering again with what moved put back.")
    changed = _changed(database, version, store, reference, found, moved)
    report(0.45, "Looking at when it moved.")
    began = onsets(*asked, moved)
    stretches = over_time(*asked)
    report(0.55, "Measuring performance.")
    earlier = Window(window.start - (window.end - window.start), window.start)
    return Evidence(
        version,
        window,
        Signature.from_json(version.signature),
        found,
        reference,
        changed,
        began,
        stretches,
        read.counts(database, version.model, window),
        read.counts(database, version.model, earlier),
        performance(*asked),
    )


def moved_of(report: DriftReport) -> list[str]:
    """The features that drifted or moved moderately, the most drifted first."""
    frame = report.frame
    return [str(name) for name in frame.loc[frame["status"].isin(MOVED), "feature"]]


MOVED = ("drifted", "moderate")


def _changed(
    database: Database,
    version: Version,
    store: Store,
    reference: pd.DataFrame,
    found: Judged,
    moved: list[str],
) -> Decisions:
    loaded = artefacts.load(database, version, store)
    # Compiled graphs are quick for a row, scikit-learn for thousands; their answers are equal.
    scorer = Scorer(loaded.signature, loaded.estimator)
    rows = found.rows
    rows = rows if len(rows) <= ROWS else rows.sample(ROWS, random_state=0)
    n_window = max(found.report.n_current, len(rows))
    return decisions(scorer, loaded.signature, reference, rows, moved[:MOST_FEATURES], n_window)
