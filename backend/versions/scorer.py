"""A loaded version: rows in, labels and scores out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backend.versions.compiled import Compiled
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
    """An estimator with the signature of its inputs. Thread-safe: predicting changes nothing.

    Where there is a compiled version it answers, and scikit-learn only what that leaves to it.
    """

    signature: Signature
    estimator: Any
    compiled: Compiled | None = None

    def score(self, rows: Sequence[Sequence[Any]]) -> Scored:
        """Answer rows that `Signature.read` gave."""
        signature, compiled = self.signature, self.compiled
        if compiled is None or not rows:
            return self._scored(self._by_sklearn(signature.matrix(rows)))
        return self._scored(
            compiled.run(
                compiled.read(rows),
                lambda places: self._by_sklearn(signature.matrix([rows[i] for i in places])),
            )
        )

    def score_frame(self, frame: pd.DataFrame) -> Scored:
        """Answer the rows of a table that has the signature's columns.

        Raises:
            Unusable: a column is missing.
        """
        signature, compiled = self.signature, self.compiled
        if compiled is None or frame.empty:
            return self._scored(self._by_sklearn(signature.matrix_of(frame)))
        return self._scored(
            compiled.run(
                compiled.read_table(frame),
                lambda places: self._by_sklearn(signature.matrix_of(frame.iloc[places])),
            )
        )

    def _by_sklearn(self, matrix: Any) -> Any:
        """Probabilities of shape (n, labels), or values of shape (n,)."""
        if self.signature.task == "regression":
            return np.asarray(self.estimator.predict(matrix), dtype=np.float64).reshape(-1)
        return self.estimator.predict_proba(matrix)

    def _scored(self, answers: Any) -> Scored:
        if self.signature.task == "regression":
            return Scored(None, None, None, answers)
        return decide(self.signature, answers)


def decide(signature: Signature, probabilities: Any) -> Scored:
    """Labels and scores from class probabilities of shape (n, labels).

    The label is the most probable one, the first of them in a tie, as scikit-learn's `predict`.
    """
    shares = np.asarray(probabilities, dtype=np.float64)
    chosen = shares.argmax(axis=1)
    labels = tuple([signature.labels[i] for i in chosen.tolist()])
    if signature.task == "binary":
        scores = shares[:, signature.labels.index(signature.positive)]
    else:
        scores = shares[np.arange(len(chosen)), chosen]
    return Scored(labels, scores, shares, None)
