"""Metrics with a weight for each row, many weightings at once: the arithmetic of a bootstrap.

Each function takes `weights` of shape (resamples, rows), 0 or more (how often a resample drew each
row), and returns shape (resamples,); NaN where a metric is undefined, as a ROC AUC without both
classes. With every weight 1 they equal scikit-learn's, which the tests hold them to.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Metric = Callable[[Floats], Floats]

# A probability of exactly 0 would make the loss infinite; scikit-learn clips here too.
_LEAST = float(np.finfo(np.float64).eps)

RESAMPLES = 1_000
BINS = 10
"""Of scores, where calibration is judged."""
_CELLS = 4_000_000  # of weights held at once: 32 MB


def resamples(n: int, seed: int, count: int = RESAMPLES) -> Iterator[Floats]:
    """How often each of `count` resamples of n rows drew each row, a few resamples at a time.

    Source: Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
    """
    random = np.random.default_rng(seed)
    at_once = max(_CELLS // n, 1)
    for start in range(0, count, at_once):
        some = min(at_once, count - start)
        drawn = random.integers(0, n, size=(some, n)) + n * np.arange(some)[:, None]
        yield np.bincount(drawn.ravel(), minlength=some * n).reshape(some, n).astype(np.float64)


def mean(rows: Any, weights: Floats) -> Floats:
    """The weighted mean of a value per row."""
    values = np.asarray(rows, dtype=np.float64)
    found: Floats = weights @ values / weights.sum(axis=1)
    return found


def r2(truth: Floats, values: Floats, weights: Floats) -> Floats:
    """The share of the truth's variance that the values explain; at most 1."""
    total = weights.sum(axis=1)
    centred = truth - truth.mean()
    spread = weights @ centred**2 - (weights @ centred) ** 2 / total
    return _ratio(spread - weights @ (truth - values) ** 2, spread)


def precision(truth: NDArray[np.bool_], chosen: NDArray[np.bool_], weights: Floats) -> Floats:
    """The share of the chosen rows that are true; undefined where none is chosen."""
    hits = weights @ (truth & chosen).astype(np.float64)
    return _ratio(hits, weights @ chosen.astype(np.float64))


def recall(truth: NDArray[np.bool_], chosen: NDArray[np.bool_], weights: Floats) -> Floats:
    """The share of the true rows that are chosen; undefined where none is true."""
    return precision(chosen, truth, weights)


def balanced_accuracy(
    truth: NDArray[np.int64], chosen: NDArray[np.int64], n: int, weights: Floats
) -> Floats:
    """The mean of `recall` over those of the labels 0 … n - 1 that are true of a row.

    Source: Brodersen et al. (2010), "The balanced accuracy and its posterior distribution", ICPR.
    """
    recalls = np.array([recall(truth == i, chosen == i, weights) for i in range(n)])
    occurs = ~np.isnan(recalls)
    return _ratio(np.where(occurs, recalls, 0.0).sum(axis=0), occurs.sum(axis=0).astype(np.float64))


def calibration_error(scores: Floats, events: NDArray[np.bool_], weights: Floats) -> Floats:
    """The expected calibration error: how far, in the mean of all rows, the share of events in a
    row's bin of scores (ten of equal width) lies from the mean score there.

    Chance moves it too, upwards: with few rows a perfect score has one above 0.

    Source: Naeini, Cooper and Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using
    Bayesian Binning", AAAI, section 4.
    """
    places = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    off = np.zeros((len(scores), BINS))
    off[np.arange(len(scores)), places] = events - scores
    found: Floats = np.abs(weights @ off).sum(axis=1) / weights.sum(axis=1)
    return found


def error_by_chance(scores: Floats) -> float:
    """The expected calibration error that scores have on these rows although they are right.

    It is the most that chance adds to what is measured: in each bin the mean size of a sum of n
    draws less their probabilities, √(2 Σ p (1 - p) / π) by the normal approximation.
    """
    places = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    spread = np.bincount(places, scores * (1 - scores), minlength=BINS)
    return float(np.sqrt(2 * np.maximum(spread, 0.0) / np.pi).sum() / len(scores))


def median(rows: Any, weights: Floats) -> Floats:
    """The median of a value per row, each as often as its whole weight says."""
    values = np.asarray(rows, dtype=np.float64)
    found = _Upto.of(values, _by_row(weights))
    total = found.total
    # The first row that more than so many come up to; of an even number the two in the middle.
    middle = [
        [
            int(np.searchsorted(sums, rank, side="right")) - 1
            for sums, rank in zip(found.sums.T, ranks, strict=True)
        ]
        for ranks in ((total - 1) // 2, total // 2)
    ]
    both: Floats = (found.ordered[middle[0]] + found.ordered[middle[1]]) / 2
    return both


def f1(truth: NDArray[np.bool_], chosen: NDArray[np.bool_], weights: Floats) -> Floats:
    """The harmonic mean of precision and recall; 0 where nothing is true and nothing chosen."""
    hits = weights @ (truth & chosen).astype(np.float64)
    both = weights @ (truth.astype(np.float64) + chosen)
    return np.nan_to_num(_ratio(2 * hits, both))


def macro_f1(truth: NDArray[np.int64], chosen: NDArray[np.int64], n: int, w: Floats) -> Floats:
    """The mean of `f1` over the labels 0 … n - 1."""
    found: Floats = np.mean([f1(truth == i, chosen == i, w) for i in range(n)], axis=0)
    return found


def log_loss(shares: Floats, weights: Floats) -> Floats:
    """The mean of -ln of the probability given to the truth (`shares`, one per row)."""
    return mean(-np.log(np.clip(shares, _LEAST, 1 - _LEAST)), weights)


def roc_auc(truth: NDArray[np.bool_], scores: Floats, weights: Floats) -> Floats:
    """The chance that a positive row scores above a negative one, ties counting half.

    Source: Hanley and McNeil (1982), "The meaning and use of the area under a ROC curve",
    Radiology 143(1).
    """
    rows = _by_row(weights)
    mine, others = rows[truth], _Upto.of(scores[~truth], rows[~truth])
    ranks = others.below(scores[truth]) + others.upto(scores[truth])
    return _ratio(_products(mine, ranks) / 2, mine.sum(axis=0) * others.total)


def average_precision(truth: NDArray[np.bool_], scores: Floats, weights: Floats) -> Floats:
    """The mean of the precision at each threshold, weighted by the recall gained there."""
    rows = _by_row(weights)
    order = np.argsort(scores[truth], kind="stable")
    mine, at = rows[truth][order], scores[truth][order]
    negatives = _Upto.of(scores[~truth], rows[~truth])
    sums = np.cumsum(mine[::-1], axis=0)[::-1]
    hits = sums[np.searchsorted(at, at, side="left")]  # those of the same score together
    flagged = hits + negatives.total - negatives.below(at)
    precisions = np.divide(hits, flagged, out=np.zeros_like(hits), where=flagged > 0)
    return _ratio(_products(mine, precisions), mine.sum(axis=0))


def roc_auc_ovr(truth: NDArray[np.int64], shares: Floats, weights: Floats) -> Floats:
    """The mean of `roc_auc` of each label against the rest; shares of shape (rows, labels)."""
    each = [roc_auc(truth == i, shares[:, i], weights) for i in range(shares.shape[1])]
    found: Floats = np.mean(each, axis=0)
    return found


@dataclass(frozen=True)
class _Upto:
    """The weight of the rows with at most some score, in each resample.

    Attributes:
        ordered: the scores, ascending, shape (n,).
        sums: of the weights of the first 0, 1, … n of them, shape (n + 1, resamples).
    """

    ordered: Floats
    sums: Floats

    @classmethod
    def of(cls, scores: Floats, rows: Floats) -> "_Upto":
        order = np.argsort(scores, kind="stable")
        sums = np.zeros((len(scores) + 1, rows.shape[1]))
        np.cumsum(rows[order], axis=0, out=sums[1:])
        return cls(scores[order], sums)

    @property
    def total(self) -> Floats:
        found: Floats = self.sums[-1]
        return found

    def below(self, scores: Floats) -> Floats:
        """Of the rows that score less than each, shape (scores, resamples)."""
        found: Floats = self.sums[np.searchsorted(self.ordered, scores, side="left")]
        return found

    def upto(self, scores: Floats) -> Floats:
        """Of the rows that score no more than each, shape (scores, resamples)."""
        found: Floats = self.sums[np.searchsorted(self.ordered, scores, side="right")]
        return found


def _by_row(weights: Floats) -> Floats:
    """Weights of shape (rows, resamples): rows are sorted and summed far faster in this layout."""
    return np.ascontiguousarray(weights.T)


def _products(a: Floats, b: Floats) -> Floats:
    found: Floats = np.einsum("ij,ij->j", a, b)
    return found


def _ratio(above: Floats, below: Floats) -> Floats:
    found = np.full(above.shape, np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found
