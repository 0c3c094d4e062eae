"""Logged or kept rows as arrays: what was answered, how sure it was, and the truth if known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.errors import Unusable
from backend.versions.signature import Signature
from console.drift.statistics import Floats
from console.drift.values import column_of, numbers

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Answers:
    """The usable rows of a table: those that were answered with a label and score, or a value.

    Attributes:
        places: their places in the table, shape (n,).
        answer: the place of the label among the signature's, or the value; shape (n,).
        score: as logged, in [0, 1]; NaN for a regression.
        truth: as `answer`; NaN where it is not known or is none of the labels.
        positive: the place of the positive label (binary), else None.
    """

    places: NDArray[np.int64]
    answer: Floats
    score: Floats
    truth: Floats
    positive: int | None

    @classmethod
    def of(cls, signature: Signature, frame: pd.DataFrame) -> "Answers":
        """Read the columns `__label__`, `__score__`, `__value__`, `__truth__` that there are."""
        truth = column_of(frame, "__truth__")
        if signature.task == "regression":
            answer, score = numbers(column_of(frame, "__value__")), np.full(len(frame), np.nan)
            usable, known = ~np.isnan(answer), numbers(truth)
        else:
            answer = _codes(signature, column_of(frame, "__label__"))
            score = np.clip(numbers(column_of(frame, "__score__")), 0.0, 1.0)
            usable, known = ~np.isnan(answer) & ~np.isnan(score), _codes(signature, truth)
        positive = None
        if signature.task == "binary":
            positive = signature.labels.index(signature.positive)
        places = np.flatnonzero(usable)
        return cls(places, answer[places], score[places], known[places], positive)

    @property
    def known(self) -> Bools:
        """Which rows have a truth, shape (n,)."""
        return ~np.isnan(self.truth)

    @property
    def chosen(self) -> Bools:
        """Whether the event that the score is the probability of was the answer.

        The event is that the positive label is true (binary), or that the answer is (multiclass).
        """
        if self.positive is None:
            return np.ones(len(self.answer), dtype=bool)
        return np.asarray(self.answer == self.positive, dtype=bool)

    @property
    def event(self) -> Floats:
        """Whether that event came true, 0 or 1; NaN where truth is not known."""
        wanted = self.answer if self.positive is None else self.positive
        return np.where(self.known, self.truth == wanted, np.nan).astype(np.float64)

    @property
    def error(self) -> Floats:
        """Truth less value (regression); NaN where truth is not known."""
        return self.truth - self.answer

    def where(self, kept: Bools) -> "Answers":
        """Some of the rows."""
        return Answers(
            self.places[kept], self.answer[kept], self.score[kept], self.truth[kept], self.positive
        )


def _codes(signature: Signature, column: "pd.Series[Any]") -> Floats:
    """The places of labels among the signature's; NaN for what is none."""
    codes, uniques = pd.factorize(column)
    places = np.array([*(_place(signature, value) for value in uniques.tolist()), np.nan])
    found: Floats = places[codes]
    return found


def _place(signature: Signature, value: Any) -> float:
    try:
        return float(signature.labels.index(signature.label_of(value)))
    except Unusable:
        return float("nan")
