"""Truth beside answers, for Evidently's presets of quality; or the reason why there is none."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backend.errors import Unusable
from backend.versions.signature import Signature, Task
from console.drift.columns import LEAST_VALUES
from console.drift.evidently.tables import free_name, harmless, harmless_texts, sampled
from console.drift.values import column_of, numbers

WINDOW, REFERENCE = "window", "reference"


@dataclass(frozen=True)
class Quality:
    """Truth and answers of both sides, row by row, without missing values.

    Attributes:
        reference, current: columns `truth` and `answer` (text, or numbers of a regression), and
            of a binary classification `score`, the probability of `positive` in [0, 1].
        task: decides the preset.
        truth, answer, score: the names of these columns.
        positive: the positive label as text; None unless binary.
    """

    reference: pd.DataFrame
    current: pd.DataFrame
    task: Task
    truth: str
    answer: str
    score: str | None = None
    positive: str | None = None


def quality(signature: Signature, reference: pd.DataFrame, current: pd.DataFrame) -> Quality:
    """Truth and answers of a version's reference and of a window.

    Args:
        signature: of the version; says the task, the labels and the target.
        reference, current: `__truth__` and the answers (`__label__` and `__score__`, or
            `__value__`). The reference's are out-of-fold, so that both sides are about rows that
            the estimator had not seen.

    Rows without a truth or without an answer are left out, and so are truths that are no label.

    Raises:
        Unusable: with the reason why there is nothing that Evidently could judge.
    """
    names = _names(signature)
    sides = {
        side: _rows(signature, sampled(frame), names, side)
        for side, frame in ((REFERENCE, reference), (WINDOW, current))
    }
    if signature.task == "binary":
        _need_both_labels(signature, sides, names["truth"])
    if signature.task == "multiclass":
        _need_same_labels(sides)
    positive = harmless(str(signature.positive)) if signature.task == "binary" else None
    return Quality(sides[REFERENCE], sides[WINDOW], signature.task, positive=positive, **names)


def _names(signature: Signature) -> dict[str, str]:
    """The columns' names: no two alike and none a label, which Evidently would take it for."""
    taken = {harmless(str(label)) for label in signature.labels}
    names: dict[str, str] = {}
    wanted = {"truth": f"Ground truth: {signature.target}", "answer": f"Answer: {signature.target}"}
    if signature.task == "binary":
        wanted["score"] = f"Score of {signature.positive}"
    for role, name in wanted.items():
        names[role] = free_name(name, taken)
        taken.add(names[role])
    return names


def _rows(
    signature: Signature, frame: pd.DataFrame, names: dict[str, str], side: str
) -> pd.DataFrame:
    """The rows whose truth and answer are known.

    Raises:
        Unusable: fewer than 30.
    """
    if signature.task == "regression":
        found: dict[str, Any] = {
            names["truth"]: numbers(column_of(frame, "__truth__")),
            names["answer"]: numbers(column_of(frame, "__value__")),
        }
    else:
        found = {
            names["truth"]: _labels(signature, column_of(frame, "__truth__")),
            names["answer"]: _labels(signature, column_of(frame, "__label__")),
        }
    if "score" in names:
        found[names["score"]] = numbers(column_of(frame, "__score__"))
    rows = pd.DataFrame(found).dropna().reset_index(drop=True)
    if len(rows) < LEAST_VALUES:
        raise Unusable(_too_few(side, len(rows), int(column_of(frame, "__truth__").notna().sum())))
    return rows


def _too_few(side: str, usable: int, known: int) -> str:
    if side == REFERENCE:
        return (
            f"The version's reference holds {usable} rows with a truth and an out-of-fold answer;"
            f" at least {LEAST_VALUES} are needed. Train it on more rows."
        )
    if not known:
        return "No truth is known for this window yet. Send it as feedback."
    if known < LEAST_VALUES:
        return (
            f"Truth is known for {known} of the window's predictions; at least {LEAST_VALUES} are"
            " needed. Send more feedback, or choose a longer window."
        )
    return (
        f"Of {known:,} known truths in the window {usable} are of the kind that the version"
        f" answers; at least {LEAST_VALUES} are needed. See the feedback that was sent."
    )


def _labels(signature: Signature, column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Labels as text; missing where a value is no label of the version."""
    codes, uniques = pd.factorize(column)
    texts = [_label(signature, value) for value in uniques.tolist()]
    return harmless_texts(texts[code] if code >= 0 else None for code in codes)


def _label(signature: Signature, value: Any) -> str | None:
    try:
        return str(signature.label_of(value))
    except Unusable:
        return None


def _need_both_labels(signature: Signature, sides: dict[str, pd.DataFrame], truth: str) -> None:
    """Evidently ends with an exception where a side's truths are all the same.

    Raises:
        Unusable: they are.
    """
    for side, rows in sides.items():
        labels = rows[truth].unique().tolist()
        if len(labels) < 2:
            raise Unusable(
                f"All {len(rows):,} known truths of the {side} are `{labels[0]}`, and a ROC curve"
                f" needs both labels of `{signature.target}`. Choose a longer window."
            )


def _need_same_labels(sides: dict[str, pd.DataFrame]) -> None:
    """Evidently puts the window's labels under the reference's figures, whatever those are.

    It also takes two labels for a binary problem, whose positive label is 1.

    Raises:
        Unusable: the sides differ in their labels, or have fewer than three.
    """
    found = {side: set(np.unique(rows.to_numpy().astype(str))) for side, rows in sides.items()}
    for side, other in ((WINDOW, REFERENCE), (REFERENCE, WINDOW)):
        lacks = sorted(found[other] - found[side])
        if lacks:
            raise Unusable(
                f"No row of the {side} has the label `{lacks[0]}`, which the {other} has; Evidently"
                " would name the labels wrongly. Choose a longer window."
            )
    if len(found[WINDOW]) < 3:
        raise Unusable(
            f"Only {len(found[WINDOW])} of the labels occur, which Evidently takes for a problem"
            " of two labels. Choose a longer window."
        )
