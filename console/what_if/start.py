"""The row that a what-if starts from: a typical one, a reference row, or a logged one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from backend.errors import Unusable
from backend.versions.features import Feature, is_nan
from backend.versions.signature import Signature


@dataclass(frozen=True)
class Start:
    """A row as a JSON-ready object by feature name, and where it is from in words."""

    features: Mapping[str, Any]
    origin: str


def median_row(signature: Signature, reference: pd.DataFrame) -> Start:
    """The median of each number (of an integer, the nearest one seen) and each most frequent
    category of the reference: typical one by one, though perhaps no real row."""
    values = {f.name: _typical(f, reference[f.name]) for f in signature.features}
    return Start(values, f"the median of {len(reference):,} reference rows")


def reference_row(signature: Signature, reference: pd.DataFrame, number: int) -> Start:
    """A row of the reference by its number, from 1.

    Raises:
        Unusable: there is no such row.
    """
    if not 1 <= number <= len(reference):
        raise Unusable(
            f"There is no reference row {number}; expected a number from 1 to {len(reference):,}."
        )
    row = reference.iloc[number - 1]
    values = {f.name: _json_value(f, row[f.name]) for f in signature.features}
    return Start(values, f"reference row {number:,}")


def logged_row(signature: Signature, row: Mapping[str, Any]) -> Start:
    """A row of the log, as `predictions.one` gives it.

    Features that the version does not take are left out; those it takes and the row lacks are
    missing.

    Raises:
        Unusable: the row was refused, so it has no features.
    """
    if row["outcome"] == "refused" or not row["features"]:
        raise Unusable(
            f"Prediction `{row['prediction_id']}` was refused, so it has no features to start from."
            " Open an answered one."
        )
    sent = json.loads(row["features"])
    values = {f.name: sent.get(f.name) for f in signature.features}
    return Start(values, "a logged request")


def scenario_row(signature: Signature, name: str, kept: Mapping[str, Any]) -> Start:
    """The row of a scenario, with its name.

    Features that the version does not take are left out; those that the row lacks are missing.
    """
    values = {f.name: kept.get(f.name) for f in signature.features}
    return Start(values, f"the scenario `{name}`")


def parse_changes(signature: Signature, text: str | None) -> dict[str, Any]:
    """Changed inputs as the address carries them: a JSON object of feature name to value.

    What is unreadable, unknown or not allowed counts as not changed: an address may be old.
    """
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    if not isinstance(found, dict):
        return {}
    kept = {}
    for feature in signature.features:
        if feature.name in found and _fits(feature, found[feature.name]):
            kept[feature.name] = found[feature.name]
    return kept


def _fits(feature: Feature, value: Any) -> bool:
    if value is None:
        return feature.nullable
    if feature.kind == "boolean":
        return isinstance(value, bool)
    if feature.kind == "category":
        return isinstance(value, str)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _typical(feature: Feature, column: "pd.Series[Any]") -> Any:
    present = column.dropna()
    if present.empty:
        return None
    if feature.is_numeric:
        numbers = present.astype(float)
        whole = feature.kind == "integer"
        middle = numbers.quantile(0.5, "nearest") if whole else numbers.quantile(0.5)
        return _json_value(feature, middle)
    return _json_value(feature, present.mode().iloc[0])


def _json_value(feature: Feature, value: Any) -> Any:
    if value is None or value is pd.NA or is_nan(float(value) if feature.is_numeric else value):
        return None
    if feature.kind == "integer":
        return int(value)
    if feature.kind == "number":
        return float(value)
    return bool(value) if feature.kind == "boolean" else str(value)
