"""Tables whose relation of inputs and truth is known, versions fitted to them, and real tables."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_predict

from backend.records.registry import Version
from backend.settings import ROOT
from backend.versions.signature import Signature, Task, feature_of

Floats = NDArray[np.float64]
REFERENCE, HELDOUT = 2_000, 500
SHIFT = 0.6
"""Reference standard deviations by which two inputs move under a shift."""


@dataclass(frozen=True)
class Made:
    """A version, the rows kept with it, and how more rows are drawn and answered.

    `draw(random, n, case)` gives n rows with truth and answers; cases are those of the world.
    """

    version: Version
    reference: pd.DataFrame
    heldout: pd.DataFrame
    draw: Callable[[np.random.Generator, int, str], pd.DataFrame]


@dataclass(frozen=True)
class World:
    """A way to make versions.

    Attributes:
        title: for the table.
        task: of the versions.
        cases: of the windows, the first ones with the relation that was learned.
        make: a version from a random state.
    """

    title: str
    task: Task
    cases: tuple[str, ...]
    make: Callable[[np.random.Generator], Made]


def version_of(signature: Signature) -> Version:
    """A version that was never registered: only its signature is read."""
    return Version(
        id=1, model="simulated", number=1, algorithm="", task=signature.task, parameters={},
        metrics={}, evaluation={}, signature=signature.to_json(), data={}, environment={},
        trained_seconds=0.0, note="", created_at=0, created_by="", registered_at=0,
        compilation=None, manifest=None, files={}, aliases=(),
    )  # fmt: skip


def answered(estimator: Any, signature: Signature, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with the answers that the log would hold."""
    rows = frame[signature.names].to_numpy()
    if signature.task == "regression":
        return frame.assign(__value__=estimator.predict(rows))
    return _labelled(signature, frame, estimator.predict_proba(rows))


def _labelled(signature: Signature, frame: pd.DataFrame, shares: Any) -> pd.DataFrame:
    chosen = shares.argmax(axis=1)
    scores = shares.max(axis=1)
    if signature.task == "binary":
        scores = shares[:, signature.labels.index(signature.positive)]
    return frame.assign(__label__=[signature.labels[i] for i in chosen], __score__=scores)


def kept(
    estimator: Any, signature: Signature, training: pd.DataFrame, heldout: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit; the reference with out-of-fold answers and the held-out rows with final ones."""
    rows, truth = training[signature.names].to_numpy(), training["__truth__"].to_numpy()
    if signature.task == "regression":
        reference = training.assign(__value__=cross_val_predict(estimator, rows, truth, cv=4))
    else:
        shares = cross_val_predict(estimator, rows, truth, cv=4, method="predict_proba")
        reference = _labelled(signature, training, shares)
    estimator.fit(rows, truth)
    return reference, answered(estimator, signature, heldout)


def _simulated(task: Task, estimator: Callable[[], Any]) -> Callable[[np.random.Generator], Made]:
    def make(random: np.random.Generator) -> Made:
        training = _rows(random, REFERENCE, task, "as learned")
        features = tuple(feature_of(training[name]) for name in "abcde")
        labels = ("no", "yes") if task == "binary" else ()
        signature = Signature(features, "truth", task, labels, "yes" if labels else None)
        fitted = estimator()
        tables = kept(fitted, signature, training, _rows(random, HELDOUT, task, "as learned"))

        def draw(random: np.random.Generator, n: int, case: str) -> pd.DataFrame:
            return answered(fitted, signature, _rows(random, n, task, case))

        return Made(version_of(signature), *tables, draw)

    return make


def _rows(random: np.random.Generator, n: int, task: Task, case: str) -> pd.DataFrame:
    """Rows of the simulated worlds: five normal inputs, three of which matter."""
    rows = random.normal(size=(n, 5))
    if case == "other inputs":
        rows[:, :2] += SHIFT
    a, b, c = rows[:, 0], rows[:, 1], rows[:, 2]
    changed = case == "changed relation"
    if task == "binary":
        odds = 1.5 * a + (-0.5 if changed else 1) * (0.7 * b + 0.5 * a * b) + 0.5 * c
        truth: Any = np.where(random.random(n) < expit(odds), "yes", "no")
    else:
        noise = random.normal(size=n) * (0.5 + np.abs(a))
        truth = 2 * a + b + 0.5 * b**2 + (1.5 * c if changed else 0) + noise
    return pd.DataFrame(rows, columns=list("abcde")).assign(__truth__=truth)


def _table(
    frame: pd.DataFrame, by: str, signature: Signature, estimator: Callable[[], Any]
) -> Callable[[np.random.Generator], Made]:
    """Versions from half of a real table; windows from the other, drawn by the feature `by`."""

    def make(random: np.random.Generator) -> Made:
        order = random.permutation(len(frame))
        half = len(frame) // 2
        training, rest = frame.iloc[order[:half]], frame.iloc[order[half:]]
        fitted = estimator()
        cut = len(training) * 4 // 5
        tables = kept(fitted, signature, training.iloc[:cut], training.iloc[cut:])
        rest = answered(fitted, signature, rest)

        def draw(random: np.random.Generator, n: int, case: str) -> pd.DataFrame:
            high = rest[by].rank(pct=True).to_numpy()
            weights = np.exp(2 * high) if case == "other inputs" else np.ones(len(rest))
            places = random.choice(len(rest), n, replace=False, p=weights / weights.sum())
            return rest.iloc[places]

        return Made(version_of(signature), *tables, draw)

    return make


def _bikes(task: Task) -> World:
    table = pd.read_csv(ROOT / "data" / "bikeshare.csv")
    names = ["hr", "weekday", "workingday", "temp", "atemp", "hum", "windspeed"]
    frame = table[names].astype(float)
    many = table["bikers"] > table["bikers"].median()
    truth = np.where(many, "yes", "no") if task == "binary" else table["bikers"].astype(float)
    labels = ("no", "yes") if task == "binary" else ()
    features = tuple(feature_of(frame[name]) for name in names)
    signature = Signature(features, "bikers", task, labels, "yes" if labels else None)
    kind: Any = HistGradientBoostingClassifier if labels else HistGradientBoostingRegressor
    make = _table(frame.assign(__truth__=truth), "temp", signature, lambda: kind(max_iter=60))
    return World(f"bike share, {task}, by temperature", task, CASES[:2], make)


def _digits(title: str, estimator: Callable[[], Any]) -> World:
    bunch = load_digits(as_frame=True)
    frame = bunch.data.assign(ink=bunch.data.sum(axis=1))
    features = tuple(feature_of(frame[name]) for name in frame.columns)
    labels = tuple(str(label) for label in range(10))
    signature = Signature(features, "digit", "multiclass", labels)
    make = _table(frame.assign(__truth__=bunch.target.astype(str)), "ink", signature, estimator)
    return World(title, "multiclass", CASES[:2], make)


CASES = ("as learned", "other inputs", "changed relation")


def worlds() -> dict[str, World]:
    """All, by name; the simulated ones first."""
    boosted = {"max_iter": 60, "max_leaf_nodes": 8}
    return {
        "logistic": World(
            "simulated, logistic regression", "binary", CASES,
            _simulated("binary", LogisticRegression),
        ),
        "boosted": World(
            "simulated, boosted classifier", "binary", CASES,
            _simulated("binary", lambda: HistGradientBoostingClassifier(**boosted)),
        ),
        "linear": World(
            "simulated, linear regression", "regression", CASES,
            _simulated("regression", LinearRegression),
        ),
        "boosted regression": World(
            "simulated, boosted regression", "regression", CASES,
            _simulated("regression", lambda: HistGradientBoostingRegressor(**boosted)),
        ),
        "bikes": _bikes("regression"),
        "busy hours": _bikes("binary"),
        "penalised digits": _digits(
            "digits, multiclass, by ink: a regression that is penalised hard",
            lambda: LogisticRegression(C=1e-5, max_iter=200),
        ),
        "digits": _digits(
            "digits, multiclass, by ink: a shallow forest",
            lambda: RandomForestClassifier(50, max_depth=4, n_jobs=1, random_state=0),
        ),
    }  # fmt: skip
