"""What the challenger answered in the shadow, beside what the champion answered to callers."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from backend.records import registry, shadows
from backend.records.database import Database
from backend.records.predictions import Window, text_of
from backend.records.registry import Model
from console.drift.decisions import intervals

MOST_ROWS = 50_000
MOST_SHOWN = 20
SIDES = ("both", "champion", "challenger", "neither")


@dataclass(frozen=True)
class Interval:
    """A share of n rows with its 95 % interval, all in [0, 1]."""

    share: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Shadowed:
    """A challenger's shadow answers over a window, beside the champion's.

    Attributes:
        version: the challenger's.
        stored: the shadow answers in the window, errors included.
        n: those of them that are compared here: the newest 50,000 without an error.
        errors: one row for each reason why the challenger could not answer, most frequent
            first: error (a sentence), n.
        agreement: the share of rows with the same label; None for a regression or without rows.
        moves: one row for each pair of different labels, most frequent first: champion,
            challenger (labels), n, champion_right, challenger_right (of them, where the truth is
            known to be that label). Empty for a regression.
        difference: of `unit`, challenger minus champion: mean, mean_size (of the absolute
            difference), largest (absolute), n (rows that it is about); None without such rows.
        unit: what differs: `score` or `value`.
        truth: where it is known, how many rows each has right: right (both, champion, challenger
            or neither), n. For a regression `right` says who is nearer, both in a tie.
        known: the rows whose truth is known.
        errors_of_value: for a regression with truths the mean absolute error of the champion and
            of the challenger, in the target's unit; else None.
        frame: the newest 20 rows with different labels, or the 20 largest differences of a
            regression: at (UTC timestamp), champion, challenger (label or value), difference (of
            `unit`), truth (label or value; missing where it is not known), prediction_id.
    """

    version: int
    stored: int
    n: int
    errors: pd.DataFrame
    agreement: Interval | None
    moves: pd.DataFrame
    difference: dict[str, float] | None
    unit: str
    truth: pd.DataFrame
    known: int
    errors_of_value: tuple[float, float] | None
    frame: pd.DataFrame


def read(database: Database, model: Model, window: Window) -> Shadowed | None:
    """The challenger's shadow answers in a window; None when there are none.

    Without a challenger, those of the version that scored last.
    """
    version = model.challenger or shadows.newest_version(database, model.name, window)
    if version is None:
        return None
    pairs = shadows.pairs(database, model.name, window, version, MOST_ROWS)
    if pairs.empty:
        return None
    stored = shadows.count(database, model.name, window, version)
    return compare(pairs, model.task, version, stored, _comparable(database, model, pairs, version))


def compare(
    pairs: pd.DataFrame, task: str, version: int, stored: int, comparable: "pd.Series[bool]"
) -> Shadowed:
    """Compare pairs of answers (`shadows.pairs`).

    Args:
        comparable: of which pairs the two scores mean the same.
    """
    answered = pairs["error"].isna()
    rows = pairs[answered].reset_index(drop=True)
    regression = task == "regression"
    same = rows["label"] == rows["shadow_label"]
    unit = "value" if regression else "score"
    difference = rows[f"shadow_{unit}"].astype(float) - rows[unit].astype(float)
    # Of several classes the score is that of the label, so it compares only under the same label.
    meant = comparable[answered].reset_index(drop=True) & (same | (task != "multiclass"))
    known = rows["truth"].notna()
    right = _right(rows, regression)[known]
    return Shadowed(
        version=version,
        stored=stored,
        n=len(rows),
        errors=_counted(pairs.loc[~answered, "error"]),
        agreement=None if regression or rows.empty else wilson(int(same.sum()), len(rows)),
        moves=_moves(rows[~same], regression),
        difference=_spread(difference[meant]),
        unit=unit,
        truth=_sides(right),
        known=int(known.sum()),
        errors_of_value=_mean_errors(rows[known]) if regression and known.any() else None,
        frame=_shown(rows.assign(difference=difference.where(meant)), same, regression),
    )


def wilson(hits: int, n: int) -> Interval:
    """A share with its 95 % interval, which holds near 0 and 1 and for few rows too."""
    share = hits / n
    low, high = intervals.wilson(share, n)
    return Interval(share, float(low), float(high), n)


def said(model: Model) -> str:
    """Whether the shadow is on, and what it waits for, as sentences."""
    name = f"`{model.name}`"
    if not model.shadow:
        return f"The shadow of {name} is off: only the champion answers its requests."
    if model.challenger is None:
        return f"The shadow of {name} is on and waits for a challenger: name one."
    if model.champion is None:
        return f"The shadow of {name} is on and waits for a champion: nothing answers yet."
    if model.champion == model.challenger:
        return (
            f"The shadow of {name} is on and waits for another challenger: version"
            f" {model.challenger} is the champion itself."
        )
    return (
        f"The shadow of {name} is on: version {model.challenger} scores what version"
        f" {model.champion} answers, and nobody sees it but here."
    )


def _comparable(
    database: Database, model: Model, pairs: pd.DataFrame, version: int
) -> "pd.Series[bool]":
    """Of which pairs the scores mean the same: of a binary task, that of one positive label."""
    if model.task != "binary":
        return pd.Series(True, index=pairs.index)
    versions = registry.versions_of(database, model.name)
    positive = {v.number: v.signature["positive"] for v in versions}
    alike = [n for n, label in positive.items() if label == positive.get(version)]
    return pairs["champion"].isin(alike)


def _right(rows: pd.DataFrame, regression: bool) -> pd.DataFrame:
    """Per row whether the champion and the challenger are right, or as near as the other."""
    if not regression:
        return pd.DataFrame(
            {
                "champion": rows["label"] == rows["truth"],
                "challenger": rows["shadow_label"] == rows["truth"],
            }
        )
    ours, theirs = _misses(rows)
    return pd.DataFrame({"champion": ours <= theirs, "challenger": theirs <= ours})


def _misses(rows: pd.DataFrame) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    truth = rows["truth_value"].astype(float)
    ours = (rows["value"].astype(float) - truth).abs()
    return ours, (rows["shadow_value"].astype(float) - truth).abs()


def _mean_errors(rows: pd.DataFrame) -> tuple[float, float]:
    ours, theirs = _misses(rows)
    return float(ours.mean()), float(theirs.mean())


def _sides(right: pd.DataFrame) -> pd.DataFrame:
    a, b = right["champion"], right["challenger"]
    counts = [(a & b).sum(), (a & ~b).sum(), (~a & b).sum(), (~a & ~b).sum()]
    return pd.DataFrame({"right": SIDES, "n": [int(n) for n in counts]})


def _moves(changed: pd.DataFrame, regression: bool) -> pd.DataFrame:
    columns = ["champion", "challenger", "n", "champion_right", "challenger_right"]
    if regression or changed.empty:
        return pd.DataFrame(columns=columns)
    labels = changed[["label", "shadow_label"]].set_axis(columns[:2], axis=1)
    found = labels.assign(
        n=1,
        champion_right=changed["label"] == changed["truth"],
        challenger_right=changed["shadow_label"] == changed["truth"],
    )
    summed = found.groupby(columns[:2], as_index=False, sort=False)[columns[2:]].sum()
    return summed.sort_values("n", ascending=False, kind="stable", ignore_index=True)


def _spread(difference: "pd.Series[float]") -> dict[str, float] | None:
    found = difference.dropna()
    if found.empty:
        return None
    size = found.abs()
    figures = {"mean": found.mean(), "mean_size": size.mean(), "largest": size.max()}
    return {name: float(value) for name, value in figures.items()} | {"n": len(found)}


def _counted(errors: "pd.Series[Any]") -> pd.DataFrame:
    return errors.value_counts().rename_axis("error").reset_index(name="n")


def _shown(rows: pd.DataFrame, same: "pd.Series[bool]", regression: bool) -> pd.DataFrame:
    if regression:
        order = rows["difference"].abs().sort_values(ascending=False, kind="stable").index
        found = rows.loc[order].head(MOST_SHOWN)
    else:
        found = rows[~same].head(MOST_SHOWN)
    column = "value" if regression else "label"
    return pd.DataFrame(
        {
            "at": pd.to_datetime(found["at"], unit="us", utc=True),
            "champion": found[column],
            "challenger": found[f"shadow_{column}"],
            "difference": found["difference"],
            "truth": found["truth_value" if regression else "truth"],
            "prediction_id": [text_of(key) for key in found["prediction_id"]],
        }
    ).reset_index(drop=True)
