"""One cell of the table: windows of a size against references of a size, judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from backend.versions.features import Feature
from console.drift.columns import CategoryColumn, Measured, NumberColumn
from console.drift.results import DriftReport, FeatureResult
from console.drift.thresholds import SIGNIFICANT
from console.drift.verdict import judge
from scripts.simulate_drift.families import FAMILIES, Column, names_of

# A reference serves so many windows. Preparing a large one costs more than a window; its own luck
# is a small part of the difference to a window, which is mostly the window's.
WINDOWS_PER_REFERENCE = {1_000: 1, 10_000: 10}
WINDOWS_PER_MOVED = 4


@dataclass(frozen=True)
class Cell:
    """Windows of `n_current` rows against references of `n_reference`, of a family's columns."""

    family: str
    n_reference: int
    n_current: int


@dataclass(frozen=True)
class Tally:
    """What became of a cell's windows; tallies of parts of it add up.

    Attributes:
        windows: how many there were.
        flagged: those in which nothing moved and any feature drifted or moved moderately.
        significant: those in which nothing moved and any q-value was below .05.
        stable: those in which nothing moved and the report's status was `stable`.
        moved: windows in which the first column moved.
        found: those of them in which it was flagged.
        enough: the rows that would be enough for the first column; 0 where no window is.
    """

    windows: int = 0
    flagged: int = 0
    significant: int = 0
    stable: int = 0
    moved: int = 0
    found: int = 0
    enough: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.windows + other.windows,
            self.flagged + other.flagged,
            self.significant + other.significant,
            self.stable + other.stable,
            self.moved + other.moved,
            self.found + other.found,
            max(self.enough, other.enough),
        )

    @property
    def rate(self) -> float:
        """The share of quiet windows with a flag."""
        return self.flagged / self.windows

    @property
    def power(self) -> float:
        """The share of windows with a moved column in which it was flagged."""
        return self.found / self.moved

    @property
    def bound(self) -> float:
        """The 95 % upper confidence bound of that share (Clopper and Pearson 1934)."""
        return upper_bound(self.flagged, self.windows)


def upper_bound(count: int, n: int) -> float:
    """The exact one-sided 95 % upper bound of a share of which `count` of `n` were seen.

    Source: Clopper and Pearson (1934), "The use of confidence or fiducial limits illustrated in
    the case of the binomial", Biometrika 26(4).
    """
    return 1.0 if count == n else float(stats.beta.ppf(0.95, count + 1, n - count))


def run(cell: Cell, windows: int, seed: Sequence[int]) -> Tally:
    """Judge so many windows of a cell, every fourth again with its first column moved."""
    random = np.random.default_rng(seed)
    columns = FAMILIES[cell.family].columns
    features = [column.feature(f"x{i}") for i, column in enumerate(columns)]
    tally = Tally()
    for window in range(windows):
        if window % WINDOWS_PER_REFERENCE[cell.n_reference] == 0:
            reference = [
                _prepared(feature, column, _draw(column, random, cell.n_reference))
                for feature, column in zip(features, columns, strict=True)
            ]
        found = [
            (feature, _measured(prepared, _draw(column, random, cell.n_current)))
            for feature, prepared, column in zip(features, reference, columns, strict=True)
        ]
        sizes = cell.n_reference, cell.n_current
        tally += _quiet(judge(found, [], *sizes))
        if window % WINDOWS_PER_MOVED == 0:
            found[0] = (
                features[0],
                _measured(reference[0], columns[0].draw(random, cell.n_current, True)),
            )
            tally += _moved(judge(found, [], *sizes).results[0])
    return tally


def _quiet(report: DriftReport) -> Tally:
    return Tally(
        windows=1,
        flagged=report.n_drifted + report.n_moderate > 0,
        significant=any(result.q_value < SIGNIFICANT for result in report.results),
        stable=report.status == "stable",
    )


def _moved(result: FeatureResult) -> Tally:
    found = result.status in {"drifted", "moderate"}
    return Tally(moved=1, found=found, enough=result.enough or 0)


def _draw(column: Column, random: np.random.Generator, n: int) -> NDArray[Any]:
    return column.draw(random, n, False)


def _prepared(
    feature: Feature, column: Column, values: NDArray[Any]
) -> NumberColumn | CategoryColumn:
    if column.levels:
        counts = np.bincount(values, minlength=column.levels)
        return CategoryColumn(feature, len(values), names_of(column.levels), counts)
    return NumberColumn(feature, len(values), np.sort(values[~np.isnan(values)]))


def _measured(reference: NumberColumn | CategoryColumn, values: NDArray[Any]) -> Measured:
    if isinstance(reference, NumberColumn):
        return reference.measure_sorted(np.sort(values[~np.isnan(values)]), len(values))
    counts = np.bincount(values, minlength=len(reference.names)).tolist()
    return reference.measure_counts(dict(zip(reference.names, counts, strict=True)), len(values))
