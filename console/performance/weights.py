"""How much more often rows like a reference row come now: the ratio of the densities of inputs.

A classifier that tells reference rows from current ones knows it: the odds that it gives a row,
times the ratio of the numbers of rows (Bickel, Brückner and Scheffer 2007, "Discriminative learning
for differing training and test distributions"; importance weights under covariate shift: Sugiyama,
Krauledat and Müller 2007, JMLR 8).
"""

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from console.drift.statistics import Floats

FOLDS = 3
# One row must not speak for a hundred others.
LARGEST = 50.0


def density_ratio(reference: Floats, current: Floats, seed: int = 0) -> Floats:
    """The weight of each reference row; 1 each where the two sides cannot be told apart.

    A logistic curve, boosted trees and no classifier at all compete for the least log loss on rows
    that they did not learn from, and each weight comes from rows other than its own.

    Args:
        reference, current: inputs, shapes (n, features) and (m, features), at least 3 rows each;
            NaN for missing.
        seed: of the folds.

    Returns:
        Shape (n,), in [0, 50], as they are: their mean is about 1 where the current rows lie among
        the reference's, and less where these have none like them.
    """
    rows = np.vstack([reference, current])
    side = np.repeat([0, 1], [len(reference), len(current)])
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(rows, side))
    best = np.full(len(rows), len(current) / len(rows))
    for classifier in _classifiers(seed):
        shares = np.zeros(len(rows))
        for learned, held in folds:
            classifier.fit(rows[learned], side[learned])
            shares[held] = classifier.predict_proba(rows[held])[:, 1]
        if log_loss(side, shares) < log_loss(side, best):
            best = shares
    shares = np.clip(best[: len(reference)], 0.0, 1 - 1e-9)
    ratio: Floats = shares / (1 - shares) * len(reference) / len(current)
    return np.minimum(ratio, LARGEST)


def effective_rows(weights: Floats) -> float:
    """As many equally weighted rows would tell as much: (Σw)² / Σw² (Kish 1965, chapter 8)."""
    squares = float((weights**2).sum())
    return float(weights.sum() ** 2 / squares) if squares > 0 else 0.0


def _classifiers(seed: int) -> tuple[Any, Any]:
    logistic = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(max_iter=200),
    )
    boosted = HistGradientBoostingClassifier(
        max_iter=60,
        max_leaf_nodes=8,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
    return logistic, boosted
