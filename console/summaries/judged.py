"""Drift of a version's log in any window: from its rows where they are few, else from summaries."""

from dataclasses import dataclass

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
        is_exact: whether the verdict was computed from all of the rows themselves; else from the
            hourly summaries, whose effects and statistics are within 0.002 of that, or from the
            sample as long as the summaries hold less than that.
        pending: how many newer rows of the log (of any model) are not in the report yet, at most.
    """

    report: DriftReport
    rows: pd.DataFrame
    is_exact: bool
    pending: int = 0


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
        exact = len(found) < SAMPLE
        made = reference_of(database, version, store).compare(found, NOUN)
        return Judged(made, found, exact, 0 if exact else vectors.pending)
    made = verdict_on(vectors, ready(database, version, store))
    return Judged(made, rows(database, version, window, SHOWN), False, vectors.pending)


def drift(database: Database, version: Version, window: Window, store: Store) -> DriftReport:
    """The verdict of `judged`, without drawing rows where it does not need them.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    vectors = window_vectors(database, version, window, store)
    if vectors.rows > SAMPLE and not vectors.pending:
        return verdict_on(vectors, ready(database, version, store))
    return judged(database, version, window, store).report
