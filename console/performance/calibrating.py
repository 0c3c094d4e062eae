"""From a score to the probability that it should be, with the uncertainty of having learned it.

Two ways compete on rows that neither has seen: Platt's logistic curve (Platt 1999, "Probabilistic
Outputs for Support Vector Machines") and isotonic regression (Zadrozny and Elkan 2002,
"Transforming classifier scores into accurate multiclass probability estimates"). That the score is
right as it is, is one of Platt's curves, so it is believed only where rows are too few for any.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from console.drift.statistics import Floats

Method = Literal["none", "platt", "isotonic"]
# With fewer rows, or fewer of either kind, a curve would be fitted to chance.
LEAST_ROWS, LEAST_EVENTS = 100, 10
# More steps than this cost time and show nothing: 200 rows in each of 50 cells at 10,000 rows.
_CELLS = 200
_FOLDS = 5
# Scores closer to 0 and 1 would weigh without end on a logistic scale.
_EDGE = 1e-6


@dataclass(frozen=True)
class Calibration:
    """A curve from scores to probabilities.

    Attributes:
        method: `none` leaves scores as they are.
        knots: scores ascending, in [0, 1].
        heights: the probability at each knot, shape (knots,); between knots it is a straight line.
    """

    method: Method
    knots: Floats
    heights: Floats

    def probabilities(self, scores: Floats) -> Floats:
        """P(event | score) of each score, in [0, 1]."""
        return np.interp(scores, self.knots, self.heights)


def calibrate(
    scores: Floats, events: Floats, method: Method, weights: Floats | None = None
) -> Calibration:
    """Fit one curve.

    Args:
        scores: in [0, 1], shape (n,).
        events: 0 or 1, whether what the score foretold came true; both must occur.
        method: of which kind.
        weights: of the rows, for a bootstrap; all 1 when None.
    """
    if method == "platt":
        knots = expit(np.linspace(logit(_EDGE), logit(1 - _EDGE), _CELLS))
        fitted = LogisticRegression(C=1e6, max_iter=200)
        # Tallied in cells of equal width on the logistic scale, a bootstrap is a hundred times
        # quicker, and no probability moves by more than a thousandth.
        places, tally = _cells(np.searchsorted(knots, scores), events, weights)
        centres = knots[np.minimum(places, _CELLS - 1)]
        fitted.fit(*_stacked(_logits(centres), tally))
        heights = fitted.predict_proba(_logits(knots)[:, None])[:, 1]
        return Calibration(method, knots, heights)
    if method == "isotonic":
        return _isotonic(scores, events, weights)
    return Calibration("none", np.array([0.0, 1.0]), np.array([0.0, 1.0]))


def best_method(scores: Floats, events: Floats, seed: int = 0) -> Method:
    """The way with the least log loss on rows that it did not learn from (5 folds).

    Too few rows, or too few of either kind, give `none`.
    """
    rare = min(events.sum(), (1 - events).sum())
    if len(scores) < LEAST_ROWS or rare < LEAST_EVENTS:
        return "none"
    methods: tuple[Method, ...] = ("platt", "isotonic")
    losses = dict.fromkeys(methods, 0.0)
    for learned, held in KFold(_FOLDS, shuffle=True, random_state=seed).split(scores):
        if events[learned].min() == events[learned].max():
            return "none"
        for method in methods:
            curve = calibrate(scores[learned], events[learned], method)
            losses[method] += _loss(curve.probabilities(scores[held]), events[held])
    return min(methods, key=lambda method: losses[method])


def _isotonic(scores: Floats, events: Floats, weights: Floats | None) -> Calibration:
    edges = np.unique(np.quantile(scores, np.linspace(0, 1, _CELLS + 1)[1:-1]))
    cells = np.searchsorted(edges, scores, side="right")
    drawn = np.ones(len(scores)) if weights is None else weights
    mass = np.bincount(cells, drawn)
    kept = mass > 0
    mass = mass[kept]
    knots = np.bincount(cells, drawn * scores)[kept] / mass
    shares = np.bincount(cells, drawn * events)[kept] / mass
    heights = IsotonicRegression(y_min=0.0, y_max=1.0).fit_transform(
        np.arange(len(knots)), shares, sample_weight=mass
    )
    # No event in so many rows does not make one impossible.
    least = 1 / (len(scores) + 2)
    return Calibration("isotonic", knots, np.clip(heights, least, 1 - least))


def _cells(cells: Any, events: Floats, weights: Floats | None) -> tuple[Any, tuple[Floats, Floats]]:
    """The cells that hold rows, and the weight of rows without and with the event in each."""
    drawn = np.ones(len(events)) if weights is None else weights
    places = np.unique(cells)
    without, with_it = (np.bincount(cells, drawn * part)[places] for part in (1 - events, events))
    return places, (without, with_it)


def _stacked(logits: Floats, tally: tuple[Floats, Floats]) -> tuple[Floats, Floats, Floats]:
    """Rows, labels and weights for a fit on counted cells."""
    labels = np.repeat([0.0, 1.0], len(logits))
    return np.concatenate([logits, logits])[:, None], labels, np.concatenate(tally)


def _logits(scores: Floats) -> Floats:
    found: Floats = logit(np.clip(scores, _EDGE, 1 - _EDGE))
    return found


def _loss(probabilities: Floats, events: Floats) -> float:
    shares = np.clip(probabilities, _EDGE, 1 - _EDGE)
    return -float(np.sum(events * np.log(shares) + (1 - events) * np.log(1 - shares)))
