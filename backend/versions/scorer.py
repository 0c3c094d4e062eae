"""A loaded version: rows in, labels and scores out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backend.versions.signature import Scalar, Signature


@dataclass(frozen=True)
class Scored:
    """Answers for n rows.

    Attributes:
        labels: for a classification the predicted label of each row, the target's own value.
        scores: for a classification P(positive) (binary) or P(label) (multiclass), in [0, 1].
        probabilities: for a classification shape (n, labels), in the signature's order.
        values: for a regression the predicted value of each row, in the target's unit.
    """

    labels: tuple[Scalar, ...] | None
    scores: np.ndarray[Any, np.dtype[np.float64]] | None
    probabilities: np.ndarray[Any, np.dtype[np.float64]] | None
    values: np.ndarray[Any, np.dtype[np.float64]] | None


@dataclass(frozen=True)
class Scorer:
    """An estimator with the signature of its inputs. Thread-safe: predicting changes nothing."""

    signature: Signature
    estimator: Any

    def score(self, rows: Sequence[Sequence[Any]]) -> Scored:
        """Answer rows that `Signature.read` gave."""
        return self._score(self.signature.matrix(rows))

    def score_frame(self, frame: pd.DataFrame) -> Scored:
        """Answer the rows of a table that has the signature's columns.

        Raises:
            Unusable: a column is missing.
        """
        return self._score(self.signature.matrix_of(frame))

    def _score(self, matrix: Any) -> Scored:
        if self.signature.task == "regression":
            values = np.asarray(self.estimator.predict(matrix), dtype=np.float64).reshape(-1)
            return Scored(None, None, None, values)
        return decide(self.signature, self.estimator.predict_proba(matrix))


def decide(signature: Signature, probabilities: Any) -> Scored:
    """Labels and scores from class probabilities of shape (n, labels).

    The label is the most probable one, the first of them in a tie, as scikit-learn's `predict`.
    """
    shares = np.asarray(probabilities, dtype=np.float64)
    chosen = shares.argmax(axis=1)
    labels = tuple(signature.labels[i] for i in chosen)
    if signature.task == "binary":
        scores = shares[:, signature.labels.index(signature.positive)]
    else:
        scores = shares[np.arange(len(chosen)), chosen]
    return Scored(labels, scores, shares, None)
