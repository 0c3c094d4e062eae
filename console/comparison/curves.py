"""Curves of scores: calibration, what each threshold gives, and what it costs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from console.drift.decisions.intervals import wilson

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

BINS = 10
_BELOW_HALF = float(np.nextafter(0.5, 0.0))
STEPS = 100
CALIBRATION = ["side", "from_score", "to_score", "mean_score", "share", "low", "high", "n"]
THRESHOLDS = [
    "side",
    "threshold",
    "flagged",
    "precision",
    "recall",
    "f1",
    "hits",
    "false_alarms",
    "misses",
    "n",
]


@dataclass(frozen=True)
class Costs:
    """What wrong answers cost, by threshold.

    Attributes:
        frame: side (a or b), threshold, cost (mean of a row, in the unit of the costs given).
        best: one row a side: side, threshold and cost where it is least (of several the one
            nearest to `advised`), cost_at_half (of the threshold 0.5, at which versions answer).
        advised: the threshold that is best for a well calibrated score.
    """

    frame: pd.DataFrame
    best: pd.DataFrame
    advised: float


def calibration(side: str, scores: Floats, events: Bools) -> pd.DataFrame:
    """How often what a score foretold came true, in ten bins of equal width; empty ones left out.

    Args:
        side: a or b.
        scores: in [0, 1], shape (n,).
        events: whether it came true.

    Returns:
        side, from_score, to_score (the bin), mean_score, share (of events, with its 95 % Wilson
        interval low, high), n (rows).

    Source: Wilson (1927), see `console.drift.decisions.intervals`.
    """
    places = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    n = np.bincount(places, minlength=BINS)
    kept = np.flatnonzero(n)
    rows = n[kept]
    share = np.bincount(places, events, minlength=BINS)[kept] / rows
    low, high = wilson(share, rows)
    found = {
        "side": side,
        "from_score": kept / BINS,
        "to_score": (kept + 1) / BINS,
        "mean_score": np.bincount(places, scores, minlength=BINS)[kept] / rows,
        "share": share,
        "low": low,
        "high": high,
        "n": rows,
    }
    return pd.DataFrame(found, columns=CALIBRATION)


def thresholds(
    side: str, scores: Floats, events: Bools, answered: Bools | None = None
) -> pd.DataFrame:
    """What answering positive from a score on would give, at 0, 0.01, … 1.

    Args:
        side: a or b.
        scores: of the positive label, in [0, 1], shape (n,).
        events: whether it was true, shape (n,).
        answered: whether the version answers with it, shape (n,). Where two labels are as probable
            versions give the first (`backend.versions.scorer.decide`), so a score of just 0.5 is
            answered with the positive label by some and with the other by most. The threshold 0.5
            is what versions answer; without this every score of 0.5 is flagged there.

    Returns:
        side, threshold (rows with at least this score are flagged, at 0.5 those that are answered
        with the positive label), flagged (their share of all),
        precision (NaN where none is flagged), recall (NaN without an event), f1, and the counts
        hits, false_alarms, misses, n.
    """
    steps = np.linspace(0, 1, STEPS + 1)
    if answered is not None:
        scores = np.where(answered, np.maximum(scores, 0.5), np.minimum(scores, _BELOW_HALF))
    ordered, positive = np.sort(scores), np.sort(scores[events])
    flagged = len(ordered) - np.searchsorted(ordered, steps, side="left")
    hits = len(positive) - np.searchsorted(positive, steps, side="left")
    misses, false_alarms = len(positive) - hits, flagged - hits
    found = {
        "side": side,
        "threshold": steps,
        "flagged": flagged / max(len(ordered), 1),
        "precision": _ratio(hits, flagged),
        "recall": _ratio(hits, hits + misses),
        "f1": np.nan_to_num(_ratio(2 * hits, flagged + len(positive))),
        "hits": hits,
        "false_alarms": false_alarms,
        "misses": misses,
        "n": len(ordered),
    }
    return pd.DataFrame(found, columns=THRESHOLDS)


def costs(found: pd.DataFrame, false_alarm: float, miss: float) -> Costs:
    """The expected cost of a row by threshold.

    Args:
        found: of `thresholds`, any sides.
        false_alarm, miss: what one costs, 0 or more, in any unit; their ratio alone matters for
            where the best threshold lies.

    The threshold false_alarm / (false_alarm + miss) is best when scores are probabilities.

    Source: Elkan (2001), "The Foundations of Cost-Sensitive Learning", IJCAI, section 2.
    """
    total = found["false_alarms"] * false_alarm + found["misses"] * miss
    frame = found[["side", "threshold"]].assign(cost=total / found["n"])
    whole = false_alarm + miss
    advised = false_alarm / whole if whole > 0 else 0.5
    best = [_best(side, part, advised) for side, part in frame.groupby("side", sort=False)]
    columns = ["side", "threshold", "cost", "cost_at_half"]
    return Costs(frame, pd.DataFrame(best, columns=columns), advised)


def _best(side: Any, frame: pd.DataFrame, advised: float) -> tuple[Any, float, float, float]:
    least = float(frame["cost"].min())
    near = frame.loc[frame["cost"] <= least, "threshold"]
    threshold = float(near.loc[(near - advised).abs().idxmin()])
    half = float(frame["cost"].to_numpy()[(frame["threshold"] - 0.5).abs().to_numpy().argmin()])
    return side, threshold, least, half


def _ratio(above: Any, below: Any) -> Floats:
    found = np.full(len(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found
