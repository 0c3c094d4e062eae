"""Gates on the difference between groups: in selection rate, true positive rate and error."""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from console.comparison.chosen import TRUTH
from console.promotion.gates.case import Case, Judged
from console.promotion.gates.found import Check, Found, NotApplicable, asked_for_none
from console.promotion.gates.groups import groups
from console.promotion.gates.rules import MEASURES

TITLES: Final = {
    "selection_rate": "Selection rate",
    "true_positive_rate": "True positive rate",
    "error": "Error",
}


def checks(case: Case) -> list[Check]:
    """The gates of `fairness`: one for each column and measure."""
    if not case.rules.fairness:
        return [asked_for_none("fairness", "Fairness", "comparison of groups")]
    return [
        Check(
            f"fairness.{column}.{measure}",
            f"{TITLES[measure]}: at most {limit:g} between groups by {column}",
            partial(_difference, case, column, measure, limit),
        )
        for column, limits in case.rules.fairness.items()
        for measure, limit in limits.items()
    ]


def measured(judged: Judged, measure: str) -> float:
    """A measure of the version's answers; NaN where it is undefined.

    Selection rate: the share that is given the positive label (demographic parity compares it).
    True positive rate: that share among those who have it (equal opportunity). Error: the share
    of wrong labels, or of a regression the mean absolute error.

    Source: Hardt, Price and Srebro (2016), "Equality of Opportunity in Supervised Learning",
    NeurIPS, section 2.
    """
    return _MEASURES[measure](judged)


def _difference(case: Case, column: str, measure: str, limit: float) -> Found | NotApplicable:
    if measure not in MEASURES[case.signature.task]:
        return NotApplicable(f"{TITLES[measure]} needs a positive label: a binary task.")
    by = groups(case.judged, column, case.rules.segment_rows)
    found = [(name, measured(part, measure), len(part)) for name, part in by.parts]
    if len(found) > 1:
        return _between(found, measure, limit, by.sentence)
    message = (
        f"Only `{found[0][0]}` has {by.least:,} held-out rows, so groups by `{column}` cannot be"
        " compared. Hold out more rows."
    )
    return Found(float("nan"), limit, at_most=True, message=message, n=found[0][2])


def _between(
    found: list[tuple[str, float, int]], measure: str, limit: float, left_out: str
) -> Found:
    undefined = [name for name, value, _ in found if np.isnan(value)]
    n = sum(rows for _, _, rows in found)
    if undefined:
        message = f"{TITLES[measure]} is undefined in `{undefined[0]}`: nobody there is positive."
        return Found(float("nan"), limit, at_most=True, message=message, n=n)
    low, high = (end(found, key=lambda one: one[1]) for end in (min, max))
    figure = high[1] - low[1]
    message = (
        f"{TITLES[measure]} is from {low[1]:.3g} (`{low[0]}`, {low[2]:,} rows) to {high[1]:.3g}"
        f" (`{high[0]}`, {high[2]:,} rows) over {len(found)} groups: a difference of {figure:.3g};"
        f" at most {limit:g} is asked for.{left_out}"
    )
    return Found(figure, limit, at_most=True, message=message, n=n)


def _selection(judged: Judged) -> float:
    answers = judged.answers[0]
    return float(np.mean(answers.chosen == answers.labels.index(judged.signature.positive)))


def _true_positive(judged: Judged) -> float:
    positive = (judged.frame[TRUTH] == judged.signature.positive).to_numpy()
    return _selection(judged.part(positive)) if positive.any() else float("nan")


def _error(judged: Judged) -> float:
    if judged.signature.task == "regression":
        return judged.figure("mae")
    return 1 - judged.figure("accuracy")


_MEASURES: Final[dict[str, Callable[[Judged], float]]] = {
    "selection_rate": _selection,
    "true_positive_rate": _true_positive,
    "error": _error,
}
