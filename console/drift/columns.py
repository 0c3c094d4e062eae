"""A reference column made ready once, and what comparing a window's column with it measures.

Nothing here decides: no threshold, no status. Columns that are empty, constant or of unreadable
values are measured as far as they can be, and never raise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from backend.versions.features import Feature
from console.drift import statistics
from console.drift.statistics import Counts, Floats, Test
from console.drift.values import column_of, count_texts, sorted_numbers

# Ten cells are the convention behind the usual readings of the index (0.1, 0.25).
STABILITY_CELLS = 10
# Fewer values than this say nothing about a distribution.
LEAST_VALUES = 30


@dataclass(frozen=True)
class Measured:
    """What one comparison found.

    Attributes:
        n_reference, n_current: the values compared (rows less the missing).
        missing_reference, missing_current: shares of rows in [0, 1]; NaN without rows.
        distribution: the test of the values; None with fewer than 30 on either side.
        missingness: the test of the missing shares; None where neither side misses a value.
        effect: Wasserstein distance in reference standard deviations (numbers; for a constant
            reference the share of current values that differ from it), or Jensen-Shannon
            distance (categories); NaN where `distribution` is None.
        stability: population stability index on reference deciles or on categories; may be NaN.
        new_categories: values that neither training nor the reference knew, most frequent first.
        out_of_range: share of current values outside the range of training; NaN for categories.
        was, became: medians (numbers), or the shares of the category that moved most.
        mover: that category; None for numbers.
        constant: whether the reference has but one number.
        shares: each category's share of the reference; empty for numbers.
        atom: the share of the reference's most frequent number; 0 for categories.
    """

    n_reference: int
    n_current: int
    missing_reference: float
    missing_current: float
    distribution: Test | None = None
    missingness: Test | None = None
    effect: float = np.nan
    stability: float = np.nan
    new_categories: tuple[str, ...] = ()
    out_of_range: float = np.nan
    was: float = np.nan
    became: float = np.nan
    mover: str | None = None
    constant: bool = False
    shares: tuple[float, ...] = field(default=(), repr=False)
    atom: float = 0.0

    @property
    def values_test(self) -> Test | None:
        """The test that judges the values; None where there are too few.

        It is `distribution`, except that values which leave a constant reference are counted and
        tested as a share: Kolmogorov and Smirnov's test of ties would need ten times the rows.
        """
        if self.distribution is None or not self.constant:
            return self.distribution
        differ = round(self.effect * self.n_current)
        table = np.array([[self.n_reference, 0], [self.n_current - differ, differ]])
        return replace(self.distribution, p_value=statistics.two_proportions(table).p_value)


@dataclass(frozen=True)
class NumberColumn:
    """A numeric reference column: its values sorted, with what each comparison needs again."""

    feature: Feature
    rows: int
    values: Floats
    mean: float = field(init=False)
    deviation: float = field(init=False)
    sums: Floats = field(init=False)
    edges: Floats = field(init=False)
    cells: Counts = field(init=False)
    atom: float = field(init=False)

    def __post_init__(self) -> None:
        constant = len(self.values) == 0 or self.values[0] == self.values[-1]
        mean = float(self.values.mean()) if len(self.values) else np.nan
        inner = np.linspace(0, 1, STABILITY_CELLS + 1)[1:-1]
        edges = np.unique(np.quantile(self.values, inner)) if len(self.values) else np.zeros(0)
        for name, value in (
            ("mean", mean),
            # The rounding of a mean gives equal values a deviation that is not quite zero.
            ("deviation", 0.0 if constant else float(self.values.std())),
            ("sums", statistics.prefix_sums(self.values, mean)),
            ("edges", edges),
            ("cells", _cells(self.values, edges)),
            ("atom", _atom(self.values)),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, feature: Feature, column: "pd.Series[Any]") -> "NumberColumn":
        """Prepare a reference column; what is not a finite number counts as missing."""
        return cls(feature, len(column), sorted_numbers(column))

    def measure(self, column: "pd.Series[Any]") -> Measured:
        """Compare a window's column with the reference."""
        return self.measure_sorted(sorted_numbers(column), len(column))

    def measure_sorted(self, values: Floats, rows: int) -> Measured:
        """Compare a window's finite numbers, ascending, of so many rows."""
        common = missing_shares(self.rows, len(self.values), rows, len(values))
        if min(len(values), len(self.values)) < LEAST_VALUES:
            return Measured(**common, constant=self.deviation == 0, atom=self.atom)
        return Measured(
            **common,
            distribution=statistics.kolmogorov_smirnov(self.values, values),
            effect=self._effect(values),
            stability=statistics.population_stability(self.cells, _cells(values, self.edges)),
            out_of_range=self._out_of_range(values),
            was=_median(self.values),
            became=_median(values),
            constant=self.deviation == 0,
            atom=self.atom,
        )

    def _effect(self, values: Floats) -> float:
        if self.deviation == 0:
            return float(np.mean(values != self.values[0]))
        if len(values) <= len(self.values):
            distance = statistics.wasserstein(self.values, self.sums, values, self.mean)
        else:  # the distance has no direction, and its cost and memory are the last sample's
            sums = statistics.prefix_sums(values, self.mean)
            distance = statistics.wasserstein(values, sums, self.values, self.mean)
        return distance / self.deviation

    def _out_of_range(self, values: Floats) -> float:
        # The signature's range is that of all training rows, the reference may be a sample.
        minimum, maximum = self.feature.minimum, self.feature.maximum
        low = self.values[0] if minimum is None else min(self.values[0], minimum)
        high = self.values[-1] if maximum is None else max(self.values[-1], maximum)
        inside = np.searchsorted(values, high, "right") - np.searchsorted(values, low, "left")
        return float(1 - inside / len(values))


@dataclass(frozen=True)
class CategoryColumn:
    """A categorical or boolean reference column as counts."""

    feature: Feature
    rows: int
    names: tuple[str, ...]
    counts: Counts
    places: dict[str, int] = field(init=False)
    shares: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", {name: i for i, name in enumerate(self.names)})
        object.__setattr__(self, "shares", shares_of(self.counts))

    @classmethod
    def of(cls, feature: Feature, column: "pd.Series[Any]") -> "CategoryColumn":
        """Prepare a reference column; the categories known from training count 0 if absent."""
        counted = count_texts(feature, column, feature.categories)
        names = tuple(dict.fromkeys([*feature.categories, *counted]))
        return cls(feature, len(column), names, np.array([counted.get(n, 0) for n in names]))

    def measure(self, column: "pd.Series[Any]") -> Measured:
        """Compare a window's column with the reference."""
        return self.measure_counts(count_texts(self.feature, column, self.places), len(column))

    def measure_counts(self, counted: Mapping[str, int], rows: int) -> Measured:
        """Compare a window's counts by category, most frequent first, of so many rows."""
        new = tuple(name for name in counted if name not in self.places)
        names = self.names + new
        current = np.array([counted.get(name, 0) for name in names])
        reference = np.concatenate([self.counts, np.zeros(len(new))])
        n_reference, n_current = int(reference.sum()), int(current.sum())
        common = missing_shares(self.rows, n_reference, rows, n_current)
        if min(n_reference, n_current) < LEAST_VALUES:
            return Measured(**common, new_categories=new, shares=self.shares)
        was, became = reference / n_reference, current / n_current
        most = int(np.argmax(np.abs(became - was)))
        return Measured(
            **common,
            distribution=statistics.chi_square(np.vstack([reference, current])),
            effect=statistics.jensen_shannon(reference, current),
            stability=statistics.population_stability(reference, current),
            new_categories=new,
            was=float(was[most]),
            became=float(became[most]),
            mover=names[most],
            shares=self.shares,
        )


Column = NumberColumn | CategoryColumn


def prepare(feature: Feature, frame: pd.DataFrame) -> Column:
    """The reference column of a feature, ready to be compared; an absent column is all missing."""
    kind = NumberColumn if feature.is_numeric else CategoryColumn
    return kind.of(feature, column_of(frame, feature.name))


def shares_of(counts: Counts) -> tuple[float, ...]:
    """The shares of the cells that hold any; they add up to 1."""
    held = counts[counts > 0]
    return tuple((held / held.sum()).tolist())


def _cells(values: Floats, edges: Floats) -> Counts:
    """Counts of sorted values in the cells that ascending edges make; an edge ends its cell."""
    places = np.searchsorted(values, edges, side="right")
    return np.diff(np.concatenate(([0], places, [len(values)])))


def _atom(values: Floats) -> float:
    """The share of the most frequent of sorted values; 0 without any."""
    if not len(values):
        return 0.0
    ends = np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1, [len(values)]))
    return float(np.diff(ends).max() / len(values))


def _median(values: Floats) -> float:
    middle = len(values) // 2
    return float(values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2)


def missing_shares(
    rows_reference: int, n_reference: int, rows_current: int, n_current: int
) -> dict[str, Any]:
    """What `Measured` says of rows and of those without a value, the n of them left out."""
    gone_reference, gone_current = rows_reference - n_reference, rows_current - n_current
    table = np.array([[n_reference, gone_reference], [n_current, gone_current]])
    tested = gone_reference + gone_current > 0
    return {
        "n_reference": n_reference,
        "n_current": n_current,
        "missing_reference": gone_reference / rows_reference if rows_reference else np.nan,
        "missing_current": gone_current / rows_current if rows_current else np.nan,
        "missingness": statistics.two_proportions(table) if tested else None,
    }
