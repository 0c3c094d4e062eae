"""A column's frozen cells, and the additive figures of rows in them.

A sketch of some rows is a vector of figures that add up: the vector of two sets of rows together
is the sum of their vectors, in any order, by hour, day or batch. The cells are chosen once from a
version's reference and then stay, so that all vectors of the version add up.

A number's vector is [rows, missing, count of each cell, sum of each cell]. The edges e1 < … < ek
make the cells (-∞, e1], (e1, e2], …, (ek, ∞). A cell's sum is that of the distances to its upper
edge, and in the last cell to its lower edge: never negative, and exact far from zero too, where
sums of squares or of plain values lose their digits.

A category's vector is [rows, missing, count of each known category, count of all others].
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.versions.features import Feature
from console.drift.columns import CategoryColumn, NumberColumn, prepare
from console.drift.sketches.edges import LARGEST, edges_of
from console.drift.statistics import Floats
from console.drift.values import count_texts, numbers, text_values

Groups = NDArray[np.int64]
MOST_NOVEL = 50
_HEAD = 2  # rows and missing stand before the cells


@dataclass(frozen=True, eq=False)
class ColumnCells:
    """The frozen cells of one column of a version.

    Attributes:
        feature: an input, or one of the version's own answers.
        edges: between the cells of a number, ascending; empty for categories.
        categories: the known ones of a category: training's and the reference's.
        deciles: those of the reference, each of them one of the edges; empty for categories.
        deviation: the reference's standard deviation, 0 where it is constant (numbers).
        median: the reference's; NaN without values (numbers).
        size: the length of a vector.
    """

    feature: Feature
    edges: Floats
    categories: tuple[str, ...] = ()
    deciles: Floats = field(default_factory=lambda: np.zeros(0))
    deviation: float = np.nan
    median: float = np.nan

    @property
    def size(self) -> int:
        """The length of a vector."""
        if self.feature.is_numeric:
            return _HEAD + 2 * self.n_cells
        return _HEAD + self.n_cells

    @property
    def n_cells(self) -> int:
        """How many cells there are; the last of a category's is for all new ones together."""
        return 1 + len(self.edges if self.feature.is_numeric else self.categories)

    def counts(self, vector: Floats) -> Floats:
        """The part of a vector that counts by cell, shape (n_cells,)."""
        return vector[_HEAD : _HEAD + self.n_cells]

    def sums(self, vector: Floats) -> Floats:
        """The part of a number's vector with the sum of each cell, shape (n_cells,)."""
        return vector[_HEAD + self.n_cells :]

    def vector(self, column: "pd.Series[Any]") -> Floats:
        """The additive figures of some rows, shape (size,)."""
        figures: Floats = self.vectors_by(column, np.zeros(len(column), dtype=np.int64), 1)[0]
        return figures

    def vectors_by(self, column: "pd.Series[Any]", groups: Groups, n_groups: int) -> Floats:
        """The additive figures of each group of rows, shape (n_groups, size).

        Args:
            column: the rows' values.
            groups: the group of each row, from 0 to `n_groups` - 1, shape (rows,). Quickest
                where they ascend, as the hours of rows in the order of the log.
            n_groups: how many groups there are; one may have no rows.
        """
        found = np.zeros((n_groups, self.size))
        found[:, 0] = np.bincount(groups, minlength=n_groups)
        if self.feature.is_numeric:
            missing = self._add_numbers(found, numbers(column), groups)
        else:
            missing = self._add_categories(found, column, groups)
        if missing.any():
            found[:, 1] = np.bincount(groups[missing], minlength=n_groups)
        return found

    def novel(self, column: "pd.Series[Any]") -> dict[str, int]:
        """New categories by their text with their counts, the 50 most frequent first."""
        if self.feature.is_numeric:
            return {}
        known = frozenset(self.categories)
        counted = count_texts(self.feature, column, known)
        new = [(text, count) for text, count in counted.items() if text not in known]
        return dict(new[:MOST_NOVEL])

    def _add_numbers(self, found: Floats, values: Floats, groups: Groups) -> NDArray[np.bool_]:
        missing = np.isnan(values)
        if missing.any():
            groups, values = groups[~missing], values[~missing]
        values = np.clip(values, -LARGEST, LARGEST)
        if np.any(groups[1:] < groups[:-1]):
            order = np.argsort(groups, kind="stable")
            groups, values = groups[order], values[order]
        # Looking up sorted values is five times quicker, the sorting included.
        _sort_within(values, groups, len(found))
        cells = np.searchsorted(self.edges, values, side="left")
        distances = np.abs(self.edges[np.minimum(cells, len(self.edges) - 1)] - values)
        shape = (len(found), self.n_cells)
        places = groups * self.n_cells + cells
        counts = np.bincount(places, minlength=shape[0] * shape[1])
        sums = np.bincount(places, weights=distances, minlength=shape[0] * shape[1])
        found[:, _HEAD : _HEAD + self.n_cells] = counts.reshape(shape)
        found[:, _HEAD + self.n_cells :] = sums.reshape(shape)
        return missing

    def _add_categories(
        self, found: Floats, column: "pd.Series[Any]", groups: Groups
    ) -> NDArray[np.bool_]:
        codes, uniques = pd.factorize(column)
        known = replace(self.feature, categories=self.categories)
        places = {text: place for place, text in enumerate(self.categories)}
        texts = text_values(known, pd.Series(uniques))
        cell_of = np.array([places.get(str(text), len(places)) for text in texts], dtype=np.int64)
        missing: NDArray[np.bool_] = codes < 0
        if missing.any():
            groups, codes = groups[~missing], codes[~missing]
        shape = (len(found), self.n_cells)
        if len(codes):
            at = groups * self.n_cells + cell_of[codes]
            found[:, _HEAD:] = np.bincount(at, minlength=shape[0] * shape[1]).reshape(shape)
        return missing


def freeze(features: Sequence[Feature], reference: pd.DataFrame) -> tuple[ColumnCells, ...]:
    """Choose the cells of each feature from the reference; an absent column is all missing."""
    return tuple(_freeze(prepare(feature, reference)) for feature in features)


def _freeze(column: NumberColumn | CategoryColumn) -> ColumnCells:
    if isinstance(column, CategoryColumn):
        return ColumnCells(column.feature, np.zeros(0), column.names)
    trained = column.feature.minimum, column.feature.maximum
    known = [*(bound for bound in trained if bound is not None), *column.values[:1]]
    known += [*column.values[-1:]]
    low, high = float(min(known, default=0.0)), float(max(known, default=0.0))
    edges = edges_of(column.values, column.edges, column.deviation, low, high)
    median = float(np.median(column.values)) if len(column.values) else np.nan
    return ColumnCells(column.feature, edges, (), column.edges, column.deviation, median)


def _sort_within(values: Floats, groups: Groups, n_groups: int) -> None:
    """Sort the values of each group in place; the groups ascend."""
    bounds = np.searchsorted(groups, np.arange(n_groups + 1)).tolist()
    for start, end in pairwise(bounds):
        values[start:end].sort()
