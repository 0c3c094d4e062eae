"""Evidently's full drift report of a window, made by a job from a sample.

The only module that imports evidently, and only inside functions: the import takes 2 to 4 seconds
and 180 MB. Its page holds all scripts and fonts that it needs and asks no other host.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from backend.errors import Unusable
from backend.records import registry
from backend.records.predictions import Window
from backend.versions import artefacts
from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.drift import report
from console.drift.columns import LEAST_VALUES
from console.drift.values import column_of, numbers, text_values
from console.jobs.context import JobContext

SAMPLE = 20_000
FILE = "report.html"


@dataclass(frozen=True)
class Tables:
    """Two tables that Evidently takes, with the same columns.

    Attributes:
        reference, current: float columns for numbers, text for the others.
        numeric, categorical: their columns.
        dropped: the columns left out, each with the reason.
    """

    reference: pd.DataFrame
    current: pd.DataFrame
    numeric: list[str]
    categorical: list[str]
    dropped: dict[str, str]


def run_job(
    context: JobContext, *, model: str, version: int, start: int, end: int
) -> dict[str, Any]:
    """Make the report of a version's window (UTC µs) and keep it as `report.html`.

    Returns:
        `n_reference`, `n_current` (rows in the report), `dropped` ({column: reason}), `drifted`
        (the columns that Evidently calls drifted), `n_columns` and `file`.

    Raises:
        NotFound: there is no such version.
        Unusable: fewer than 30 rows, or no column is left.
    """
    context.progress(0.05, "Reading the window and the reference.")
    found = registry.version(context.database, model, version)
    signature = Signature.from_json(found.signature)
    store = artefacts.Store.of(context.settings)
    reference = artefacts.table(context.database, found, artefacts.REFERENCE, store)
    window = report.rows(context.database, found, Window(start, end), SAMPLE)
    if len(window) < LEAST_VALUES:
        raise Unusable(
            f"Drift needs at least {LEAST_VALUES} {report.NOUN}; there are {len(window)}."
            " Choose a longer window."
        )
    ready = tables(reference, window, [*signature.features, *report.outputs_of(signature)])
    context.progress(0.2, f"Comparing {len(ready.current):,} rows in Evidently.")
    html, drifted = evaluate(ready)
    context.progress(0.95, "Keeping the report.")
    context.keep(FILE, html.encode(), "text/html")
    return {
        "n_reference": len(ready.reference),
        "n_current": len(ready.current),
        "n_columns": len(ready.reference.columns),
        "dropped": ready.dropped,
        "drifted": drifted,
        "file": FILE,
    }


def tables(reference: pd.DataFrame, current: pd.DataFrame, features: Sequence[Feature]) -> Tables:
    """At most 20,000 rows of each side, drawn at random, with what Evidently can compare.

    Columns without a value on either side, or with one single value on both, end its run with an
    exception, so they are dropped and named.

    Raises:
        Unusable: no column is left.
    """
    sides = [
        side.sample(SAMPLE, random_state=0) if len(side) > SAMPLE else side
        for side in (reference, current)
    ]
    found: list[dict[str, Any]] = [{}, {}]
    numeric: list[str] = []
    dropped: dict[str, str] = {}
    for feature in features:
        columns = [_values(column_of(side, feature.name), feature) for side in sides]
        reason = _unfit(*columns)
        name = _harmless(feature.display_name or feature.name)
        name = _harmless(feature.name) if name in found[0] else name
        if reason:
            dropped[name] = reason
            continue
        for side, column in zip(found, columns, strict=True):
            side[name] = column
        numeric += [name] if feature.is_numeric else []
    if not found[0]:
        raise Unusable("No column has values to compare on both sides. Choose another window.")
    frames = [pd.DataFrame(side).reset_index(drop=True) for side in found]
    categorical = [name for name in found[0] if name not in numeric]
    return Tables(frames[0], frames[1], numeric, categorical, dropped)


def evaluate(ready: Tables) -> tuple[str, list[str]]:
    """Evidently's drift preset on two tables.

    Returns:
        The page as HTML, and the columns that Evidently calls drifted by its default tests.
    """
    # Read at import: no usage statistics leave this machine.
    os.environ["DO_NOT_TRACK"] = os.environ["ITERATIVE_DO_NOT_TRACK"] = "1"
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    definition = DataDefinition(
        numerical_columns=ready.numeric, categorical_columns=ready.categorical
    )
    reference, current = (
        Dataset.from_pandas(side, data_definition=definition)
        for side in (ready.reference, ready.current)
    )
    snapshot = Report([DataDriftPreset()]).run(current, reference)
    drifted = [
        metric["config"]["column"]
        for metric in snapshot.dict()["metrics"]
        if metric["config"]["type"].endswith(":ValueDrift") and _is_drifted(metric)
    ]
    return snapshot.get_html_str(as_iframe=False), drifted


def _is_drifted(metric: dict[str, Any]) -> bool:
    """Evidently's default tests give p-values up to 1,000 reference rows, distances above."""
    value, threshold = float(metric["value"]), float(metric["config"]["threshold"])
    by_p_value = "p_value" in metric["config"]["method"]
    return value < threshold if by_p_value else value >= threshold


def _values(column: "pd.Series[Any]", feature: Feature) -> "pd.Series[Any]":
    if feature.is_numeric:
        return pd.Series(numbers(column))
    texts = text_values(feature, column)
    return pd.Series([None if text is None else _harmless(text) for text in texts], dtype=object)


def _harmless(text: str) -> str:
    """A text that cannot end a script.

    Evidently writes names and values into `<script>` as they are, so a caller who sends
    `</script><script>…` would run code in the reader's browser. The page is served in a sandbox
    besides; a copy that somebody downloads is not.
    """
    return text.replace("<", "‹").replace(">", "›")


def _unfit(reference: "pd.Series[Any]", current: "pd.Series[Any]") -> str:
    if not reference.notna().any() or not current.notna().any():
        side = "window" if reference.notna().any() else "reference"
        return f"It has no values in the {side}."
    if pd.concat([reference, current]).nunique() < 2:
        return "It has the same value in every row."
    return ""
