"""The charts of a review as small data: drawn by the page, kept in the document.

Three kinds, each with `kind` and `title`:

- `histogram`: `unit`, `edges` (n + 1, the feature's unit), `reference` and `current` (shares of
  the side's values in each bin, in [0, 1]), `n_reference`, `n_current`.
- `bars`: `names`, `reference` and `current` (shares by name, in [0, 1]), `n_reference`,
  `n_current`.
- `lines`: `unit`, `at` (ISO 8601), `series`: each `name`, `values`, and `low` and `high` (a band)
  or null; `level`: `name` and `value` of a line across, or null.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from backend.records.predictions import Window
from backend.versions.features import Feature
from console.drift import distributions
from console.windows import iso

Chart = dict[str, Any]
SIDES = ("reference", "current")


def of_feature(
    feature: Feature, reference: pd.DataFrame, current: pd.DataFrame, window: Window
) -> list[Chart]:
    """A feature's values on both sides, and through the window; without values nothing."""
    numeric = feature.is_numeric
    both = numbers(feature, reference, current) if numeric else names(feature, reference, current)
    if both is None:
        return []
    line = (_number_line if numeric else _category_lines)(feature, reference, current, window)
    return [both] if line is None else [both, line]


def numbers(feature: Feature, reference: pd.DataFrame, current: pd.DataFrame) -> Chart | None:
    """A number's values in the same bins; None where a side has none."""
    found = distributions.histogram(feature, reference, current)
    if not len(found):
        return None
    sides = [found[found["side"] == side] for side in SIDES]
    edges = [*sides[0]["lower"].tolist(), float(sides[0]["upper"].iloc[-1])]
    title = "Values in the reference and in the window"
    return {"kind": "histogram", "title": title, "unit": feature.unit or "", "edges": edges} | (
        _shares(sides)
    )


def names(feature: Feature, reference: pd.DataFrame, current: pd.DataFrame) -> Chart | None:
    """A category's shares; None where a side has no values."""
    found = distributions.categories(feature, reference, current)
    if not len(found):
        return None
    sides = [found[found["side"] == side] for side in SIDES]
    title = "Shares in the reference and in the window"
    return {"kind": "bars", "title": title, "names": sides[0]["category"].tolist()} | (
        _shares(sides)
    )


def lines(
    title: str,
    unit: str,
    at: Sequence[str],
    series: Sequence[Chart],
    level: tuple[str, float] | None,
) -> Chart:
    """Lines over time; `level` is a line across: its name and its value."""
    across = None if level is None else {"name": level[0], "value": level[1]}
    return {
        "kind": "lines",
        "title": title,
        "unit": unit,
        "at": list(at),
        "series": list(series),
        "level": across,
    }


def line(name: str, values: Any, low: Any = None, high: Any = None) -> Chart:
    """One line, and its band if it has one."""
    return {
        "name": name,
        "values": list(values),
        "low": None if low is None else list(low),
        "high": None if high is None else list(high),
    }


def _shares(sides: list[pd.DataFrame]) -> Chart:
    was, became = sides
    return {
        "reference": was["share"].tolist(),
        "current": became["share"].tolist(),
        "n_reference": int(was["n"].sum()),
        "n_current": int(became["n"].sum()),
    }


def _number_line(
    feature: Feature, reference: pd.DataFrame, current: pd.DataFrame, window: Window
) -> Chart | None:
    found = distributions.number_over_time(feature, reference, current, window)
    if len(found) < 2:
        return None
    coarse = distributions.is_coarse(feature, reference)
    title = (
        "Mean through the window, with its 95 % interval"
        if coarse
        else "Median through the window, with the 10 % and 90 % quantiles"
    )
    drawn = line("window", found["middle"], found["low"], found["high"])
    level = ("reference", distributions.level(feature, reference))
    return lines(title, feature.unit or "", _times(found["at"]), [drawn], level)


def _category_lines(
    feature: Feature,
    reference: pd.DataFrame,
    current: pd.DataFrame,
    window: Window,
) -> Chart | None:
    found = distributions.category_over_time(feature, reference, current, window)
    if found["at"].nunique() < 2:
        return None
    wide = found.pivot(index="at", columns="category", values="share")
    # In the order in which they moved, as the frame has them.
    series = [line(str(name), wide[name]) for name in found["category"].unique()]
    title = "Shares through the window of what moved most"
    return lines(title, "share", _times(wide.index.to_series()), series, None)


def _times(at: "pd.Series[Any]") -> list[str]:
    return [iso(int(one.timestamp() * 1_000_000)) for one in at]
