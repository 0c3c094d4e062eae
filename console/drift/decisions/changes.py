"""What putting a column back does to the answers: how many change, which way, and where."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.versions.signature import Signature, Task
from console.drift.decisions.intervals import effective_rows, wilson
from console.drift.decisions.rescoring import Answers, Effect


@dataclass(frozen=True)
class Scope:
    """What the changes are of.

    Attributes:
        task: the version's.
        n: the sampled rows that were answered again.
        n_window: the rows of the window that they stand for.
        n_reference: the reference's.
        least: by how much a regression's answer moves to count as changed: 0.1 standard
            deviations of the reference's answers, in the target's unit; 0 for a classification.
    """

    task: Task
    n: int
    n_window: int
    n_reference: int
    least: float = 0.0


@dataclass(frozen=True)
class Change:
    """What putting one feature back does.

    Attributes:
        feature, title: its name; its name for people, with its unit.
        changed, low, high: the share of answers that change, in [0, 1], with its 95 % interval.
        rows: how many answers of the whole window that are; an estimate.
        score_change: the mean over all rows of `Effect.shift`.
        up, down: the shares of all answers that change to more and to less (regression), or to
            and from the positive label (binary); NaN for several labels.
        moves: one row for each pair of different labels, most frequent first: from (the label as
            the rows are), to (the label put back), n (sampled rows), rows (of the window, an
            estimate). Empty for a regression.
        segments: as `segments.standing_out` gives them.
    """

    feature: str
    title: str
    changed: float
    low: float
    high: float
    rows: int
    score_change: float
    up: float
    down: float
    moves: pd.DataFrame
    segments: pd.DataFrame


def change_of(
    names: tuple[str, str],
    signature: Signature,
    scope: Scope,
    before: Answers,
    found: Effect,
    in_groups: NDArray[np.float64],
    where: pd.DataFrame,
) -> Change:
    """Sum up an effect.

    Args:
        names: what is put back: its name, and its name for people.
        in_groups: the share of changed answers in each of some random groups of the rows, each
            put back on its own.
        where: the segments that stand out.
    """
    share = float(found.changed.mean())
    low, high = wilson(share, effective_rows(share, scope.n, in_groups))
    up, down = _up_and_down(signature, found)
    return Change(
        feature=names[0],
        title=names[1],
        changed=share,
        low=float(low),
        high=float(high),
        rows=round(share * scope.n_window),
        score_change=float(found.shift.mean()),
        up=up,
        down=down,
        moves=_moves(signature, scope, before, found),
        segments=where,
    )


def _up_and_down(signature: Signature, found: Effect) -> tuple[float, float]:
    if signature.task == "multiclass":
        return np.nan, np.nan
    if signature.task == "regression":
        rises = found.shift > 0
    else:
        rises = found.became == signature.labels.index(signature.positive)
    return float((found.changed & rises).mean()), float((found.changed & ~rises).mean())


def _moves(signature: Signature, scope: Scope, before: Answers, found: Effect) -> pd.DataFrame:
    columns = ["from", "to", "n", "rows"]
    if signature.task == "regression" or not found.changed.any():
        return pd.DataFrame(columns=columns)
    pairs = np.column_stack([before.chosen, found.became])[found.changed]
    places, counts = np.unique(pairs, axis=0, return_counts=True)
    table = pd.DataFrame(
        {
            "from": [signature.labels[i] for i in places[:, 0]],
            "to": [signature.labels[i] for i in places[:, 1]],
            "n": counts,
            "rows": np.round(counts * (scope.n_window / scope.n)).astype(np.int64),
        }
    )
    return table.sort_values("n", ascending=False, kind="stable", ignore_index=True)
