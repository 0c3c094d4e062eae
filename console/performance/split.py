"""A change of performance, split into other inputs and a changed relation.

Had the relation of inputs and truth stayed, the loss on current inputs would be that of the
reference rows, weighted to look like the current ones (Cai, Namkoong and Yadlowsky 2023,
"Diagnosing Model Performance Under Distribution Shift"). Weights alone are at the mercy of the
classifier that they come from. So a model of the loss, learned on other reference rows, predicts it
on the current inputs, and the weights correct only what that model leaves over: the doubly robust
estimate, right if either is (Robins, Rotnitzky and Zhao 1994; for covariate shift: Reddi, Póczos
and Smola 2015, "Doubly Robust Covariate Shift Correction").
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold

from backend.records.registry import Version
from backend.versions.signature import Signature
from console.drift.statistics import Floats
from console.performance.answers import Answers
from console.performance.inputs import Inputs
from console.performance.results import METRICS, Metric, Split
from console.performance.split_words import sentence
from console.performance.weights import FOLDS, density_ratio, effective_rows

LEAST_ROWS = 50
LEAST_EFFECTIVE = 30
# Of the weights before they are made to sum up: below it, half of the current rows and more lie
# where the reference has none.
LEAST_SUPPORT = 0.5
# More rows would narrow the intervals little and keep a page waiting.
MOST_ROWS = 10_000
RESAMPLES, _BATCH = 500, 50


@dataclass(frozen=True)
class _Side:
    """The losses and inputs of rows with truth: shapes (n,) and (n, features)."""

    losses: Floats
    inputs: Floats


def split(version: Version, reference: pd.DataFrame, rows: pd.DataFrame) -> Split:
    """Split the change of the first metric that is a mean of losses: accuracy, or MAE.

    Args:
        version: whose.
        reference: rows kept with it: the features, `__truth__` and out-of-fold answers. More than
            10,000 rows of either side are a random 10,000.
        rows: logged rows as `backend.records.log.features` gives them; those without truth are
            left out.

    Returns:
        `total` is the change of the metric; for accuracy a fall is negative, for the mean absolute
        error a rise is positive. Truths of some rows only stand for all if which of them are known
        does not depend on the errors.
    """
    signature = Signature.from_json(version.signature)
    metric = METRICS[signature.task][0]
    was, now = _sides(signature, reference, rows)
    n, m = len(was.losses), len(now.losses)
    if min(n, m) < LEAST_ROWS:
        return _empty(metric, n, m)
    sign = -1.0 if metric.greater_is_better else 1.0
    before, after = ((1.0 if sign < 0 else 0.0) + sign * float(x.losses.mean()) for x in (was, now))
    weights = density_ratio(was.inputs, now.inputs)
    effective = effective_rows(weights)
    found = replace(
        _empty(metric, n, m),
        reference=before,
        current=after,
        total=after - before,
        effective_rows=effective,
    )
    if effective < LEAST_EFFECTIVE or weights.mean() < LEAST_SUPPORT:
        return _told(replace(found, status="no_overlap"))
    parts = sign * _parts(was, now, weights)
    inputs, relation = (sorted(ends) for ends in parts[:, 1:].tolist())
    return _told(
        replace(
            found,
            inputs=float(parts[0, 0]),
            relation=float(parts[1, 0]),
            inputs_low=inputs[0],
            inputs_high=inputs[1],
            relation_low=relation[0],
            relation_high=relation[1],
            status="ok",
        )
    )


def _empty(metric: Metric, n: int, m: int) -> Split:
    """The split of too few rows."""
    found = Split(
        metric, *(None,) * 10, n_reference=n, n_current=m, status="not_enough_rows", message=""
    )
    return _told(found)


def _told(found: Split) -> Split:
    return replace(found, message=sentence(found, LEAST_ROWS))


def _sides(
    signature: Signature, reference: pd.DataFrame, rows: pd.DataFrame
) -> tuple[_Side, _Side]:
    tables = []
    for frame in (reference, rows):
        answers = Answers.of(signature, frame)
        answers = answers.where(answers.known)
        chosen = np.random.default_rng(0).permutation(len(answers.truth))[:MOST_ROWS]
        tables.append((answers, np.sort(chosen), frame))
    inputs, _ = Inputs.of(signature, reference)
    was, now = (
        _Side(_losses(signature, answers)[some], inputs.matrix(frame.iloc[answers.places[some]]))
        for answers, some, frame in tables
    )
    return was, now


def _losses(signature: Signature, answers: Answers) -> Floats:
    if signature.task == "regression":
        return np.abs(answers.error)
    return np.asarray(answers.truth != answers.answer, dtype=np.float64)


def _parts(was: _Side, now: _Side, weights: Floats) -> Floats:
    """Of the change of the mean loss: the parts by inputs and by relation.

    The intervals are those of a bootstrap of the rows in which weights and loss model stay: what
    these err by multiplies in a doubly robust estimate, so it is small beside the rows' chance.

    Returns:
        Shape (2, 3): a row each for inputs and relation; the value, its lower and upper end.
    """
    left_over, there = _modelled(was, now)
    random = np.random.default_rng(0)

    def change(of: Floats, at: Floats) -> Floats:
        """Both parts for weights of the reference's and of the current rows, shapes (k, rows)."""
        of, at = of / of.sum(axis=1)[:, None], at / at.sum(axis=1)[:, None]
        drawn = of * weights
        expected = at @ there + (drawn @ left_over) / drawn.sum(axis=1)
        return np.array([expected - of @ was.losses, at @ now.losses - expected])

    point = change(np.ones((1, len(was.losses))), np.ones((1, len(now.losses))))
    batches = [
        change(
            random.standard_exponential((_BATCH, len(was.losses))),
            random.standard_exponential((_BATCH, len(now.losses))),
        )
        for _ in range(RESAMPLES // _BATCH)
    ]
    low, high = np.quantile(np.concatenate(batches, axis=1), [0.025, 0.975], axis=1)
    found: Floats = np.column_stack([point, low, high])
    return found


def _modelled(was: _Side, now: _Side) -> tuple[Floats, Floats]:
    """What a model of the loss leaves over on reference rows, and what it expects of current ones.

    A reference row is predicted by the model that has not seen it; a current row by the mean of
    all of them.
    """
    left_over, there = np.zeros(len(was.losses)), np.zeros(len(now.losses))
    for learned, held in KFold(FOLDS, shuffle=True, random_state=0).split(was.inputs):
        model = HistGradientBoostingRegressor(
            max_iter=40, max_leaf_nodes=8, min_samples_leaf=20, early_stopping=False, random_state=0
        ).fit(was.inputs[learned], was.losses[learned])
        left_over[held] = was.losses[held] - model.predict(was.inputs[held])
        there += model.predict(now.inputs) / FOLDS
    return left_over, there
