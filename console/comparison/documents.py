"""A comparison as a document for programs and dossiers."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from backend.records.registry import Version
from console.comparison.sets import Rows
from console.jobs.child import plain
from console.windows import iso

if TYPE_CHECKING:  # it imports this module
    from console.comparison.report import Comparison


def as_json(found: "Comparison") -> dict[str, Any]:
    """The document of a comparison; what could not be computed is null.

    `{"model", "task", "a": {"version", "algorithm", "aliases"}, "b": …, "rows": {"kind", "title",
    "n", "n_found", "from", "to", "warning", "notes"}, "verdict", "enough", "metrics": […],
    "undefined": […], "agreement", "mcnemar": {…} or null, "flips": […], "differences": […],
    "calibration": […], "thresholds": […], "speed": […]}`; the items of a list have the columns of
    the frame of that name in `report.Comparison` (of `metrics` that is `frame`).
    """
    document = {
        "model": found.b.model,
        "task": found.b.task,
        "a": _version(found.a),
        "b": _version(found.b),
        "rows": rows_json(found.rows),
        "verdict": found.verdict,
        "enough": found.enough,
        "metrics": records(found.frame),
        "undefined": list(found.undefined),
        "agreement": found.agreement,
        "mcnemar": None if found.mcnemar is None else found.mcnemar.to_json(),
        "flips": records(found.flips),
        "differences": records(found.differences),
        "calibration": records(found.calibration),
        "thresholds": records(found.thresholds),
        "speed": records(found.speed),
    }
    made: dict[str, Any] = plain(document)
    return made


def records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """A frame's rows as plain objects."""
    made: list[dict[Any, Any]] = plain(frame.to_dict("records"))
    return made


def rows_json(rows: Rows) -> dict[str, Any]:
    """What rows are, as a document."""
    window = rows.window
    return {
        "kind": rows.kind,
        "title": rows.title,
        "n": rows.n,
        "n_found": rows.n_found,
        "from": None if window is None else iso(window.start),
        "to": None if window is None else iso(window.end),
        "warning": rows.warning,
        "notes": list(rows.notes),
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "algorithm": version.algorithm,
        "aliases": list(version.aliases),
    }
