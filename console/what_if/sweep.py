"""How the answer moves as one feature moves and the others stay."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from backend.versions.features import Feature
from backend.versions.signature import Scalar, Signature
from console.what_if.answers import read_answer

POINTS = 41
MOST_CATEGORIES = 25


def grid(feature: Feature, now: Any = None, points: int = POINTS) -> list[Any]:
    """The values to try: evenly over the range of training, or the categories.

    Args:
        now: the present value; it is among them, though it may lie outside the range.
        points: how many of a number; integers have at most one each.
    """
    if feature.kind == "boolean":
        return [False, True]
    if feature.kind == "category":
        found = list(feature.categories[:MOST_CATEGORIES])
        return found if now is None or now in found else [now, *found]
    low, high = feature.minimum or 0.0, feature.maximum or 0.0
    if now is not None:
        low, high = min(low, now), max(high, now)
    values: list[float] = np.linspace(low, high, points).tolist()
    if feature.kind == "integer":
        return sorted(
            {round(value) for value in values} | ({int(now)} if now is not None else set())
        )
    return sorted({*values, *([float(now)] if now is not None else [])})


def ranked(signature: Signature, evaluation: Mapping[str, Any]) -> list[str]:
    """The features' names, those that matter most to the version's answers first.

    Args:
        evaluation: the version's; its permutation importance is used where it has one.
    """
    known = [row["feature"] for row in evaluation.get("importance", {}).get("features", [])]
    first = [name for name in known if name in signature.names]
    return first + [name for name in signature.names if name not in first]


def instances(values: Mapping[str, Any], name: str, tried: Sequence[Any]) -> list[dict[str, Any]]:
    """The row once for each value of one feature."""
    return [{**values, name: value} for value in tried]


def curve(
    signature: Signature,
    tried: Sequence[Any],
    answers: Sequence[Mapping[str, Any]],
    now: Any,
    label: Scalar = None,
) -> pd.DataFrame:
    """What the service answered along a feature.

    Args:
        label: the class whose probability is drawn (classification).

    Returns:
        One row per value: `input` (a number or text), `answer` (a probability in [0, 1], or the
        value in the target's unit), `decision` (the label, or the value as text), `is_now`.
    """
    read = [read_answer(signature, answer) for answer in answers]
    drawn = [
        answer.value if signature.task == "regression" else answer.probabilities[str(label)]
        for answer in read
    ]
    numeric = all(isinstance(value, (int, float)) for value in tried) and not any(
        isinstance(value, bool) for value in tried
    )
    return pd.DataFrame(
        {
            "input": tried if numeric else [str(value) for value in tried],
            "answer": drawn,
            "decision": [answer.decision for answer in read],
            "is_now": [value == now for value in tried],
        }
    )
