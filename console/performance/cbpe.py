"""Confidence-based performance estimation: what calibrated scores promise of their own answers.

If a row is positive with probability p, an answer "positive" is right with probability p, and so
each element of the confusion matrix has an expectation without any truth (NannyML's CBPE). That
holds under a shift of the inputs only as far as p is right for the inputs that come. So p is
learned in two steps: a curve from the score, and where rows that were held back prove it better,
a correction by the inputs themselves (Białek, Kuberski, Perrakis and Bifet 2024, "We don't need no
labels: Estimating post-deployment model performance under covariate shift without ground truth",
arXiv:2401.08348, whose multicalibrated CBPE has the same aim).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.stats import rankdata

from console.drift.decisions.intervals import Z
from console.drift.statistics import Floats
from console.performance.answers import Answers, Bools
from console.performance.calibrating import LEAST_EVENTS, Calibration, best_method, calibrate
from console.performance.forest import Forest

REPLICATES = 50
# With more rows than this a realized metric is as good as normal, and its spread needs few draws.
FEW_ROWS, DRAWS, FEW_DRAWS = 2_500, 400, 100
# A correction by the inputs is looked for from so many rows on, in leaves of so many.
CORRECTED_ROWS, LEAF = 500, 20
# A probability of exactly 0 would make the loss infinite; scikit-learn clips here too.
_LEAST = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Confidence:
    """P(event) of a row by its score and inputs; the event is that of `Answers.event`.

    Attributes:
        curve: by the score.
        forest: cut where the curve errs; None where inputs add nothing to the score.
        corrections: what the forest's nodes add to the curve, shape (nodes,).
        replicates: the curve and corrections again, learned from bootstrap weights of the rows.
        n: the rows learned from.
        n_events: of them, those where the event came true.
    """

    curve: Calibration
    forest: Forest | None
    corrections: Floats
    replicates: tuple[tuple[Calibration, Floats], ...] = field(repr=False)
    n: int
    n_events: int

    @classmethod
    def of(cls, answers: Answers, inputs: Floats, seed: int = 0) -> "Confidence":
        """Learn from rows with truth: at least one, with their inputs of shape (n, features)."""
        scores, events = answers.score, answers.event
        method = best_method(scores, events, seed)
        curve = calibrate(scores, events, method)
        rows = _rows(inputs, scores)
        forest = None
        if len(events) >= CORRECTED_ROWS and method != "none" and _helps(rows, scores, events):
            forest = Forest.grow(rows, events - curve.probabilities(scores), LEAF, seed)
        weights = np.random.default_rng(seed).standard_exponential((REPLICATES, len(events)))
        corrections = _corrections(forest, curve, scores, events)
        again = [_again(forest, method, scores, events, drawn) for drawn in weights]
        return cls(curve, forest, corrections, tuple(again), len(events), int(events.sum()))

    @property
    def is_calibrated(self) -> bool:
        """Whether a curve was learned, or scores are believed for want of rows."""
        return min(self.n_events, self.n - self.n_events) >= LEAST_EVENTS

    def probabilities(self, scores: Floats, inputs: Floats) -> tuple[Floats, Floats]:
        """P(event) of each row, shape (n,), and its bootstrap replicates, shape (REPLICATES, n)."""
        curves = np.array([curve.probabilities(scores) for curve, _ in self.replicates])
        point = self.curve.probabilities(scores)
        if self.forest is None:
            return point, curves
        near = self.forest.membership(_rows(inputs, scores))
        added = near @ np.array([corrections for _, corrections in self.replicates]).T
        return _share(point + near @ self.corrections), _share(curves + added.T)


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
    replicates: Floats,
    chosen: Bools,
    scores: Floats,
    random: np.random.Generator,
) -> list[tuple[float, float]]:
    """Where the realized metric of these very rows will lie, 95 times in 100.

    Truths are drawn from replicates of the probabilities, so the bands hold the chance of the
    rows' truths and the uncertainty of the calibration together.

    Args:
        names, chosen, scores: as `metrics`.
        replicates: as `Confidence.probabilities` gives them.
        random: of the draws.
    """
    each = draws(len(chosen)) // len(replicates)
    drawn: list[list[Floats]] = []
    for probabilities in replicates:
        chance = random.random((each, len(probabilities)), dtype=np.float32)
        truth = (chance < probabilities.astype(np.float32)).astype(np.float64)
        drawn.append(metrics(names, truth, chosen, scores))
    return [ends(np.concatenate(values)) for values in zip(*drawn, strict=True)]


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


def _helps(rows: Floats, scores: Floats, events: Floats) -> bool:
    """Whether a correction by the inputs errs less on rows that it did not learn from.

    By the Brier score of each half of the rows, learned on the other; by more than two standard
    errors, or the correction would be noise that changes with each training.
    """
    half = np.random.default_rng(len(scores)).permutation(len(scores)) % 2 == 0
    gains = np.zeros(len(scores))
    for learned in (half, ~half):
        held = ~learned
        if events[learned].min() == events[learned].max():
            return False
        curve = calibrate(scores[learned], events[learned], "platt")
        was = curve.probabilities(scores[held])
        residual = events[learned] - curve.probabilities(scores[learned])
        forest = Forest.grow(rows[learned], residual, LEAF)
        became = _share(was + forest.membership(rows[held]) @ forest.means(residual))
        gains[held] = (events[held] - was) ** 2 - (events[held] - became) ** 2
    return float(gains.mean()) > 2 * float(gains.std()) / len(gains) ** 0.5


def _again(
    forest: Forest | None, method: Any, scores: Floats, events: Floats, weights: Floats
) -> tuple[Calibration, Floats]:
    curve = calibrate(scores, events, method, weights)
    return curve, _corrections(forest, curve, scores, events, weights)


def _corrections(
    forest: Forest | None,
    curve: Calibration,
    scores: Floats,
    events: Floats,
    weights: Floats | None = None,
) -> Floats:
    if forest is None:
        return np.zeros(0)
    return forest.means(events - curve.probabilities(scores), weights)


def _rows(inputs: Floats, scores: Floats) -> Floats:
    return np.column_stack([inputs, scores])


def _share(values: Floats) -> Floats:
    return np.clip(values, 1e-4, 1 - 1e-4)


def _ratio(above: Floats, below: Floats) -> Floats:
    found = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found
