"""Reading a column as numbers or as counted texts, whatever a file or a caller put into it."""

from collections.abc import Container
from typing import Any

import numpy as np
import pandas as pd

from backend.versions.features import LARGEST, Feature
from console.drift.statistics import Floats

_TRUE = {"true", "1", "1.0"}
_FALSE = {"false", "0", "0.0"}


def column_of(frame: pd.DataFrame, name: str) -> "pd.Series[Any]":
    """A column of a table, all missing where the table has none of that name."""
    if name in frame.columns:
        return frame[name]
    return pd.Series(np.nan, index=frame.index, dtype=np.float64, name=name)


def numbers(column: "pd.Series[Any]") -> Floats:
    """The numbers of a column in its order; NaN for what is missing, infinite or no number."""
    readable = column
    if not pd.api.types.is_numeric_dtype(column.dtype):
        readable = pd.to_numeric(column, errors="coerce")
    values: Floats = readable.to_numpy(dtype=np.float64, na_value=np.nan)
    return values if np.isfinite(values).all() else np.where(np.isfinite(values), values, np.nan)


def sorted_numbers(column: "pd.Series[Any]") -> Floats:
    """The numbers of a column that are not missing, ascending; those beyond ±1e150 as ±1e150."""
    values = numbers(column)
    found = np.sort(values[~np.isnan(values)])
    if len(found) and max(-found[0], found[-1]) > LARGEST:
        return np.clip(found, -LARGEST, LARGEST)
    return found


def count_texts(
    feature: Feature, column: "pd.Series[Any]", known: Container[str]
) -> dict[str, int]:
    """How often each category occurs, by its text, most frequent first; missing ones left out.

    `known` are the texts of the other side: the fraction 1.0 is `1` unless `1.0` is one of them.
    """
    codes, uniques = pd.factorize(column)
    counts = np.bincount(codes[codes >= 0], minlength=len(uniques))
    found: dict[str, int] = {}
    for value, count in zip(uniques.tolist(), counts.tolist(), strict=True):
        text = _text(feature, value, known)
        found[text] = found.get(text, 0) + count
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def text_values(feature: Feature, column: "pd.Series[Any]") -> list[str | None]:
    """A column's categories by their texts, in its order; None for what is missing."""
    codes, uniques = pd.factorize(column)
    texts = [_text(feature, value, feature.categories) for value in uniques.tolist()]
    return [texts[code] if code >= 0 else None for code in codes]


def _text(feature: Feature, value: Any, known: Container[str]) -> str:
    text = str(value)
    if feature.kind == "boolean":
        lower = text.lower()
        return "True" if lower in _TRUE else "False" if lower in _FALSE else text
    # A table read from a file shows the whole numbers 1, 2 as 1.0, 2.0 once one is missing.
    if isinstance(value, float) and value.is_integer() and text not in known:
        return str(int(value))
    return text
