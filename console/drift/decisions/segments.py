"""Segments of a window that a reader can say aloud, and where among them answers change most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from backend.versions.features import Feature
from console.drift.decisions.intervals import wilson

FEWEST_ROWS = 30
MOST = 3
CERTAIN = 0.95
QUARTILES = (0.25, 0.5, 0.75)
COLUMNS = ["segment", "n", "changed", "low", "high"]


@dataclass(frozen=True)
class Segments:
    """Segments of n rows.

    Attributes:
        names: each in words.
        members: which rows belong to each; shape (segments, n).
    """

    names: tuple[str, ...]
    members: NDArray[np.bool_]


def segments_of(
    features: Sequence[Feature],
    columns: Mapping[str, NDArray[Any]],
    reference: Mapping[str, NDArray[Any]],
) -> Segments:
    """The values of each category, the reference's quarters of each number, and what is missing.

    Args:
        features: which columns to divide by.
        columns, reference: columns by name, as `put_back.values_of` gives them.

    Returns:
        Those of at least 30 rows.
    """
    names: list[str] = []
    members: list[NDArray[np.bool_]] = []
    for feature in features:
        values = columns[feature.name]
        cut = _quarters if feature.is_numeric else _categories
        missing = pd.isna(values)
        for name, rows in [
            *cut(feature, values, reference[feature.name]),
            (f"{feature.title} missing", missing),
        ]:
            if rows.sum() >= FEWEST_ROWS:
                names.append(name)
                members.append(rows)
    n = len(next(iter(columns.values()))) if columns else 0
    return Segments(tuple(names), np.array(members, dtype=bool).reshape(len(names), n))


def standing_out(
    segments: Segments, changed: NDArray[np.bool_], questions: int = 1
) -> pd.DataFrame:
    """The segments whose answers change more than all the rows' do, surely, most surely first.

    A segment is surely above when its whole Wilson interval is. The intervals hold for all
    segments and questions at once with 95 % (Bonferroni): else the best of many would be chance.

    Args:
        changed: which rows' answers change; shape (n,).
        questions: how many times the segments are asked for, each with other changes.

    Returns:
        At most 3 rows: segment (in words), n (rows), changed, low, high (shares in [0, 1]).
    """
    if not segments.names or not changed.any():
        return pd.DataFrame(columns=COLUMNS)
    n = segments.members.sum(axis=1)
    shares = segments.members[:, changed].sum(axis=1) / n
    z = float(stats.norm.ppf(1 - (1 - CERTAIN) / 2 / (len(n) * questions)))
    low, high = wilson(shares, n, z)
    found = pd.DataFrame(
        {"segment": segments.names, "n": n, "changed": shares, "low": low, "high": high}
    )
    above = found[found["low"] > changed.mean()]
    best: pd.DataFrame = above.sort_values("low", ascending=False, kind="stable").head(MOST)
    return best.reset_index(drop=True)


def _categories(
    feature: Feature, values: NDArray[Any], _: NDArray[Any]
) -> list[tuple[str, NDArray[np.bool_]]]:
    codes, uniques = pd.factorize(values)
    return [(f"{feature.title} = {_said(name)}", codes == i) for i, name in enumerate(uniques)]


def _quarters(
    feature: Feature, values: NDArray[Any], reference: NDArray[Any]
) -> list[tuple[str, NDArray[np.bool_]]]:
    known = reference[~np.isnan(reference)]
    if not len(known):
        return []
    # Values that occur, so that those of whole numbers are whole.
    edges = np.unique(np.quantile(known, QUARTILES, method="higher"))
    cells = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="right"))
    whole = feature.kind == "integer"
    ends = [None, *edges.tolist(), None]
    return [
        (f"{feature.title} {_range(low, high, whole)}", cells == i)
        for i, (low, high) in enumerate(pairwise(ends))
    ]


def _range(low: float | None, high: float | None, whole: bool) -> str:
    """A range that ends below `high`, in words."""
    if low is None:
        return f"below {number(high)}"
    if high is None:
        return f"{number(low)} or more"
    if not whole:
        return f"from {number(low)} to below {number(high)}"
    return f"{number(low)}" if high - low <= 1 else f"from {number(low)} to {number(high - 1)}"


def number(value: float | None) -> str:
    """A number for a sentence, with four digits that count."""
    if value is None:
        return ""
    return f"{value:,.0f}" if 1_000 <= abs(value) < 1e9 else f"{value:.4g}"


def _said(name: Any) -> str:
    return str(name).lower() if isinstance(name, bool) else str(name)[:60]
