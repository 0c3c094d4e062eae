"""A drift report as a JSON document and back: what commands print and jobs keep."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from console.drift.verdict import DriftReport, FeatureResult

_FIGURES = {field.name for field in fields(FeatureResult) if field.type in {float, "float"}}


def to_json(report: DriftReport) -> dict[str, Any]:
    """`{"noun", "n_reference", "n_current", "features": […], "outputs": […]}`.

    A feature's keys are the columns of `DriftReport.frame`, features are in the order given; what
    could not be computed is null.
    """
    return {
        "noun": report.noun,
        "n_reference": report.n_reference,
        "n_current": report.n_current,
        "features": results_json(report.results),
        "outputs": results_json(report.outputs),
    }


def from_json(document: Mapping[str, Any]) -> DriftReport:
    """The report of which `to_json` made the document."""
    return DriftReport(
        _results(document["features"]),
        _results(document["outputs"]),
        document["n_reference"],
        document["n_current"],
        document["noun"],
    )


def results_json(results: Sequence[FeatureResult]) -> list[dict[str, Any]]:
    """Each feature's figures as a JSON object."""
    return [{name: _json(value) for name, value in vars(result).items()} for result in results]


def _results(found: Sequence[Mapping[str, Any]]) -> tuple[FeatureResult, ...]:
    return tuple(
        FeatureResult(**{name: _python(name, value) for name, value in result.items()})
        for result in found
    )


def _json(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _python(name: str, value: Any) -> Any:
    return math.nan if value is None and name in _FIGURES else value
