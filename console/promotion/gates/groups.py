"""Groups of rows by a column: its categories, or four ranges of a number."""

import itertools
from collections.abc import Iterator
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


def groups(judged: Judged, column: str, least: int) -> Iterator[tuple[str, Judged]]:
    """The groups of at least `least` rows: a rule in words, and the rows.

    A number with more than 12 different values is cut at the quarters of training. Missing values
    are a group of their own.

    Raises:
        Unusable: the column is no feature of the version, or no group has rows enough.
    """
    feature = _feature(judged.signature, column)
    named = _named(feature, judged.frame[column])
    sizes = named.value_counts()
    enough = [str(name) for name, n in sizes.items() if n >= least]
    if not enough:
        raise Unusable(
            f"No group by `{column}` has {least:,} held-out rows; the greatest of"
            f" {len(sizes):,} has {_most(sizes):,}. Hold out more rows, or lower"
            " `minimum_rows.segment`."
        )
    for name in sorted(enough):
        yield name, judged.part((named == name).to_numpy())


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
        found = column.map(lambda value: f"{feature.name} = {value:g}")
    else:
        found = column.map(lambda value: f"{feature.name} = {value}")
    return found.astype(object).mask(missing, f"{feature.name} missing")


def _ranges(feature: Feature, column: "pd.Series[Any]") -> "pd.Series[Any]":
    cuts = np.unique([feature.quantiles[place] for place in _QUARTERS])
    words = [f"{feature.name} up to {cuts[0]:.4g}"]
    words += [
        f"{feature.name} over {low:.4g} up to {high:.4g}"
        for low, high in itertools.pairwise(cuts)
    ]
    words.append(f"{feature.name} over {cuts[-1]:.4g}")
    places = np.searchsorted(cuts, column.to_numpy(dtype=np.float64), side="left")
    return pd.Series(np.array(words, dtype=object)[places], index=column.index)
