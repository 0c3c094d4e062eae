"""Groups of rows by a column: its categories, or four ranges of a number."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backend.errors import Unusable
from backend.versions.features import Feature, listed
from backend.versions.signature import Signature
from console.promotion.gates.case import Judged

FEW_NUMBERS = 12
"""A number with at most so many different values is grouped by each of them."""
_QUARTERS = (5, 10, 15)  # of the 21 quantiles: 25, 50 and 75 %


@dataclass(frozen=True)
class Groups:
    """The rows by a column.

    Attributes:
        parts: a rule in words and its rows, of each group that has rows enough; in order.
        left_out: how many groups have too few rows, and `left_out_rows` they have together.
        least: the rows that are enough.
    """

    parts: tuple[tuple[str, Judged], ...]
    left_out: int
    left_out_rows: int
    least: int

    @property
    def sentence(self) -> str:
        """What is not judged; begins with a space, or is empty where everything is."""
        if not self.left_out:
            return ""
        groups, rows = self.left_out, self.left_out_rows
        return (
            f" Not judged: {groups:,} group{'s' * (groups != 1)} of fewer than {self.least:,} rows"
            f" ({rows:,} row{'s' * (rows != 1)} in all)."
        )


def groups(judged: Judged, column: str, least: int) -> Groups:
    """The groups of rows by a column, those of at least `least` rows to be judged.

    A number with more than 12 different values is cut at the quarters of training. Missing values
    are a group of their own.

    Raises:
        Unusable: the column is no feature of the version, or no group has rows enough.
    """
    feature = _feature(judged.signature, column)
    named = _named(feature, judged.frame[column])
    sizes = named.value_counts()
    enough = sizes[sizes >= least]
    if enough.empty:
        raise Unusable(
            f"No group by `{column}` has {least:,} held-out rows; the greatest of"
            f" {len(sizes):,} has {sizes.max():,}. Hold out more rows, or lower"
            " `minimum_rows.segment`."
        )
    parts = tuple(
        (str(name), judged.part((named == name).to_numpy())) for name in sorted(enough.index)
    )
    out = len(sizes) - len(enough)
    return Groups(parts, out, int(sizes.sum() - enough.sum()), least)


def _feature(signature: Signature, column: str) -> Feature:
    for feature in signature.features:
        if feature.name == column:
            return feature
    raise Unusable(
        f"`{column}` is no feature of this version, so its held-out rows cannot be grouped by it;"
        f" expected one of {listed(signature.names, 12)}."
    )


def _named(feature: Feature, column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The group of each row, in words."""
    missing = column.isna()
    if feature.is_numeric and column.nunique() > FEW_NUMBERS:
        found = _ranges(feature, column)
    elif feature.is_numeric:
        found = column.map(lambda value: f"{feature.name} = {value:.15g}")
    else:
        found = column.map(lambda value: f"{feature.name} = {value}")
    return found.astype(object).mask(missing, f"{feature.name} missing")


def _ranges(feature: Feature, column: "pd.Series[Any]") -> "pd.Series[Any]":
    cuts = np.unique([feature.quantiles[place] for place in _QUARTERS])
    words = [f"{feature.name} up to {cuts[0]:.4g}"]
    words += [
        f"{feature.name} over {low:.4g} up to {high:.4g}" for low, high in itertools.pairwise(cuts)
    ]
    words.append(f"{feature.name} over {cuts[-1]:.4g}")
    places = np.searchsorted(cuts, column.to_numpy(dtype=np.float64), side="left")
    return pd.Series(np.array(words, dtype=object)[places], index=column.index)
