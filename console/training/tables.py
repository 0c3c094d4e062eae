"""The two tables kept with a version: the reference and the held-out rows, with their answers."""

from typing import Any

import numpy as np
import pandas as pd

from backend.versions.artefacts import pack_table
from backend.versions.scorer import Scored
from console.training.plan import Plan
from console.training.targets import Array

REFERENCE_ROWS = 10_000


def reference(plan: Plan, scored: Scored, seed: int) -> bytes:
    """At most 10,000 training rows, drawn at random and left in order, as parquet.

    Args:
        plan: what was trained.
        scored: out-of-fold answers to `plan.split.training`.
        seed: of the draw.
    """
    frame = _with_answers(plan, plan.split.training, scored)
    return pack_table(frame.iloc[reference_rows(plan, seed)])


def reference_rows(plan: Plan, seed: int) -> Array:
    """Which of the training rows are the reference: places in `plan.split.training`, in order."""
    n = len(plan.split.training)
    return np.sort(np.random.default_rng(seed).permutation(n)[:REFERENCE_ROWS])


def heldout(plan: Plan, scored: Scored) -> bytes:
    """The held-out rows as parquet; `__row__` is a row's number in the data set."""
    frame = _with_answers(plan, plan.split.heldout, scored)
    frame["__row__"] = plan.frame.index.to_numpy()[plan.split.heldout]
    return pack_table(frame)


def _with_answers(plan: Plan, rows: Array, scored: Scored) -> pd.DataFrame:
    part = plan.frame.iloc[rows]
    columns: dict[str, Any] = {name: part[name].to_numpy() for name in plan.signature.names}
    matrix = plan.matrix(rows)
    for feature in plan.signature.features:
        if not feature.is_numeric:  # text, or true and false, with None for missing
            columns[feature.name] = matrix[feature.name].to_numpy()
    columns["__truth__"] = plan.target.values[rows]
    if scored.labels is None:
        columns["__value__"] = scored.values
    else:
        columns["__label__"] = list(scored.labels)
        columns["__score__"] = scored.scores
    return pd.DataFrame(columns)
