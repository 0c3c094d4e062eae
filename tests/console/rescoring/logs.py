"""Logs to rescore: what one version answered to a problem's rows, and a version beside it."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from backend.records import predictions, registry
from backend.records.database import Database
from backend.records.predictions import Truth, Window
from backend.records.registry import Version
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from tests.conftest import Problem, new_version
from tests.console.log_rows import NOON, row

EVER = Window(0, 1 << 52)  # to the year 2112
SECOND = 1_000_000


@dataclass(frozen=True)
class Logged:
    """A log of `frame`'s rows, one a second from noon on, in its order, with what was answered."""

    version: Version
    frame: pd.DataFrame
    ids: list[str]
    answers: list[Any]


def log(
    database: Database,
    store: Store,
    version: Version,
    frame: pd.DataFrame,
    *,
    source: str = "live",
    start: int = NOON,
    features: pd.DataFrame | None = None,
) -> Logged:
    """Log what a version answers to rows; `features` are stored in place of those answered."""
    scored = artefacts.load(database, version, store).score_frame(frame)
    regression = scored.values is not None
    answers: list[Any] = (
        scored.values.tolist() if scored.values is not None else [*map(str, scored.labels or ())]
    )
    scores = [None] * len(frame) if scored.scores is None else scored.scores.tolist()
    names = [feature["name"] for feature in version.signature["features"]]
    stored = (frame if features is None else features)[names]
    rows = [
        row(
            version,
            start + place * SECOND,
            source=source,
            features=msgspec.json.encode([_plain(v) for v in values]).decode(),
            label=None if regression else answer,
            value=answer if regression else None,
            score=score,
        )
        for place, (values, answer, score) in enumerate(
            zip(stored.to_numpy(dtype=object).tolist(), answers, scores, strict=True)
        )
    ]
    predictions.append(database, rows)
    ids = [predictions.text_of(one.prediction_id) for one in rows]
    return Logged(version, frame.reset_index(drop=True), ids, answers)


def tell(database: Database, logged: Logged, truths: "pd.Series[Any]", start: int = NOON) -> None:
    """Report the truths of the first rows, an hour later."""
    number = logged.version.task == "regression"
    told = [
        Truth(
            key,
            None if number else str(truth),
            float(truth) if number else None,
            at=start + 3_600 * SECOND,
        )
        for key, truth in zip(logged.ids, truths.tolist(), strict=False)
    ]
    predictions.append_feedback(database, logged.version.model, told)


def other(
    database: Database, store: Store, problem: Problem, columns: list[str] | None = None, **of: Any
) -> Version:
    """Another version of a problem's model, of fewer columns and trained on half of its rows.

    Args:
        columns: the features; without them all.
        of: attributes of the signature that differ.
    """
    kept = columns or list(problem.frame.columns)
    half = problem.frame[kept].iloc[::2], problem.truth.iloc[::2]
    final = (
        LinearRegression()
        if problem.signature.task == "regression"
        else LogisticRegression(C=0.001, max_iter=500)
    )
    estimator = make_pipeline(StandardScaler(), final).fit(half[0].to_numpy(), half[1])
    signature = problem.signature.to_json() | {
        "features": [f for f in problem.signature.to_json()["features"] if f["name"] in kept]
    }
    made = Problem(
        problem.name,
        problem.frame[kept],
        problem.truth,
        Signature.from_json(signature | of),
        estimator,
    )
    new = new_version(made)
    version = registration.register(database, registration.add(database, new, store), store)
    return registry.version(database, version.model, version.number or 0)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and np.isnan(value):
        return None
    return value.item() if hasattr(value, "item") else value
