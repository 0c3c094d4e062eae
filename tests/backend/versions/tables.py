"""A table with every kind of column, which the tests of compiling share."""

from typing import Any

import numpy as np
import pandas as pd

from backend.versions.signature import Signature, feature_of


def table(rows: int = 400, seed: int = 5) -> pd.DataFrame:
    """Whole numbers, numbers, a category and a boolean with missing values; a target a task."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "whole": draw.integers(0, 12, rows),
            "size": draw.normal(0, 1, rows),
            "colour": draw.choice(["red", "green", "blue"], rows).astype(object),
            "member": (draw.random(rows) < 0.5).astype(object),
        }
    )
    drift = frame["size"] + (frame["colour"] == "red") - 0.1 * frame["whole"]
    noisy = drift + draw.normal(0, 1, rows)
    frame["two"] = np.where(noisy > 0, "yes", "no")
    frame["three"] = np.select([noisy < -1, noisy < 0.5], ["a", "b"], "c")
    frame["value"] = noisy
    for place, name in enumerate(("size", "colour", "member")):
        frame.loc[frame.index % 9 == place, name] = None
    return frame


def signature_of(frame: pd.DataFrame, names: list[str], target: str) -> Signature:
    labels = () if target == "value" else tuple(sorted(set(frame[target])))
    task: Any = {"two": "binary", "three": "multiclass", "value": "regression"}[target]
    features = tuple(feature_of(frame[name]) for name in names)
    return Signature(features, target, task, labels, "yes" if target == "two" else None)
