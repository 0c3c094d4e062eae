"""Versions made by hand, quicker than by training, for the tests of comparison."""

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from backend.records.database import Database
from backend.records.registry import Version
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from backend.versions.signature import Signature, Task, feature_of
from tests.conftest import Problem, new_version


def problem_of(
    frame: pd.DataFrame,
    target: str,
    task: Task = "binary",
    *,
    columns: list[str] | None = None,
    positive: Any = None,
    trained: int | None = None,
) -> Problem:
    """A model fitted to the first `trained` rows of a table, of its numeric `columns`."""
    names = columns or [name for name in frame.columns if name != target]
    rows = frame if trained is None else frame.iloc[:trained]
    final = LinearRegression() if task == "regression" else LogisticRegression(max_iter=500)
    estimator = make_pipeline(SimpleImputer(), StandardScaler(), final).fit(
        rows[names].to_numpy(), rows[target]
    )
    labels = () if task == "regression" else tuple(np.asarray(estimator.classes_).tolist())
    signature = Signature(
        features=tuple(feature_of(frame[name]) for name in names),
        target=target,
        task=task,
        labels=labels,
        positive=(labels[-1] if positive is None else positive) if task == "binary" else None,
    )
    return Problem("made", frame[names], frame[target], signature, estimator)


def version_of(
    database: Database,
    store: Store,
    problem: Problem,
    *,
    model: str = "made",
    heldout: "range | None" = None,
    **data: Any,
) -> Version:
    """A registered version; `heldout` are the rows of its table that it held out, else all.

    `data` are fields of its description of the data, as `fingerprint`, `until` and `time`.
    """
    new = new_version(problem, model=model)
    files = dict(new.files)
    if heldout is not None:
        whole = pd.read_parquet(io.BytesIO(files[artefacts.HELDOUT]))
        files[artefacts.HELDOUT] = artefacts.pack_table(whole.iloc[heldout.start : heldout.stop])
    made = replace(new, data=new.data | data, files=files)
    return registration.register(database, registration.add(database, made, store), store)


def shopping(rows: int = 400, seed: int = 5) -> pd.DataFrame:
    """Two inputs and what follows from them, with noise: `bought` (yes or no) and `spent`."""
    draw = np.random.default_rng(seed)
    age, visits = draw.normal(40, 10, rows), draw.integers(0, 20, rows)
    drawn = 0.08 * (age - 40) + 0.25 * (visits - 10) + draw.normal(0, 1, rows)
    return pd.DataFrame(
        {
            "age": age.round(3),
            "visits": visits,
            "bought": np.where(drawn > 0, "yes", "no"),
            "spent": (50 + 10 * drawn).round(2),
        }
    )


def buyers(seed: int = 5, **more: Any) -> Problem:
    """A model of `bought` from `shopping`."""
    return problem_of(shopping(seed=seed).drop(columns="spent"), "bought", **more)
