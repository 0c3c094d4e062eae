"""One feature looked at closely: its values in the reference and in the window, and over time."""

from typing import Any

import numpy as np
import pandas as pd

from backend.records.predictions import Window, to_time
from backend.versions.features import Feature
from console.drift.over_time import bucket_width
from console.drift.values import column_of, count_texts, numbers, sorted_numbers

BINS = 30
MOST_CATEGORIES = 12
MOST_LINES = 4
BUCKETS = 32
LEAST_IN_BUCKET = 5
MOST_COARSE = 10
TAIL = 0.001  # what lies beyond these quantiles is counted in the outermost bins
OTHER = "(all others)"


def ranked(frame: pd.DataFrame, most: int | None = None) -> pd.DataFrame:
    """The report's rows that can be drawn as bars, with how many floors each effect measures.

    Args:
        frame: `DriftReport.frame`, most drifted first.
        most: take so many at most.

    Returns:
        feature, title, status, message, floors (effect ÷ effect_floor, 0 or more) and label (the
        status in words and the floors); rows without an effect are left out.
    """
    found = frame.assign(floors=frame["effect"] / frame["effect_floor"]).dropna(subset="floors")
    found = found if most is None else found.head(most)
    words = found["status"].str.replace("_", " ")
    label = [
        f"{word} · {floors:.2g}×" if floors < 10 else f"{word} · {floors:,.0f}×"
        for word, floors in zip(words, found["floors"], strict=True)
    ]
    columns = ["feature", "title", "status", "message", "floors"]
    return found[columns].assign(label=label)


def histogram(feature: Feature, reference: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """The values of a number on both sides in the same bins.

    Whole numbers of few values get a bin each, others 30 bins of equal width. The outermost bins
    hold what lies beyond the 0.1 % and 99.9 % quantiles of both sides together.

    Returns:
        side (reference or current), lower, upper (the feature's unit), n, and share (of the
        side's values, in [0, 1]); no rows where a side has no values.
    """
    sides = {
        "reference": sorted_numbers(column_of(reference, feature.name)),
        "current": sorted_numbers(column_of(current, feature.name)),
    }
    columns = ["side", "lower", "upper", "n", "share"]
    if min(len(values) for values in sides.values()) == 0:
        return pd.DataFrame(columns=columns)
    edges = _edges(np.concatenate(list(sides.values())), feature.kind == "integer")
    rows = []
    for side, values in sides.items():
        counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), bins=edges)
        rows.append(
            pd.DataFrame(
                {
                    "side": side,
                    "lower": edges[:-1],
                    "upper": edges[1:],
                    "n": counts,
                    "share": counts / len(values),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)[columns]


def categories(feature: Feature, reference: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """The shares of a category's values on both sides, the most frequent first.

    Returns:
        side, category, n and share (of the side's values, in [0, 1]); 12 categories at most, the
        rest together as `(all others)`; no rows where a side has no values.
    """
    columns = ["side", "category", "n", "share"]
    was = count_texts(feature, column_of(reference, feature.name), feature.categories)
    became = count_texts(feature, column_of(current, feature.name), {*feature.categories, *was})
    counts = {
        "reference": pd.Series(was, dtype=np.float64),
        "current": pd.Series(became, dtype=np.float64),
    }
    if min(len(found) for found in counts.values()) == 0:
        return pd.DataFrame(columns=columns)
    table = pd.DataFrame(counts).fillna(0.0)
    shares = table / table.sum()
    order = shares.max(axis=1).sort_values(ascending=False, kind="stable").index
    table = table.loc[order]
    if len(table) > MOST_CATEGORIES:
        rest = table.iloc[MOST_CATEGORIES:].sum()
        table = table.iloc[:MOST_CATEGORIES]
        table.loc[OTHER] = rest
    rows = [
        {"side": side, "category": category, "n": int(n), "share": n / table[side].sum()}
        for category in table.index
        for side, n in table.loc[category].items()
    ]
    return pd.DataFrame(rows, columns=columns)


def is_coarse(feature: Feature, reference: pd.DataFrame) -> bool:
    """Whether a number takes so few whole values that its mean says more than its median."""
    if feature.kind != "integer":
        return False
    return len(np.unique(sorted_numbers(column_of(reference, feature.name)))) <= MOST_COARSE


def level(feature: Feature, reference: pd.DataFrame) -> float:
    """What the reference's middle is, in the feature's unit: its median, or mean if coarse."""
    values = sorted_numbers(column_of(reference, feature.name))
    if not len(values):
        return float("nan")
    return float(values.mean() if is_coarse(feature, reference) else np.median(values))


def number_over_time(
    feature: Feature, reference: pd.DataFrame, current: pd.DataFrame, window: Window
) -> pd.DataFrame:
    """A number through the window, in at most 32 stretches of a length that a clock shows.

    Args:
        current: the window's rows, with `__at__` (UTC µs).

    Returns:
        at (UTC timestamp, the middle of the stretch), n, middle, low and high (the feature's
        unit): median, 10 % and 90 % quantile, or where `is_coarse` the mean and its 95 %
        interval (± 1.96 standard errors); stretches with fewer than 5 values are left out.
    """
    values = pd.Series(numbers(column_of(current, feature.name)))
    groups = values.groupby(_middles(current, window).to_numpy())
    found = pd.DataFrame({"n": groups.count()})
    if is_coarse(feature, reference):
        middle, error = groups.mean(), 1.96 * groups.std() / np.sqrt(found["n"])
        found = found.assign(middle=middle, low=middle - error, high=middle + error)
    else:
        low, high = groups.quantile(0.1), groups.quantile(0.9)
        found = found.assign(middle=groups.median(), low=low, high=high)
    found = found[found["n"] >= LEAST_IN_BUCKET].rename_axis("at").reset_index()
    return found.assign(at=to_time(found["at"]))


def category_over_time(
    feature: Feature, reference: pd.DataFrame, current: pd.DataFrame, window: Window
) -> pd.DataFrame:
    """The shares of the categories that moved most, through the window.

    Returns:
        at (UTC timestamp, the middle of the stretch), category, share (of the stretch's values,
        in [0, 1]) and n (its values); the 4 categories whose share changed most; stretches with
        fewer than 5 values are left out.
    """
    both = categories(feature, reference, current)
    moved = _moved(both)
    texts = column_of(current, feature.name)
    rows = []
    for middle, part in texts.groupby(_middles(current, window)):
        counted = count_texts(feature, part, set(both["category"]))
        n = sum(counted.values())
        if n >= LEAST_IN_BUCKET:
            rows += [(middle, name, counted.get(name, 0) / n, n) for name in moved]
    frame = pd.DataFrame(rows, columns=["at", "category", "share", "n"])
    return frame.assign(at=to_time(frame["at"]))


def _moved(both: pd.DataFrame) -> list[str]:
    """The categories whose share changed most."""
    shares = both.set_index(["category", "side"])["share"].unstack()
    changed = (shares["current"] - shares["reference"]).abs() if len(shares) else shares.sum(axis=1)
    named = changed.drop(index=OTHER, errors="ignore")
    return [str(n) for n in named.sort_values(ascending=False, kind="stable").index[:MOST_LINES]]


def _edges(values: Any, whole: bool) -> Any:
    low, high = np.quantile(values, [TAIL, 1 - TAIL])
    if whole and high - low < BINS:
        return np.arange(np.floor(low) - 0.5, np.ceil(high) + 1.0)
    if low == high:
        return np.array([low - 0.5, high + 0.5])
    return np.linspace(low, high, BINS + 1)


def _middles(current: pd.DataFrame, window: Window) -> "pd.Series[Any]":
    """The middle of each row's stretch (UTC µs)."""
    width = bucket_width(window, BUCKETS)
    return current["__at__"].astype("int64") // width * width + width // 2
