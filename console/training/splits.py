"""Which rows train and which are held out, and the folds of the cross-validation.

Rows with times are split by time: the latest are held out, as a version will meet later rows than
it was trained on. Other rows are drawn at random, each label in its share. The split depends on
the table, the target, the share and the seed only, never on the algorithm, so that versions
trained on the same table are compared on the same held-out rows.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from console.training.targets import Array, Target

Method = Literal["stratified", "random", "latest"]


@dataclass(frozen=True)
class Split:
    """Positions among the rows with a truth.

    `method` is how they were chosen; `reason` says why rows with times were split otherwise.
    """

    training: Array
    heldout: Array
    method: Method
    reason: str = ""


def split(target: Target, times: "pd.Series[Any] | None", share: float, seed: int) -> Split:
    """Hold out `share` of the rows.

    The latest ones where there are times, unless a label would then be missing from training or
    only one be left to be judged on: then rows are drawn at random, and `reason` says so.
    """
    n = len(target.values)
    n_heldout = max(int(np.ceil(share * n)), len(target.labels))
    if times is not None:
        order = np.argsort(times.to_numpy(), kind="stable")
        latest = Split(order[:-n_heldout], order[-n_heldout:], "latest")
        if not target.labels or _has_its_labels(target, latest):
            return latest
    stratify = target.codes if target.labels else None
    training, heldout = train_test_split(
        np.arange(n), test_size=n_heldout, random_state=seed, stratify=stratify
    )
    method: Method = "stratified" if target.labels else "random"
    reason = "the latest rows do not hold every label" if times is not None else ""
    return Split(np.sort(training), np.sort(heldout), method, reason)


def folds(target: Target, split: Split, wanted: int, seed: int) -> list[tuple[Array, Array]]:
    """Pairs (training, tested) of positions within `split.training`; each row is tested once.

    Fewer than wanted where a label has fewer rows. Rows split by time stay in blocks in order,
    because neighbouring hours resemble each other and would flatter shuffled folds.
    """
    shuffled = split.method != "latest"
    draw = seed if shuffled else None
    if not target.labels:
        cutter = KFold(wanted, shuffle=shuffled, random_state=draw)
        return list(cutter.split(split.training))
    codes = target.codes[split.training]
    rarest = int(np.bincount(codes, minlength=len(target.labels)).min())
    stratified = StratifiedKFold(max(2, min(wanted, rarest)), shuffle=shuffled, random_state=draw)
    return list(stratified.split(codes, codes))


def _has_its_labels(target: Target, found: Split) -> bool:
    trained = np.bincount(target.codes[found.training], minlength=len(target.labels))
    return bool(trained.min() >= 2) and len(np.unique(target.codes[found.heldout])) > 1
