"""Drift between two tables, with no model registered: `python -m console drift --reference …`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backend.errors import NotFound, Unusable
from backend.versions.features import MOST_CATEGORIES, Feature, feature_of, listed
from console.drift.documents import results_json
from console.drift.over_time import expected_false
from console.drift.verdict import DriftReport, Reference

# Texts that hardly repeat (identifiers, free text) are no category.
FEWEST_TEXTS = 50


@dataclass(frozen=True)
class FileWindow:
    """One window of the current table against the reference.

    Attributes:
        window: the value of the column that cuts windows, as text; `all` without one.
        report: the verdict.
    """

    window: str
    report: DriftReport


@dataclass(frozen=True)
class FileDrift:
    """The verdict on each window, and the columns that could not be compared with the reason."""

    windows: tuple[FileWindow, ...]
    unusable: dict[str, str]

    @property
    def n_compared(self) -> int:
        """The windows with enough rows to be compared at all."""
        return sum(window.report.is_measured for window in self.windows)

    def to_json(self) -> dict[str, Any]:
        """The document that the command prints; what could not be computed is null.

        `{"windows": [{"window", "status", "message", "enough", "enough_reference", "n_reference",
        "n_current", "n_features", "n_drifted", "features": [{"feature", "kind", "status",
        "statistic", "p_value", …}]}], "expected_false", "unusable": [{"column", "reason"}]}`; the
        other keys of a feature are the columns of `DriftReport.frame`, features are in the
        reference's order. `expected_false` is how many of the windows compared would show a flag
        if nothing had moved.
        """
        return {
            "windows": [_window_json(window) for window in self.windows],
            "expected_false": expected_false(self.n_compared),
            "unusable": [
                {"column": name, "reason": reason} for name, reason in self.unusable.items()
            ],
        }


def read_table(path: Path) -> pd.DataFrame:
    """A CSV (with a header line, UTF-8) or parquet file as a table.

    Raises:
        NotFound: there is no such file.
        Unusable: it cannot be read as a table.
    """
    if not path.is_file():
        raise NotFound(f"There is no file `{path}`. Give the path of a CSV or parquet file.")
    with path.open("rb") as file:
        is_parquet = file.read(4) == b"PAR1"
    try:
        return pd.read_parquet(path) if is_parquet else pd.read_csv(path, low_memory=False)
    except (ValueError, OSError) as error:  # pandas' and pyarrow's own errors are ValueErrors
        raise Unusable(
            f"`{path}` cannot be read as a table: {str(error).splitlines()[0][:200]}. Expected a"
            " CSV file with a header line in UTF-8, or a parquet file."
        ) from error


def drift(reference: pd.DataFrame, current: pd.DataFrame, by: str | None = None) -> FileDrift:
    """The verdict on `current`, or on each part of it that shares a value of the column `by`.

    Kinds come from the reference. A column that cannot be compared is named with the reason. The
    reference is sorted once, however many windows there are; they come in the order of `by`, with
    the rows that miss its value last, as `missing`.

    Raises:
        Unusable: `by` is not a column of `current`, or no column can be compared.
    """
    reference, current = reference.rename(columns=str), current.rename(columns=str)
    if by is not None and by not in current.columns:
        raise Unusable(
            f"The current table has no column `{by}` to cut windows by. Its columns are"
            f" {listed(list(current.columns))}."
        )
    features, unusable = features_of(reference, current, by)
    if not features:
        raise Unusable(
            "No column can be compared: the reference has"
            f" {listed(list(reference.columns))}, the current table has"
            f" {listed(list(current.columns))}. {_reasons(unusable)}"
        )
    ready = Reference.of(reference, features)
    if by is None:
        return FileDrift((FileWindow("all", ready.compare(current)),), unusable)
    parts = current.groupby(by, dropna=False, sort=True, observed=True)
    windows = tuple(FileWindow(_name(value), ready.compare(part)) for value, part in parts)
    return FileDrift(windows, unusable)


def features_of(
    reference: pd.DataFrame, current: pd.DataFrame, by: str | None
) -> tuple[list[Feature], dict[str, str]]:
    """The columns to compare, as features, and why the others cannot be."""
    features: list[Feature] = []
    unusable: dict[str, str] = {}
    for name in reference.columns:
        if name == by:
            continue
        if name not in current.columns:
            unusable[name] = "The current table has no such column."
            continue
        found = _feature(reference[name], current[name])
        if isinstance(found, Feature):
            features.append(found)
        else:
            unusable[name] = found
    for name in current.columns:
        if name != by and name not in reference.columns:
            unusable[name] = "The reference has no such column."
    return features, unusable


def _feature(column: "pd.Series[Any]", current: "pd.Series[Any]") -> Feature | str:
    """The column as a feature, or why it is none."""
    name = str(column.name)
    if column.isna().all():
        # Compared all the same: values that appear in the current table are a change.
        is_number = current.isna().all() or pd.api.types.is_numeric_dtype(current)
        return Feature(name, "number" if is_number else "category", nullable=True)
    if (reason := _unfit(column)) is not None:
        return reason
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        whole = pd.api.types.is_integer_dtype(column)
        return Feature(name, "integer" if whole else "number", bool(column.isna().any()))
    texts = column.dropna().astype(str)
    n_texts = texts.nunique()
    if n_texts > MOST_CATEGORIES or n_texts > max(FEWEST_TEXTS, len(texts) / 2):
        return (
            f"It has {n_texts:,} different texts in {len(texts):,} rows: an identifier or free"
            " text, not a category."
        )
    return feature_of(column)


def _reasons(unusable: dict[str, str], most: int = 3) -> str:
    said = [f"`{name[:60]}`: {reason}" for name, reason in list(unusable.items())[:most]]
    more = f" And {len(unusable) - most} more." if len(unusable) > most else ""
    return " ".join(said) + more


def _unfit(column: "pd.Series[Any]") -> str | None:
    """Why a column's values are neither numbers nor categories; None if they may be."""
    if getattr(column.dtype, "kind", "O") in "mM":
        return "It holds times. Compare a number or a category made from them."
    if isinstance(column.dropna().iloc[0], (list, dict, set, tuple, np.ndarray)):
        return "It holds lists or objects, not one value a row."
    return None


def _name(value: Any) -> str:
    if pd.isna(value):
        return "missing"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _window_json(window: FileWindow) -> dict[str, Any]:
    report = window.report
    return {
        "window": window.window,
        "status": report.status,
        "message": report.message,
        "enough": report.enough,
        "enough_reference": report.enough_reference,
        "n_reference": report.n_reference,
        "n_current": report.n_current,
        "n_features": report.n_features,
        "n_drifted": report.n_drifted,
        "features": results_json(report.results),
    }
