"""A window's column put back to the reference's distribution by the smallest change.

Numbers keep their ranks: the least value becomes the reference's least, and so on. On the line no
other map to the same distribution moves values less in sum. Of categories only the surplus moves,
to those that have too few: no other way changes fewer rows. Missing values are a category.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.errors import Unusable
from backend.versions.features import Feature
from console.drift.values import numbers, text_values

Values = NDArray[Any]

_TRUTHS = {"True": True, "False": False}


def put_back(
    column: "pd.Series[Any]", reference: "pd.Series[Any]", feature: Feature, seed: int = 0
) -> "pd.Series[Any]":
    """A window's column, moved to the distribution of the reference's by the smallest change.

    Ties are broken at random, so that a value that is too frequent is split; which rows of a
    category move, or become missing, is random too. A feature that is not nullable misses
    nothing afterwards. Values that cannot be read count as missing.

    Args:
        column: the window's values, of any length.
        reference: the values to be distributed like.
        feature: which kind of values they are.
        seed: of the draws.

    Returns:
        float64 (NaN where missing; whole numbers stay whole) or objects (texts, or True and
        False; None where missing), with the index and name of `column`. Each value is one of the
        reference's, and as frequent as there up to the rounding to whole rows.

    Source: monotone transport is optimal on the line: Villani (2009), "Optimal Transport: Old and
    New", and Santambrogio (2015), "Optimal Transport for Applied Mathematicians", theorem 2.9; in
    climate science quantile mapping: Maraun (2013), Journal of Climate 26. The fewest changes
    between two distributions of categories are their total variation distance: Levin, Peres and
    Wilmer (2009), "Markov Chains and Mixing Times", proposition 4.7.

    Raises:
        Unusable: the reference has no value, and the feature is not nullable.
    """
    moved = put_back_values(
        values_of(column, feature),
        values_of(reference, feature),
        feature,
        np.random.default_rng(seed),
    )
    return pd.Series(moved, index=column.index, name=column.name, dtype=moved.dtype)


def values_of(column: "pd.Series[Any]", feature: Feature) -> Values:
    """A column as the signature reads it: float64 with NaN, or texts or booleans with None."""
    if feature.is_numeric:
        return numbers(column)
    texts: list[Any] = text_values(feature, column)
    if feature.kind == "boolean":
        texts = [_TRUTHS.get(text) for text in texts]
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    return found


def put_back_values(
    values: Values, reference: Values, feature: Feature, draw: np.random.Generator
) -> Values:
    """As `put_back`, for arrays that `values_of` gave; shape (rows,).

    Raises:
        Unusable: the reference has no value, and the feature is not nullable.
    """
    if not feature.nullable:
        reference = reference[~pd.isna(reference)]
    if not len(reference) and len(values):
        raise Unusable(
            f"The reference has no value of `{feature.name}`, so nothing can be put back to it."
            " Train the version again on rows that have some."
        )
    move = _move_numbers if feature.is_numeric else _move_categories
    return move(values, reference, draw)


def _move_numbers(values: Values, reference: Values, draw: np.random.Generator) -> Values:
    known = np.sort(reference[~np.isnan(reference)])
    places = _with_values(values, len(known) / max(len(reference), 1), draw)
    moved = np.full(len(values), np.nan)
    if len(places):
        source = _filled(values, places, draw)
        # Ranks, ties in random order; each takes the reference's value at its own quantile.
        order = np.lexsort((draw.random(len(places)), source))
        quantiles = (np.arange(len(places)) + 0.5) / len(places)
        moved[places[order]] = known[(quantiles * len(known)).astype(np.int64)]
    return moved


def _with_values(values: Values, share: float, draw: np.random.Generator) -> NDArray[np.int64]:
    """The rows that shall have a value: those that have one, fewer of them, or others as well."""
    wanted = round(share * len(values))
    missing = np.isnan(values)
    having, lacking = np.flatnonzero(~missing), np.flatnonzero(missing)
    if wanted <= len(having):
        return draw.permutation(having)[:wanted]
    return np.concatenate([having, draw.permutation(lacking)[: wanted - len(having)]])


def _filled(values: Values, places: NDArray[np.int64], draw: np.random.Generator) -> Values:
    """The values at some rows; a missing one takes the rank of another row, drawn at random."""
    source = values[places]
    missing = np.isnan(source)
    others = values[~np.isnan(values)]
    source[missing] = draw.choice(others, int(missing.sum())) if len(others) else 0.0
    return source


def _move_categories(values: Values, reference: Values, draw: np.random.Generator) -> Values:
    codes, uniques = pd.factorize(np.concatenate([reference, values]))
    names = np.concatenate([np.array([None], dtype=object), uniques])  # the code 0: missing
    was, became = np.split(codes + 1, [len(reference)])
    counts = np.bincount(became, minlength=len(names))
    wanted = _apportioned(np.bincount(was, minlength=len(names)), len(values))
    # In random order within each category: its first rows stay, as many as are wanted.
    order = np.lexsort((draw.random(len(became)), became))
    rank = np.arange(len(became)) - np.repeat(np.cumsum(counts) - counts, counts)
    surplus = order[rank >= wanted[became[order]]]
    deficits = np.repeat(np.arange(len(names)), np.maximum(wanted - counts, 0))
    found = became.copy()
    found[surplus] = draw.permutation(deficits)
    return np.asarray(names[found], dtype=object)


def _apportioned(counts: NDArray[Any], rows: int) -> NDArray[np.int64]:
    """So many rows in the proportions of `counts`, by largest remainders."""
    if not rows:
        return np.zeros(len(counts), dtype=np.int64)
    quotas = counts * (rows / counts.sum())
    whole: NDArray[np.int64] = np.floor(quotas + 1e-9).astype(np.int64)
    most = np.argsort(whole - quotas, kind="stable")[: rows - int(whole.sum())]
    whole[most] += 1
    return whole
