"""The difference of each metric between two versions, with its interval, and how many rows tell."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from console.comparison.held_out import started
from console.comparison.metrics import Floats, Metric, resamples
from console.comparison.spread import ends
from console.comparison.titles import BEST_AT_ZERO, LOWER_IS_BETTER, TITLES

POWER = 0.8
LEVEL = 0.05
MOST_NEEDED = 10_000_000
"""More rows than this are not worth waiting for: the difference is none that matters."""
_REACH = float(stats.norm.ppf(1 - LEVEL / 2) + stats.norm.ppf(POWER))
COLUMNS = [
    "metric",
    "title",
    "a",
    "b",
    "difference",
    "low",
    "high",
    "better",
    "clear",
    "n",
    "needed",
    "detectable",
    "label",
]


def paired(
    a: Mapping[str, Metric],
    b: Mapping[str, Metric],
    n: int,
    names: tuple[str, str],
    seed: int,
    known: Mapping[str, tuple[float, float]] | None = None,
    chance: Mapping[str, tuple[float, float]] | None = None,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Each metric of both, with the interval of the difference.

    The interval is of 1,000 paired resamples (each draws the same rows for both): see
    `spread.ends`. It is about the rows, not about training again.

    Args:
        known: intervals of the difference b - a of metrics for which there is a better one.
        chance: by how much chance may have raised the values of a and b of a metric; the interval
            leaves room for that.

    Returns:
        The frame of `report.Comparison`, and a sentence for each metric that one of them has no
        value of.

    Source: Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
    """
    once = np.ones((1, n))
    drawn: dict[str, list[Floats]] = {name: [] for name in a}
    for weights in resamples(n, seed):
        for name, found in drawn.items():
            found.append(_size(name, b[name](weights)) - _size(name, a[name](weights)))
    rows, undefined = [], []
    for name, found in drawn.items():
        values = float(a[name](once)[0]), float(b[name](once)[0])
        missing = [who for who, value in zip(names, values, strict=True) if not np.isfinite(value)]
        if missing:
            undefined.append(
                f"{TITLES[name]} is not defined for {' and '.join(missing)} on these rows."
            )
        else:
            each = np.concatenate(found)
            room = (chance or {}).get(name, (0.0, 0.0))
            rows.append(_row(name, values, each, n, names, (known or {}).get(name), room))
    return pd.DataFrame(rows, columns=COLUMNS), tuple(undefined)


def needed(difference: float, sd: float, n: int) -> float:
    """About how many rows show a difference with 80 % power at the 5 % level; NaN if too many.

    Args:
        difference: that should be shown.
        sd: the standard deviation of the difference over samples of `n` rows.

    It shrinks as the root of the rows, so N = n ((z₀.₉₇₅ + z₀.₈) sd / difference)².

    Source: Chow, Shao and Wang (2008), "Sample Size Calculations in Clinical Research", section
    3.1 (one sample of differences); the sd is the bootstrap's.
    """
    if difference == 0 or not np.isfinite(sd):
        return np.nan
    rows = n * (_REACH * sd / abs(difference)) ** 2
    return float(np.ceil(rows)) if rows <= MOST_NEEDED else np.nan


def _row(
    name: str,
    values: tuple[float, float],
    drawn: Floats,
    n: int,
    names: tuple[str, str],
    known: tuple[float, float] | None,
    room: tuple[float, float],
) -> dict[str, Any]:
    defined = drawn[np.isfinite(drawn)]
    a, b = (float(_size(name, np.array(value))) for value in values)
    low, high = ends(drawn, b - a, n) if known is None else known
    low, high = low - room[1], high + room[0]
    better = "unclear"
    if low > 0 or high < 0:
        better = "b" if (low > 0) != (name in LOWER_IS_BETTER) else "a"
    sd = float(np.std(defined, ddof=1)) if len(defined) > 1 else np.nan
    row = {
        "metric": name,
        "title": TITLES[name],
        "a": values[0],
        "b": values[1],
        "difference": b - a,
        "low": float(low),
        "high": float(high),
        "better": better,
        "clear": better != "unclear",
        "n": n,
        "needed": needed(b - a, sd, n),
        "detectable": _REACH * sd,
    }
    return row | {"label": _sentence(row, names)}


def _size(name: str, value: Floats) -> Floats:
    return np.abs(value) if name in BEST_AT_ZERO else value


def _sentence(row: Mapping[str, Any], names: tuple[str, str]) -> str:
    interval = f"{row['low']:+.3g} to {row['high']:+.3g}"
    if row["better"] == "unclear":
        return f"No clear difference ({interval})."
    name = names[0] if row["better"] == "a" else names[1]
    return f"{started(name)} is better by {abs(row['difference']):.3g} ({interval})."


def enough(row: Mapping[str, Any]) -> str:
    """Whether these rows can tell in one metric, and how many would be enough, as a sentence.

    Args:
        row: of the frame that `paired` gives.
    """
    if row["clear"]:
        return ""
    if _is_alike(row):
        return "The two answer these rows alike."
    said = (
        f"{row['n']:,} rows show a difference of {row['detectable']:.2g} in"
        f" {_lower(row['title'])} four times in five"
    )
    if not np.isfinite(row["needed"]):
        return f"{said}; one as small as was found here no number of rows worth waiting for would."
    if row["needed"] <= row["n"]:
        return f"{said}, and this one was not clear: more rows would tell."
    return (
        f"Not enough rows to tell: about {_rounded(row['needed']):,} would be enough for a"
        f" difference as small as the one found here ({abs(row['difference']):.2g}); {said}."
    )


def few(row: Mapping[str, Any]) -> str:
    """As `enough`, for a table: `yes`, `alike`, `nearly`, or `no` with about how many would be."""
    if row["clear"]:
        return "yes"
    if _is_alike(row):
        return "alike"
    wanted = row["needed"]
    if wanted is None or not np.isfinite(wanted):
        return "no"
    return f"no, about {_rounded(wanted):,}" if wanted > row["n"] else "nearly"


def _is_alike(row: Mapping[str, Any]) -> bool:
    """Whether no resample of these rows tells the two apart."""
    still = row["low"] == row["high"] == 0 or row["detectable"] == 0
    return bool(row["difference"] == 0 and still)


def _rounded(rows: float) -> int:
    """Two digits say as much as is known."""
    return int(float(f"{rows:.1e}")) if rows >= 100 else int(rows)


def _lower(title: str) -> str:
    """A title inside a sentence: abbreviations stay."""
    return title if title[:2].isupper() else title[0].lower() + title[1:]
