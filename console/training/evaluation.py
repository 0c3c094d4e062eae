"""What a version's page draws: an evaluation on the held-out rows, as JSON.

    every task          importance {metric, rows, repeats, features: [{feature, mean, sd}]}
    classification      confusion {labels, matrix[truth][predicted]}, calibration [{lower, upper,
                        mean_score, observed, n}], per_label [{label, precision, recall, f1, n}]
    binary as well      roc {fpr, tpr, threshold}, pr {recall, precision, threshold}
    regression          residuals {edges, counts, mean, sd} in the target's unit, and
                        points [{row, truth, value}]

A calibration bin without rows is left out. Every number is finite.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
from sklearn import metrics as sk
from sklearn.inspection import permutation_importance

from backend.versions.scorer import Scored
from backend.versions.signature import Signature
from console.training.targets import Array, Target

CURVE_POINTS = 100
CALIBRATION_BINS = 10
RESIDUAL_BINS = 30
MOST_POINTS = 500
IMPORTANCE_ROWS = 500
IMPORTANCE_REPEATS = 5
WIDE = 100  # features; a wider table is shuffled once a feature only


def evaluate(
    signature: Signature, target: Target, heldout: Array, scored: Scored, row_ids: Array
) -> dict[str, Any]:
    """All of the above but `importance`, for answers to the held-out positions."""
    if signature.task == "regression":
        truth = target.values[heldout]
        return as_json(_residuals(truth, scored.values) | _points(truth, scored.values, row_ids))
    codes = target.codes[heldout]
    shares: Any = scored.probabilities
    found = _confusion(signature, codes, shares.argmax(axis=1))
    if signature.task == "binary":
        place = signature.labels.index(signature.positive)
        truth = codes == place
        found |= {"calibration": calibration(truth, shares[:, place])}
        found |= _curves(truth, shares[:, place])
    else:
        right = codes == shares.argmax(axis=1)
        found |= {"calibration": calibration(right, shares.max(axis=1))}
    return as_json(found)


def importance(
    signature: Signature, estimator: Any, matrix: Any, truth: Array, seed: int
) -> dict[str, Any]:
    """How much worse the answers get when one feature's values are shuffled among the rows.

    Permutation importance (Breiman 2001, Random forests, section 10) on at most 500 held-out
    rows; worse means a higher log loss, for a regression a higher RMSE in the target's unit.
    Zero: the answers do not depend on the feature. Features that say the same share what they
    know, and each then seems to matter less. Largest first.
    """
    rows = np.sort(np.random.default_rng(seed).permutation(len(truth))[:IMPORTANCE_ROWS])
    repeats = IMPORTANCE_REPEATS if len(signature.features) <= WIDE else 1
    few = matrix.iloc[rows] if isinstance(matrix, pd.DataFrame) else matrix[rows]
    regression = signature.task == "regression"
    found = permutation_importance(
        estimator,
        few,
        truth[rows],
        scoring="neg_root_mean_squared_error" if regression else _log_score,
        n_repeats=repeats,
        random_state=seed,
    )
    order = np.argsort(-found.importances_mean, kind="stable")
    features = [
        {
            "feature": signature.features[i].name,
            "mean": found.importances_mean[i],
            "sd": found.importances_std[i],
        }
        for i in order
    ]
    metric = "rmse" if regression else "log_loss"
    return as_json({"metric": metric, "rows": len(rows), "repeats": repeats, "features": features})


def calibration(right: Array, scores: Array) -> list[dict[str, float]]:
    """Ten bins of equal width over [0, 1]: the mean score of each and the share observed."""
    places = np.minimum((scores * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return [
        {
            "lower": place / CALIBRATION_BINS,
            "upper": (place + 1) / CALIBRATION_BINS,
            "mean_score": float(scores[places == place].mean()),
            "observed": float(right[places == place].mean()),
            "n": int((places == place).sum()),
        }
        for place in np.unique(places).tolist()
    ]


def as_json(document: dict[str, Any]) -> dict[str, Any]:
    """Plain Python values; a number that is not finite becomes None."""
    return {str(key): _plain(value) for key, value in document.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return as_json(value)
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _log_score(estimator: Any, matrix: Any, truth: Array) -> float:
    shares = estimator.predict_proba(matrix)
    return -float(sk.log_loss(truth, shares, labels=estimator.classes_))


def _confusion(signature: Signature, codes: Array, chosen: Array) -> dict[str, Any]:
    places = np.arange(len(signature.labels))
    precision, recall, f1, n = sk.precision_recall_fscore_support(
        codes, chosen, labels=places, zero_division=0.0
    )
    return {
        "confusion": {
            "labels": list(signature.labels),
            "matrix": sk.confusion_matrix(codes, chosen, labels=places),
        },
        "per_label": [
            {
                "label": label,
                "precision": precision[i],
                "recall": recall[i],
                "f1": f1[i],
                "n": n[i],
            }
            for i, label in enumerate(signature.labels)
        ],
    }


def _curves(truth: Array, scores: Array) -> dict[str, Any]:
    """ROC and precision-recall; empty if only one of the two labels occurs."""
    if truth.all() or not truth.any():
        return {}
    fpr, tpr, cuts = sk.roc_curve(truth, scores)
    thin = _thinned(len(fpr))
    # The first point's threshold is infinite: nothing is called positive there.
    roc = {"fpr": fpr[thin], "tpr": tpr[thin], "threshold": np.minimum(cuts[thin], 1.0)}
    precision, recall, cuts = sk.precision_recall_curve(truth, scores, drop_intermediate=True)
    thin = _thinned(len(recall))
    cuts = np.append(cuts, 1.0)  # the last point has no threshold of its own
    pr = {"recall": recall[thin], "precision": precision[thin], "threshold": cuts[thin]}
    return {"roc": roc, "pr": pr}


def _thinned(n: int) -> Array:
    """At most 100 positions of n, evenly apart, with both ends."""
    return np.unique(np.linspace(0, n - 1, min(n, CURVE_POINTS)).round().astype(int))


def _residuals(truth: Array, values: Any) -> dict[str, Any]:
    """Truth minus answer: positive where the answer was too low."""
    residuals = truth - values
    counts, edges = np.histogram(residuals, bins=RESIDUAL_BINS)
    sd = residuals.std(ddof=1) if len(residuals) > 1 else 0.0
    return {
        "residuals": {"edges": edges, "counts": counts, "mean": residuals.mean(), "sd": sd},
    }


def _points(truth: Array, values: Any, row_ids: Array) -> dict[str, Any]:
    # Evenly through the rows, so that rows in time order are shown from first to last.
    some = np.unique(np.linspace(0, len(truth) - 1, min(len(truth), MOST_POINTS)).astype(int))
    points = [{"row": row_ids[i], "truth": truth[i], "value": values[i]} for i in some]
    return {"points": points}
