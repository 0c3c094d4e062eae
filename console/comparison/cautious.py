"""Where resampling is too sure: differences of labels that rest on a handful of rows.

Resamples of five rows in which one version alone is right nearly always hold some of them, so the
interval leaves 0 out; yet a fair coin falls five times the same way once in sixteen. The exact
test has no such weakness, so both must agree before a version is called better.
"""

import pandas as pd

from console.comparison.mcnemar import LEVEL, McNemar

BY_LABEL = frozenset(
    {"accuracy", "balanced_accuracy", "f1", "macro_f1", "precision", "recall"},
)
"""Metrics that look at labels alone, not at scores."""
FEWEST_UNLIKE = 6
"""Rows: of fewer that differ no split is rarer than 5 % by a fair coin (2 / 2⁶ is 3.1 %)."""


def cautious(frame: pd.DataFrame, test: McNemar | None, unlike: int) -> pd.DataFrame:
    """The frame of `report.Comparison` with what the exact test does not bear out made unclear.

    Accuracy must pass McNemar's test; the other metrics of labels need six rows that differ.

    Args:
        frame: of `paired.paired`.
        test: of the same answers; None for a regression, which is left as it is.
        unlike: rows with different labels.
    """
    if test is None:
        return frame
    doubted = frame["metric"].isin(BY_LABEL if unlike < FEWEST_UNLIKE else ())
    if test.p_value > LEVEL:
        doubted |= frame["metric"] == "accuracy"
    doubted &= frame["clear"].astype(bool)
    reason = (
        f"only {unlike} row{'s' * (unlike != 1)} differ{'s' * (unlike == 1)}"
        if unlike < FEWEST_UNLIKE
        else "by McNemar's exact test chance would do"
    )
    spans = [
        f"No clear difference ({low:+.3g} to {high:+.3g}, but {reason})."
        for low, high in zip(frame["low"], frame["high"], strict=True)
    ]
    return frame.assign(
        better=frame["better"].mask(doubted, "unclear"),
        clear=frame["clear"].astype(bool) & ~doubted,
        label=frame["label"].mask(doubted, pd.Series(spans, index=frame.index, dtype=object)),
    )
