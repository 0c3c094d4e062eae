"""Drift of a version's log in any window: from its rows where they are few, else from summaries."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.drift.report import NOUN, SAMPLE, reference_of, rows
from console.drift.verdict import DriftReport
from console.summaries.report import ready, verdict_on
from console.summaries.vectors import window_vectors

SHOWN = 4_000
"""Rows drawn at random where a window has more than `SAMPLE`; charts show no more."""


@dataclass(frozen=True)
class Judged:
    """A window of a version's log against its reference.

    Attributes:
        report: the verdict on every answered row of the window.
        rows: all of them, or a random sample of 4,000, as `log.features` gives them.
        basis: what the verdict was computed from: all the `rows`; the hourly `summaries`, whose
            effects and statistics are within 0.002 of that; or the `sample`, as long as the
            summaries hold less than that.
        pending: how many newer rows of the log (of any model) are not in the report yet, at most.
    """

    report: DriftReport
    rows: pd.DataFrame
    basis: Literal["rows", "summaries", "sample"]
    pending: int = 0

    @property
    def how(self) -> str:
        """How the verdict was computed, in a sentence or two; empty where it was from the rows."""
        if self.basis == "rows":
            return ""
        left = f" Up to {self.pending:,} newer rows of the log are not summarised yet."
        left = left if self.pending else ""
        if self.basis == "sample":
            return f"The verdict is on a random sample of {len(self.rows):,} rows.{left}"
        return (
            "The verdict is on all of them, from hourly summaries; its effects are within 0.002 of"
            f" those of every row.{left}"
        )


def judged(database: Database, version: Version, window: Window, store: Store) -> Judged:
    """The verdict on what `version` was asked, and on what it answered, in `window`.

    Too few rows are a report whose status says so.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    vectors = window_vectors(database, version, window, store)
    if vectors.rows <= SAMPLE:
        found = rows(database, version, window, SAMPLE)
        # A sample of more than that knows more than summaries that are far behind.
        made = reference_of(database, version, store).compare(found, NOUN)
        if len(found) < SAMPLE:
            return Judged(made, found, "rows")
        return Judged(made, found, "sample", vectors.pending)
    made = verdict_on(vectors, ready(database, version, store))
    return Judged(made, rows(database, version, window, SHOWN), "summaries", vectors.pending)


def drift(database: Database, version: Version, window: Window, store: Store) -> DriftReport:
    """The verdict of `judged`, without drawing rows where it does not need them.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    vectors = window_vectors(database, version, window, store)
    if vectors.rows > SAMPLE and not vectors.pending:
        return verdict_on(vectors, ready(database, version, store))
    return judged(database, version, window, store).report
