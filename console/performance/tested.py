"""The test of an estimate's assumption, said in sentences."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from backend.versions.signature import Signature
from console.drift.statistics import Floats
from console.performance.answers import Answers
from console.performance.assumption import LEAST_ROWS, LEVEL, Kept, Promise, check
from console.performance.calibrating import LEAST_ROWS as CALIBRATION_ROWS
from console.performance.cbpe import Confidence
from console.performance.dle import Loss
from console.performance.inputs import Inputs
from console.performance.results import Assumption
from console.performance.sentences import percent

# Errors of an expectation that are no reason to disbelieve it: a percentage point of a share, and
# three hundredths of a loss. Trees smooth, and enough rows would show any such error.
SHARE_TOLERANCE, LOSS_TOLERANCE = 0.01, 0.03
# The share of rows outside the known range of a feature from which it is said.
_OUTSIDE = 0.05


@dataclass(frozen=True)
class Rows:
    """Logged rows, read: their answers and their inputs, shape (n, features)."""

    answers: Answers
    inputs: Floats

    @property
    def known(self) -> "Rows":
        """Those whose truth is known."""
        known = self.answers.known
        return Rows(self.answers.where(known), self.inputs[known])


def tested(
    signature: Signature, learned: Confidence | Loss | None, n: int, rows: Rows, inputs: Inputs
) -> Assumption:
    """Whether estimates for these rows can be believed, by those of them whose truth is known.

    Args:
        signature: of the version.
        learned: about single rows; None if there were too few.
        n: the rows learned from.
        rows: all that the estimate is for.
        inputs: with the ranges that were learned from.
    """
    known = rows.known
    n_known = len(known.answers.answer)
    more = _remarks(learned, n, rows, inputs)
    if learned is None or n_known < LEAST_ROWS:
        there = f"{n_known:,} {'has' if n_known == 1 else 'have'}" if n_known else "none has"
        message = (
            f"Whether the estimate can be believed is not tested: that needs {LEAST_ROWS} rows with"
            f" truth, and {there}. It holds while the relation of inputs and truth stays."
        )
        return Assumption("untested", " ".join([message, *more]), None, n_known)
    if isinstance(learned, Loss):
        promise = _loss_promise(learned, known)
        words = _loss_words(promise)
    else:
        promise = _score_promise(learned, known)
        words = _score_words(promise, known)
    kept = check(promise)
    status: Literal["broken", "holds"] = "broken" if kept.p_value < LEVEL else "holds"
    is_beyond = inputs.most_outside(known.inputs)[1] > _OUTSIDE
    sentences = [_told(status, kept, n_known, words, is_beyond=is_beyond)]
    if status == "broken":
        sentences.append(_worst(signature, promise, kept))
    return Assumption(status, " ".join([*sentences, *more]), kept.p_value, n_known)


def _score_promise(learned: Confidence, known: Rows) -> Promise:
    expected, again = learned.probabilities(known.answers.score, known.inputs)
    # Squares of single probabilities would add their noise: those of the curve are smooth.
    smooth = learned.curve.probabilities(known.answers.score)
    event, score = known.answers.event, known.answers.score
    variance = smooth * (1 - smooth)
    regions = learned.regions(score, known.inputs)
    return Promise(event, expected, variance, again, score, regions, SHARE_TOLERANCE, slack=1.0)


def _loss_promise(learned: Loss, known: Rows) -> Promise:
    near = learned.near(known.answers, known.inputs)
    expected, squared = (near @ learned.means).T
    # Twicing may leave a mean square below the square of the mean where errors are all alike.
    variance = np.maximum(squared - expected**2, 0.05 * expected**2)
    observed = np.abs(known.answers.error)
    regions = learned.regions(known.answers, known.inputs)
    tolerance = LOSS_TOLERANCE * float(np.abs(expected).mean())
    again, order = (near @ learned.absolute).T, known.answers.answer
    return Promise(observed, expected, variance, again, order, regions, tolerance)


def _told(status: str, kept: Kept, n: int, words: str, *, is_beyond: bool) -> str:
    chance = "p < 0.001" if kept.p_value < 0.001 else f"p = {kept.p_value:.2g}"
    if status == "broken":
        beyond = ", or it was never learned for inputs such as these" if is_beyond else ""
        return (
            f"The relation of inputs and truth has changed{beyond}, so the estimate cannot be"
            f" believed here: on {n:,} rows with truth {words} ({chance})."
        )
    return f"The estimate agrees with the {n:,} truths that are known: {words} ({chance})."


def _score_words(promise: Promise, known: Rows) -> str:
    chosen = known.answers.chosen
    observed, expected = (
        float(np.clip(np.where(chosen, one, 1 - one).mean(), 0.0, 1.0))
        for one in (promise.observed, promise.expected)
    )
    return f"an accuracy of {percent(observed)} came where {percent(expected)} was expected"


def _loss_words(promise: Promise) -> str:
    observed, expected = float(promise.observed.mean()), float(promise.expected.mean())
    return f"a mean absolute error of {observed:.3g} came where {expected:.3g} was expected"


def _worst(signature: Signature, promise: Promise, kept: Kept) -> str:
    group = kept.worst
    low, high = promise.order[group].min(), promise.order[group].max()
    observed, expected = promise.observed[group].mean(), promise.expected[group].mean()
    if signature.task != "regression":  # single probabilities may leave [0, 1], and so few of them
        expected = np.clip(expected, 0.0, 1.0)
    which = "that are alike in their inputs"
    if kept.by_order and signature.task == "regression":
        which = f"answered with {low:.4g} to {high:.4g}"
    elif kept.by_order:
        which = f"with a score from {low:.2f} to {high:.2f}"
    said, event = f"Furthest off are {len(group):,} rows {which}", f"`{signature.positive}`"
    if signature.task == "regression":
        return f"{said}: errors of {observed:.3g}, where {expected:.3g} was expected."
    event = "right" if signature.task == "multiclass" else event
    return (
        f"{said}: {percent(observed)} of them are {event}, where {percent(expected)} was expected."
    )


def _remarks(learned: Confidence | Loss | None, n: int, rows: Rows, inputs: Inputs) -> list[str]:
    said = []
    if isinstance(learned, Confidence) and not learned.is_calibrated:
        said.append(
            f"Scores are taken as they are: {n:,} rows are too few to calibrate them"
            f" ({CALIBRATION_ROWS} and 10 of either kind are needed)."
        )
    name, share = inputs.most_outside(rows.inputs)
    if share > _OUTSIDE:
        said.append(
            f"`{name}` is outside the values that were learned from in {percent(share, 0)} of the"
            " rows: what is estimated there is carried over from the nearest known rows."
        )
    return said
