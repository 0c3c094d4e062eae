"""The target: what its column asks for, and its values as the estimator learns them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backend.errors import Unusable
from backend.versions.features import listed, shown
from backend.versions.signature import Scalar, Task
from console.training.algorithms import CLASSIFICATION, Algorithm
from console.training.csv_files import FEWEST_ROWS

DETECTED_LABELS = 20  # that many different whole numbers are still read as labels
MOST_LABELS = 100
FEWEST_PER_LABEL = 5

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Target:
    """A target's known values.

    Attributes:
        task: binary, multiclass or regression.
        labels: its own values in the order of scikit-learn's `classes_` (sorted); empty for a
            regression.
        positive: the label whose probability is the score; None unless binary.
        values: shape (rows,), what the estimator is fitted to.
        codes: shape (rows,), the place of each row's label in `labels`; empty for a regression.
        known: shape (all rows,), which rows of the table have a truth.
    """

    task: Task
    labels: tuple[Scalar, ...]
    positive: Scalar
    values: Array
    codes: Array
    known: Array


def detect_task(column: "pd.Series[Any]") -> Task:
    """What a column asks for: text, true or false, or at most 20 different whole numbers make a
    classification (binary if there are two), other numbers a regression.
    """
    present = column.dropna()
    if _is_number(present):
        numbers = present.to_numpy(dtype=np.float64)
        distinct = np.unique(numbers)
        if len(distinct) > DETECTED_LABELS or not _all_whole(distinct):
            return "regression"
        return "binary" if len(distinct) == 2 else "multiclass"
    return "binary" if present.nunique() == 2 else "multiclass"


def read_target(column: "pd.Series[Any]", algorithm: Algorithm, positive: Scalar) -> Target:
    """The target for an algorithm: its task decides where the column alone would say otherwise.

    Rows without a truth are left out (`known`).

    Raises:
        Unusable: the algorithm cannot learn these values, there are too few rows, one label only,
            too many labels or too few rows of one, or `positive` is no label.
    """
    known = column.notna().to_numpy()
    present = column[known]
    name = str(column.name)
    if len(present) < FEWEST_ROWS:
        raise Unusable(
            f"`{name}` is known in {len(present)} rows; expected at least {FEWEST_ROWS}. Add rows."
        )
    task = detect_task(present)
    if task not in algorithm.tasks:
        task = "multiclass" if algorithm.tasks == CLASSIFICATION else "regression"
    if task == "regression":
        return _regression(present, algorithm, known)
    return _classification(present, algorithm, known, positive)


def _regression(present: "pd.Series[Any]", algorithm: Algorithm, known: Array) -> Target:
    if not _is_number(present):
        raise Unusable(
            f"`{algorithm.name}` predicts numbers, and `{present.name}` has values such as"
            f" {shown(_scalar(present.iloc[0]))}. Choose `logistic_regression`, `random_forest` or"
            " `gradient_boosting`."
        )
    values = present.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise Unusable(
            f"Column `{present.name}` has infinite values. Replace them, or leave their rows out."
        )
    if len(np.unique(values)) == 1:
        raise Unusable(
            f"`{present.name}` is `{values[0]:g}` in every row; there is nothing to learn. Choose"
            " another target."
        )
    return Target("regression", (), None, values, np.empty(0, dtype=np.int64), known)


def _classification(
    present: "pd.Series[Any]", algorithm: Algorithm, known: Array, positive: Scalar
) -> Target:
    values = _label_values(present, algorithm)
    classes, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    labels: tuple[Scalar, ...] = tuple(value.item() for value in classes)
    if len(labels) == 1:
        raise Unusable(
            f"`{present.name}` is {shown(labels[0])} in every row; a classification needs at least"
            " two labels. Add rows of another label, or choose another target."
        )
    if len(labels) > MOST_LABELS:
        raise Unusable(
            f"`{present.name}` has {len(labels):,} different values; a classification has at most"
            f" {MOST_LABELS} labels. Choose another target, or `linear_regression` for numbers."
        )
    rarest = int(counts.argmin())
    if counts[rarest] < FEWEST_PER_LABEL:
        raise Unusable(
            f"Label {shown(labels[rarest])} of `{present.name}` has {counts[rarest]} rows; expected"
            f" at least {FEWEST_PER_LABEL} of each label. Add rows of it, or leave them out."
        )
    task: Task = "binary" if len(labels) == 2 else "multiclass"
    chosen = _positive(labels, positive, str(present.name)) if task == "binary" else None
    return Target(task, labels, chosen, values, codes, known)


def _label_values(present: "pd.Series[Any]", algorithm: Algorithm) -> Array:
    """The labels as an array of whole numbers, of true and false, or of text."""
    if _is_number(present):
        numbers = present.to_numpy(dtype=np.float64)
        if not _all_whole(numbers):
            example = numbers[~(np.isfinite(numbers) & (numbers == np.floor(numbers)))][0]
            raise Unusable(
                f"`{algorithm.name}` predicts labels, and `{present.name}` has numbers such as"
                f" `{example:g}`. Choose `linear_regression`, `random_forest` or"
                " `gradient_boosting`."
            )
        return numbers.astype(np.int64)
    values = [_scalar(value) for value in present]
    if all(isinstance(value, bool) for value in values):
        return np.array(values, dtype=np.bool_)
    return np.array([str(value) for value in values])


def _positive(labels: tuple[Scalar, ...], positive: Scalar, name: str) -> Scalar:
    if positive is None:
        return labels[1]
    for label in labels:
        if str(label) == str(positive):
            return label
    raise Unusable(
        f"The positive label {shown(positive)} is not a label of `{name}`; expected one of"
        f" {listed(labels)}."
    )


def _is_number(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _all_whole(numbers: Array) -> bool:
    return bool(np.isfinite(numbers).all() and (numbers == np.floor(numbers)).all())


def _scalar(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
