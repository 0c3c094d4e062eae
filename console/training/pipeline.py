"""From a signature and an algorithm to an unfitted scikit-learn pipeline.

Only scikit-learn's own classes: the service loads the artefact and knows no console. Numbers are
imputed (median) where training saw missing ones and scaled for linear models; categories and
booleans are one-hot encoded: a missing one is a category of its own, an unseen one is all zeros.
"""

from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from backend.versions.signature import Signature, Task
from console.training.algorithms import Algorithm

MOST_ITERATIONS = 1_000
MOST_ONE_HOT = 100  # rarer categories of a feature with more share one column


def build(
    signature: Signature, algorithm: Algorithm, parameters: dict[str, float], seed: int
) -> Pipeline:
    """An unfitted pipeline for what `Signature.matrix_of` gives.

    Args:
        signature: decides the preprocessing by the kinds of its features.
        algorithm: one of `ALGORITHMS`, able to do the signature's task.
        parameters: every hyper-parameter (`Algorithm.read`).
        seed: for the algorithms that draw; from 0 to 2**32 - 1.
    """
    steps: list[tuple[str, Any]] = []
    if signature.all_numeric:
        nullable = any(feature.nullable for feature in signature.features)
        steps += _numeric_steps(algorithm, nullable)
    else:
        steps.append(("columns", _by_column(signature, algorithm)))
    steps.append(("model", _estimator(algorithm.name, signature.task, parameters, seed)))
    return Pipeline(steps)


def _numeric_steps(algorithm: Algorithm, nullable: bool) -> list[tuple[str, Any]]:
    steps: list[tuple[str, Any]] = []
    if nullable and not algorithm.takes_missing:
        # A fold may see no value at all of a sparse column: it is kept, so that shapes agree.
        steps.append(("impute", SimpleImputer(strategy="median", keep_empty_features=True)))
    if algorithm.scales:
        steps.append(("scale", StandardScaler()))
    return steps


def _by_column(signature: Signature, algorithm: Algorithm) -> ColumnTransformer:
    numbers = [f for f in signature.features if f.is_numeric]
    others = [f for f in signature.features if not f.is_numeric]
    parts: list[tuple[str, Any, list[str]]] = []
    if numbers:
        steps = _numeric_steps(algorithm, any(f.nullable for f in numbers))
        step = Pipeline(steps) if steps else "passthrough"
        parts.append(("numbers", step, [f.name for f in numbers]))
    for place, feature in enumerate(others):
        crowded = len(feature.categories) > MOST_ONE_HOT
        # Dense, because gradient boosting takes nothing else.
        encoder = OneHotEncoder(
            handle_unknown="ignore",
            max_categories=MOST_ONE_HOT if crowded else None,
            sparse_output=False,
        )
        parts.append((f"category_{place}", encoder, [feature.name]))
    return ColumnTransformer(parts)


def _estimator(name: str, task: Task, parameters: dict[str, float], seed: int) -> Any:
    regression = task == "regression"
    if name == "logistic_regression":
        return LogisticRegression(**parameters, max_iter=MOST_ITERATIONS, random_state=seed)
    if name == "linear_regression":
        return Ridge(**parameters, random_state=seed)
    if name == "random_forest":
        forest = RandomForestRegressor if regression else RandomForestClassifier
        return forest(**parameters, random_state=seed)
    boosting = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    # It would stop early by itself on large tables: the number of trees means what it says.
    return boosting(**parameters, early_stopping=False, random_state=seed)
