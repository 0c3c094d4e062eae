"""What the Drift page shows of a version and a window: read, judged, and kept for some seconds."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.features import Feature
from console.drift import DriftReport
from console.drift.decisions import Decisions
from console.summaries.judged import Judged, judged
from console.ui import drift_decisions, readers
from console.ui.resources import database, store


@dataclass(frozen=True)
class View:
    """A window against a version's reference: the verdict and what is behind it.

    Attributes:
        judged: the verdict on every row, and rows of the window: all, or a random sample.
        frame: its features, those that change most answers first, then the most drifted.
        message: it as a sentence.
        reference: the version's reference rows.
        decisions: what the moved features do to the answers.
    """

    version: Version
    window: Window
    judged: Judged
    frame: pd.DataFrame
    message: str
    reference: pd.DataFrame
    decisions: Decisions

    @property
    def report(self) -> DriftReport:
        """The verdict on every row."""
        return self.judged.report

    @property
    def current(self) -> pd.DataFrame:
        """Rows of the window: all of them, or a random sample."""
        return self.judged.rows

    @property
    def moved(self) -> list[str]:
        """The features that drifted or moved moderately, by changed answers."""
        return moved(self.frame)

    @property
    def features(self) -> dict[str, Feature]:
        """The version's features by name, the most drifted first."""
        signature = readers.signature(self.version)
        return {name: signature.feature(name) for name in self.frame["feature"]}

    @property
    def identity(self) -> tuple[Any, ...]:
        """What decides its drawings; the log only grows, so its rows are counted in."""
        return self.version.id, self.window, self.report.n_current, self.message

    @property
    def key(self) -> tuple[Any, ...]:
        """What decides its figures besides version and window."""
        return self.report.n_current, self.message

    @property
    def is_judged(self) -> bool:
        """Whether anything could be compared, so that there is something to draw."""
        return self.report.is_measured


def view(version: Version, window: Window) -> View:
    """Compare a window of the log with a version's reference; kept for some seconds.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    found, frame, message = readers.cached(
        ("drift", version.id, window), lambda: _judged(version, window)
    )
    reference = readers.reference(version)
    n = found.report.n_current
    changed = drift_decisions.of(
        version, (window, n, message), reference, found.rows, moved(frame), n
    )
    return View(version, window, found, _ranked(frame, changed), message, reference, changed)


def moved(frame: pd.DataFrame) -> list[str]:
    """The features that drifted or moved moderately, in the frame's order."""
    return frame.loc[frame["status"].isin(("drifted", "moderate")), "feature"].tolist()


def _judged(version: Version, window: Window) -> tuple[Judged, pd.DataFrame, str]:
    found = judged(database(), version, window, store())
    return found, found.report.frame, found.report.message


def _ranked(frame: pd.DataFrame, changed: Decisions) -> pd.DataFrame:
    """A report's features by the answers that they change; then as they were."""
    shares = {change.feature: change.changed for change in changed.changes}
    frame = frame.assign(changed=frame["feature"].map(shares).astype(float))
    return frame.sort_values(
        "changed", ascending=False, kind="stable", na_position="last", ignore_index=True
    )
