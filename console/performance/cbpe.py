"""Confidence-based performance estimation: what calibrated scores promise of their own answers.

If a row is positive with probability p, an answer "positive" is right with probability p, and so
each element of the confusion matrix has an expectation without any truth (NannyML's CBPE). That
holds under a shift of the inputs only as far as p is right for the inputs that come. So p is
learned in two steps: a curve from the score, and a correction of it by the inputs themselves. The
multicalibrated CBPE of Białek, Kuberski, Perrakis and Bifet (2024), "We don't need no labels:
Estimating post-deployment model performance under covariate shift without ground truth",
arXiv:2401.08348, has the same aim; here trees make the correction, as they say how sure it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from console.drift.decisions.intervals import Z
from console.drift.statistics import Floats
from console.performance.answers import Answers, Bools
from console.performance.calibrating import Calibration, best_method, calibrate
from console.performance.forest import Forest

REPLICATES = 50
# With more rows than this a realized metric is as good as normal, and its spread needs few draws.
FEW_ROWS, DRAWS, FEW_DRAWS = 2_500, 400, 100
# The curve is corrected by the inputs from so many rows on, in leaves of so many at least: in
# smaller ones it would learn the very noise that a flexible version has learned from these rows.
CORRECTED_ROWS, LEAF = 300, 10
# A probability of exactly 0 would make the loss infinite; scikit-learn clips here too.
_LEAST = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Confidence:
    """P(event) of a row by its score and inputs; the event is that of `Answers.event`.

    Attributes:
        curve: by the score.
        curves: the curve again, each learned from bootstrap weights of the rows.
        forest: cut where the curve errs; None with fewer than 300 rows.
        corrections: what the forest's nodes add to the curve, shape (nodes,).
        replicates: the corrections as they might have been, to go with `curves`; shape
            (nodes, REPLICATES).
    """

    curve: Calibration
    curves: tuple[Calibration, ...] = field(repr=False)
    forest: Forest | None
    corrections: Floats = field(repr=False)
    replicates: Floats = field(repr=False)

    @classmethod
    def of(cls, answers: Answers, inputs: Floats, seed: int = 0) -> "Confidence":
        """Learn from rows with truth: at least one, with their inputs of shape (n, features)."""
        scores, events = answers.score, answers.event
        method = best_method(scores, events, seed)
        curve = calibrate(scores, events, method)
        random = np.random.default_rng(seed)
        weights = random.standard_exponential((REPLICATES, len(events)))
        again = [calibrate(scores, events, method, drawn) for drawn in weights]
        if len(events) < CORRECTED_ROWS or method == "none":
            return cls(curve, tuple(again), None, np.zeros(0), np.zeros((0, REPLICATES)))
        residual = events - curve.probabilities(scores)
        residuals = np.array([events - one.probabilities(scores) for one in again]).T
        forest = Forest.grow(_rows(inputs, scores), residual, LEAF, seed)
        noise = random.standard_normal(residuals.shape)
        learned = forest.means(residual), forest.replicates(residuals, noise, random)
        return cls(curve, tuple(again), forest, *learned)

    @property
    def is_calibrated(self) -> bool:
        """Whether a curve was learned, or scores are believed for want of rows."""
        return self.curve.method != "none"

    def probabilities(self, scores: Floats, inputs: Floats) -> tuple[Floats, Floats]:
        """P(event) of each row, shape (n,), and its bootstrap replicates, shape (REPLICATES, n).

        They are right on average over rows; that of a single row is noisy, and may leave [0, 1].
        """
        point = self.curve.probabilities(scores)
        curves = np.array([curve.probabilities(scores) for curve in self.curves])
        if self.forest is None:
            return point, curves
        near = self.forest.membership(_rows(inputs, scores))
        again = curves + (near @ self.replicates).T
        return point + near @ self.corrections, again

    def regions(self, scores: Floats, inputs: Floats) -> NDArray[np.int64]:
        """In which regions, between which the curve errs differently, rows lie; shape (n,)."""
        if self.forest is None:
            return np.zeros(len(scores), dtype=np.int64)
        return self.forest.regions(_rows(inputs, scores))


def metrics(names: Sequence[str], truth: Floats, chosen: Bools, scores: Floats) -> list[Floats]:
    """Metrics of answers whose truth is drawn or expected.

    Args:
        names: of `results.METRICS`.
        truth: shape (k, n): 0 and 1, or in between the probability of the event; then expected
            elements of the confusion matrix, and expected pairs of rows, stand for counted ones.
        chosen: whether the answer is the event, shape (n,).
        scores: as logged, in [0, 1], shape (n,).

    Returns:
        An array of shape (k,) for each name; NaN where a metric is undefined.
    """
    n, answered = len(chosen), float(chosen.sum())
    events = truth.sum(axis=1)
    hits = truth @ chosen.astype(truth.dtype)
    found: dict[str, Floats] = {
        "accuracy": (n - answered - events + 2 * hits) / n,
        "precision": _ratio(hits, np.full_like(hits, answered)),
        "recall": _ratio(hits, events),
        "f1": np.nan_to_num(_ratio(2 * hits, events + answered)),
    }
    if "roc_auc" in names:
        # Mann and Whitney's sum of ranks. A row is no pair with itself, which a probability
        # that is neither 0 nor 1 would make it.
        self_pairs = events - (truth**2).sum(axis=1)
        pairs = truth @ rankdata(scores).astype(truth.dtype) - events / 2 - events**2 / 2
        found["roc_auc"] = _ratio(pairs - self_pairs / 2, events * (n - events) - self_pairs)
    if "log_loss" in names:
        shares = np.clip(scores, _LEAST, 1 - _LEAST)
        odds = np.log(shares) - np.log1p(-shares)
        found["log_loss"] = -(truth @ odds.astype(truth.dtype) + np.log1p(-shares).sum()) / n
    return [found[name] for name in names]


def bands(
    names: Sequence[str],
    learned: tuple[Floats, Floats],
    chosen: Bools,
    scores: Floats,
    random: np.random.Generator,
) -> list[tuple[float, float]]:
    """Where the realized metric of these very rows will lie, 95 times in 100.

    Two things are added: how drawn truths move a metric (the chance of the rows), and how the
    replicates of the probabilities move what is expected of it (what was learned is uncertain).

    Args:
        names, chosen, scores: as `metrics`.
        learned: as `Confidence.probabilities` gives them.
        random: of the draws.
    """
    point, again = learned
    # Single probabilities are noisy, and cut off at 0 and 1 they would be wrong on average; only
    # a draw needs it.
    cut = np.clip(point, 0.0, 1.0)
    each = draws(len(chosen)) // len(again)
    moved = metrics(names, again, chosen, scores)
    centre = metrics(names, np.vstack([point, cut]), chosen, scores)
    chance = random.random((each * len(again), len(cut)), dtype=np.float32) < cut
    drawn = metrics(names, chance.astype(np.float64), chosen, scores)
    return [
        ends(one - middle[1] + np.repeat(other, each))
        for one, middle, other in zip(drawn, centre, moved, strict=True)
    ]


def draws(n: int) -> int:
    """How many draws make a band for n rows: few suffice where it is a normal one's (`ends`)."""
    return DRAWS if n <= FEW_ROWS else FEW_DRAWS


def ends(values: Floats) -> tuple[float, float]:
    """The middle 95 % of draws; NaN where no draw has a value.

    The quantiles of many draws, the mean and 1.96 standard deviations of few (`draws`).
    """
    values = values[~np.isnan(values)]
    if not len(values):
        return float("nan"), float("nan")
    if len(values) > FEW_DRAWS:
        low, high = np.quantile(values, [0.025, 0.975])
        return float(low), float(high)
    reach = Z * float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return float(values.mean()) - reach, float(values.mean()) + reach


def _rows(inputs: Floats, scores: Floats) -> Floats:
    return np.column_stack([inputs, scores])


def _ratio(above: Floats, below: Floats) -> Floats:
    found = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found
