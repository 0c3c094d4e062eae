"""How good answers are, in one number each; every function is scikit-learn's.

Binary: accuracy, roc_auc, average_precision, f1 (of the positive label), log_loss, brier.
Multiclass: accuracy, macro_f1, log_loss, roc_auc_ovr (each label against the rest, averaged).
Regression: mae and rmse in the target's unit, r2.
"""

import math
from typing import Any

import numpy as np
from sklearn import metrics as sk

from backend.versions.scorer import Scored
from backend.versions.signature import Signature
from console.training.targets import Array, Target

TITLES = {
    "accuracy": "Accuracy",
    "roc_auc": "ROC AUC",
    "average_precision": "Average precision",
    "f1": "F1 of the positive label",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "macro_f1": "F1, mean of the labels",
    "roc_auc_ovr": "ROC AUC, each label against the rest",
    "mae": "Mean absolute error",
    "rmse": "Root mean squared error",
    "r2": "R²",
}
LOWER_IS_BETTER = frozenset({"log_loss", "brier", "mae", "rmse"})


def metrics_of(
    signature: Signature, target: Target, rows: Array, scored: Scored
) -> dict[str, float]:
    """The metrics of answers to `rows` (positions), by name; what is undefined is left out.

    A ROC AUC is undefined when a label does not occur in the rows.
    """
    if signature.task == "regression":
        return _finite(_regression(target.values[rows], scored.values))
    codes = target.codes[rows]
    assert scored.probabilities is not None  # noqa: S101  # every classification has them
    if signature.task == "binary":
        place = signature.labels.index(signature.positive)
        return _finite(_binary(codes == place, scored.probabilities, place))
    return _finite(_multiclass(codes, scored.probabilities))


def summary(folds: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation (n - 1) over the folds in which a metric is defined."""
    found = {}
    for name in TITLES:
        values = [fold[name] for fold in folds if name in fold]
        if len(values) > 1:
            found[name] = {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}
    return found


def _binary(truth: Array, shares: Array, place: int) -> dict[str, float]:
    scores, chosen = shares[:, place], shares.argmax(axis=1) == place
    found = {
        "accuracy": sk.accuracy_score(truth, chosen),
        "f1": sk.f1_score(truth, chosen, zero_division=0.0),
        "log_loss": sk.log_loss(truth, scores, labels=[False, True]),
        "brier": sk.brier_score_loss(truth, scores, labels=[False, True], pos_label=True),
    }
    if truth.any() and not truth.all():
        found["roc_auc"] = sk.roc_auc_score(truth, scores)
        found["average_precision"] = sk.average_precision_score(truth, scores)
    return found


def _multiclass(codes: Array, shares: Array) -> dict[str, float]:
    labels = np.arange(shares.shape[1])
    chosen = shares.argmax(axis=1)
    found = {
        "accuracy": sk.accuracy_score(codes, chosen),
        "macro_f1": sk.f1_score(codes, chosen, labels=labels, average="macro", zero_division=0.0),
        "log_loss": sk.log_loss(codes, shares, labels=labels),
    }
    if len(np.unique(codes)) == len(labels):
        found["roc_auc_ovr"] = sk.roc_auc_score(codes, shares, multi_class="ovr", labels=labels)
    return found


def _regression(truth: Array, values: Any) -> dict[str, float]:
    found = {
        "mae": sk.mean_absolute_error(truth, values),
        "rmse": sk.root_mean_squared_error(truth, values),
    }
    if len(truth) > 1 and np.ptp(truth) > 0:
        found["r2"] = sk.r2_score(truth, values)
    return found


def _finite(found: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in found.items() if math.isfinite(value)}
