"""A performance report as a JSON document: what commands print and reviews keep."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from console.jobs.child import plain
from console.performance.results import Figure, Maturity, Performance, Split
from console.windows import iso


def to_json(found: Performance) -> dict[str, Any]:
    """The stable form of a report; times are ISO 8601, what could not be computed is null.

    `{"model", "version", "task", "from", "to", "status", "message", "answered", "known",
    "coverage", "expected": [figure], "realized": [figure with coverage], "estimated": [figure],
    "method", "assumption", "maturity", "split", "record", "over_time", "sampled", "notes"}`.
    A figure is `{"name", "title", "unit", "status", "value", "n", "interval": [low, high],
    "message"}`; that of an estimate has `band` for `interval`.
    """
    coverage = found.realized.coverage
    document = {
        "model": found.model,
        "version": found.version,
        "task": found.task,
        "from": iso(found.window.start),
        "to": iso(found.window.end),
        "status": found.status,
        "message": found.message,
        "answered": found.realized.n_answered,
        "known": found.realized.n_known,
        "coverage": coverage,
        "expected": [_figure(figure, "interval") for figure in found.expected],
        "realized": [
            _figure(figure, "interval") | {"coverage": coverage}
            for figure in found.realized.figures
        ],
        "estimated": [_figure(figure, "band") for figure in found.estimated.figures],
        "method": found.estimated.method,
        "assumption": asdict(found.estimated.assumption),
        "maturity": _maturity(found.maturity),
        "split": _split(found.split),
        "record": {
            "inside": found.record.inside,
            "n": found.record.n,
            "message": found.record.message,
            "stretches": _rows(found.record.frame),
        },
        "over_time": _rows(found.over_time),
        "sampled": found.sampled,
        "notes": list(found.notes),
    }
    as_json: dict[str, Any] = plain(document)
    return as_json


def _figure(figure: Figure, ends: str) -> dict[str, Any]:
    has_ends = figure.low is not None and figure.high is not None
    return {
        "name": figure.metric.name,
        "title": figure.metric.title,
        "unit": figure.metric.unit,
        "status": figure.status,
        "value": figure.value,
        "n": figure.n,
        ends: [figure.low, figure.high] if has_ends else None,
        "message": figure.message,
    }


def _maturity(found: Maturity) -> dict[str, Any]:
    return {
        "median_hours": found.median_hours,
        "p90_hours": found.p90_hours,
        "n_needed": found.n_needed,
        "smallest_change": found.smallest_change,
        "decidable_at": None if found.decidable_at is None else iso(found.decidable_at),
        "message": found.message,
        "curve": found.frame.to_dict("records"),
    }


def _split(found: Split) -> dict[str, Any]:
    document = {key: value for key, value in vars(found).items() if key != "metric"}
    return {"metric": found.metric.name, "unit": found.metric.unit} | document


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A table of stretches as objects, their times in ISO 8601."""
    return [
        {
            str(key): iso(int(value)) if key in ("start", "end") else value
            for key, value in row.items()
        }
        for row in frame.to_dict("records")
    ]
