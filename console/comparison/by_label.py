"""How much worse one version's labels are, and how far chance reaches, for metrics of labels.

Every such metric is a sum over the rows: a wrong label costs so much, by what was true and what was
answered. Where labels differ in few rows, resamples of them are too sure; the score interval of
matched shares is not.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.versions.signature import Signature
from console.comparison.answers import Answers, codes_of
from console.comparison.cautious import BY_LABEL, FEWEST_UNLIKE
from console.comparison.matched import score_ends
from console.comparison.mcnemar import LEVEL, mcnemar

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_OF_TWO = frozenset({"accuracy", "f1", "precision", "recall"})
_OF_BINARY = BY_LABEL - {"macro_f1"}
_OF_MANY = frozenset({"accuracy", "balanced_accuracy", "macro_f1"})
_NOTHING = 1e-15


@dataclass(frozen=True)
class Stratum:
    """Rows in which a wrong label costs alike: those of one true label, or all.

    Attributes:
        lost, gained: rows that the second answers worse than the first, and better.
        n: its rows.
        weight: by how much the metric falls if all of them are lost; 0 or more.
    """

    lost: int
    gained: int
    n: int
    weight: float


@dataclass(frozen=True)
class ByLabel:
    """How much worse a second version is than a first, in a metric of labels.

    Attributes:
        point: the first's figure less the second's.
        strata: the rows.
        is_borne_out: whether the rows that differ are so many, and of accuracy so uneven by
            McNemar's exact test, that a difference may be called clear.
    """

    point: float
    strata: tuple[Stratum, ...]
    is_borne_out: bool

    def ends(self, times: float = 1.0) -> tuple[float, float]:
        """The 95 % interval of `point`, had there been so many times the rows.

        Each stratum has the score interval of its matched shares; the reaches are added as
        squares. What a row costs is taken as it was found.

        Source: Zou and Donner (2008), "Construction of confidence limits about effect measures: a
        general approach", Statistics in Medicine 27.
        """
        below, above = 0.0, 0.0
        for one in self.strata:
            middle = (one.lost - one.gained) / one.n
            low, high = score_ends(one.lost * times, one.gained * times, one.n * times)
            below += (one.weight * (middle - low)) ** 2
            above += (one.weight * (high - middle)) ** 2
        return self.point - math.sqrt(below), self.point + math.sqrt(above)

    def enough(self, limit: float, most: int) -> int | None:
        """About how many rows like these bring the upper end to a limit; None where none do.

        Args:
            most: more are not named.
        """
        n = sum(one.n for one in self.strata)
        low, high = 1.0, max(most / n, 1.0)
        if self.point >= limit or self.ends(high)[1] > limit:
            return None
        while high / low > 1.001:
            middle = math.sqrt(low * high)
            low, high = (low, middle) if self.ends(middle)[1] <= limit else (middle, high)
        return math.ceil(n * high)


def by_label(
    metric: str, signature: Signature, truth: "pd.Series[Any]", a: Answers, b: Answers
) -> ByLabel | None:
    """Compare two versions' labels of the same rows in a metric.

    Args:
        signature: whose positive label counts.
        truth: the true labels, shape (n,).

    Returns:
        None where the metric is none of labels, or none of the task.
    """
    if not a.labels or metric not in (_OF_BINARY if signature.task == "binary" else _OF_MANY):
        return None
    codes, was, now = codes_of(truth, a.labels), a.chosen, b.chosen
    k = len(a.labels)
    if signature.task == "binary" and metric in _OF_TWO:
        place = a.labels.index(signature.positive)
        codes, was, now = ((one == place).astype(np.int64) for one in (codes, was, now))
        k = 2
    costs = _COSTS[metric](_Labels(codes, was, now, k))
    each = costs[codes, now] - costs[codes, was]
    # Of accuracy all rows cost alike, whatever is true of them.
    parts = np.zeros_like(codes) if metric == "accuracy" else codes
    strata = tuple(
        Stratum(
            int((each[mine] > _NOTHING).sum()),
            int((each[mine] < -_NOTHING).sum()),
            int(mine.sum()),
            float(costs[codes[mine]].max(axis=1).max() * mine.sum()),
        )
        for mine in (parts == part for part in np.unique(parts))
    )
    unlike = int((was != now).sum())
    sure = unlike >= FEWEST_UNLIKE
    if metric == "accuracy":
        sure = mcnemar(was == codes, now == codes, ("one", "the other")).p_value <= LEVEL
    return ByLabel(float(each.sum()), strata, sure)


@dataclass(frozen=True)
class _Labels:
    """What is true, what the first answers and the second, as places of k labels; shape (n,)."""

    codes: Codes
    was: Codes
    now: Codes
    k: int


def _accuracy(rows: _Labels) -> Floats:
    return _wrong(rows.k) / len(rows.codes)


def _recall(rows: _Labels) -> Floats:
    return np.array([[0.0, 0.0], [1 / max(int(rows.codes.sum()), 1), 0.0]])


def _precision(rows: _Labels) -> Floats:
    """(TP - d) / flagged now less P = TP / flagged before, where d hits are lost."""
    share = float((rows.codes & rows.was).sum() / max(int(rows.was.sum()), 1))
    return np.array([[0.0, share], [1 - share, 0.0]]) / max(int(rows.now.sum()), 1)


def _f1(rows: _Labels) -> Floats:
    hit, false = _f1_costs(rows, 1)
    return np.array([[0.0, false], [hit, 0.0]])


def _balanced(rows: _Labels) -> Floats:
    n = np.bincount(rows.codes, minlength=rows.k)
    found: Floats = _wrong(rows.k) / (np.maximum(n, 1) * (n > 0).sum())[:, None]
    return found


def _macro_f1(rows: _Labels) -> Floats:
    """A wrong label loses a hit of the one and is a false one of the other."""
    hits, false = np.array([_f1_costs(rows, label) for label in range(rows.k)]).T
    found: Floats = _wrong(rows.k) * (hits[:, None] + false[None, :]) / rows.k
    return found


def _f1_costs(rows: _Labels, label: int) -> tuple[float, float]:
    """By how much the F1 of a label falls with each hit lost, and with each false one more.

    F1 is 2 TP / D with D the rows true and the rows answered, so that exactly
    F1 now - F1 before = -((2 - F1) hits lost + F1 false ones more) / D now.
    """
    true = int((rows.codes == label).sum())
    before, after = true + int((rows.was == label).sum()), true + int((rows.now == label).sum())
    score = 2 * int(((rows.codes == label) & (rows.was == label)).sum()) / max(before, 1)
    return (2 - score) / max(after, 1), score / max(after, 1)


def _wrong(k: int) -> Floats:
    found: Floats = 1.0 - np.eye(k)
    return found


_COSTS = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced,
    "f1": _f1,
    "macro_f1": _macro_f1,
    "precision": _precision,
    "recall": _recall,
}
