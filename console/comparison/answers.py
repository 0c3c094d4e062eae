"""The answers of two versions to the same rows, and the metrics that judge them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.versions.scorer import Scored, Scorer
from backend.versions.signature import Scalar, Signature
from console.comparison import metrics
from console.comparison.metrics import Floats, Metric


@dataclass(frozen=True)
class Answers:
    """One version's answers to n rows.

    Attributes:
        chosen: a classification's labels as places in `labels`; empty for a regression.
        shares: a classification's probabilities, shape (n, labels), a column of zeros for a label
            that the version does not know; empty for a regression.
        values: a regression's values; empty for a classification.
        labels: the labels of both versions and of the truth.
    """

    chosen: Any
    shares: Floats
    values: Floats
    labels: tuple[Scalar, ...]


def all_labels(signatures: Sequence[Signature], truth: "pd.Series[Any]") -> tuple[Scalar, ...]:
    """Every label that can occur, those of the last signature first; none for a regression."""
    if signatures[-1].task == "regression":
        return ()
    known = [label for signature in reversed(signatures) for label in signature.labels]
    return tuple(dict.fromkeys([*known, *truth.tolist()]))


def answer(scorer: Scorer, frame: pd.DataFrame, labels: tuple[Scalar, ...]) -> Answers:
    """A version's answers to the rows of a table.

    Raises:
        Unusable: the table lacks one of its columns.
    """
    scored: Scored = scorer.score_frame(frame)
    none = np.zeros(0)
    if scored.labels is None or scored.probabilities is None:
        values = scored.values if scored.values is not None else none
        return Answers(none, none, values, ())
    shares = np.zeros((len(frame), len(labels)))
    places = [labels.index(label) for label in scorer.signature.labels]
    shares[:, places] = scored.probabilities
    chosen = np.array([labels.index(label) for label in scored.labels], dtype=np.int64)
    return Answers(chosen, shares, none, labels)


def judges(signature: Signature, truth: "pd.Series[Any]", answers: Answers) -> dict[str, Metric]:
    """The metrics of one version's answers, by name, each waiting for the rows' weights.

    The names are those of `titles.TITLES`, the first is that of `titles.FIRST`.
    """
    if signature.task == "regression":
        return _regression(truth.to_numpy(dtype=np.float64), answers.values)
    codes = codes_of(truth, answers.labels)
    if signature.task == "binary":
        return _binary(codes, answers, answers.labels.index(signature.positive))
    return _multiclass(codes, answers)


def codes_of(truth: "pd.Series[Any]", labels: tuple[Scalar, ...]) -> NDArray[np.int64]:
    """The place of each true label among `labels`, shape (n,)."""
    places = {(type(label), label): place for place, label in enumerate(labels)}
    found = [places.get((type(value), value)) for value in truth.tolist()]
    # A label may be true where the truth is 1: equal, and of another type.
    return np.array(
        [labels.index(v) if i is None else i for i, v in zip(found, truth.tolist(), strict=True)],
        dtype=np.int64,
    )


def events(
    signature: Signature, truth: "pd.Series[Any]", answers: Answers
) -> tuple[Floats, NDArray[np.bool_]]:
    """A classification's scores, and whether what each foretold came true; both of shape (n,).

    Of a binary task the score is that of the positive label; of several labels that of the
    answer, and it foretells that the answer is right.
    """
    codes = codes_of(truth, answers.labels)
    if signature.task == "binary":
        place = answers.labels.index(signature.positive)
        return answers.shares[:, place], codes == place
    return answers.shares[np.arange(len(codes)), answers.chosen], codes == answers.chosen


def _regression(truth: Floats, values: Floats) -> dict[str, Metric]:
    error = truth - values
    return {
        "mae": lambda w: metrics.mean(np.abs(error), w),
        "rmse": lambda w: np.sqrt(metrics.mean(error**2, w)),
        "r2": lambda w: metrics.r2(truth, values, w),
        "median_ae": lambda w: metrics.median(np.abs(error), w),
        "bias": lambda w: -metrics.mean(error, w),
    }


def _binary(codes: Any, answers: Answers, place: int) -> dict[str, Metric]:
    positive, chosen = codes == place, answers.chosen == place
    scores = answers.shares[:, place]
    of_truth = np.where(positive, scores, 1 - scores)
    n = len(answers.labels)
    return {
        "accuracy": lambda w: metrics.mean(positive == chosen, w),
        "roc_auc": lambda w: metrics.roc_auc(positive, scores, w),
        "average_precision": lambda w: metrics.average_precision(positive, scores, w),
        "f1": lambda w: metrics.f1(positive, chosen, w),
        "precision": lambda w: metrics.precision(positive, chosen, w),
        "recall": lambda w: metrics.recall(positive, chosen, w),
        "balanced_accuracy": lambda w: metrics.balanced_accuracy(codes, answers.chosen, n, w),
        "log_loss": lambda w: metrics.log_loss(of_truth, w),
        "brier": lambda w: metrics.mean((scores - positive) ** 2, w),
        "calibration_error": lambda w: metrics.calibration_error(scores, positive, w),
    }


def _multiclass(codes: Any, answers: Answers) -> dict[str, Metric]:
    of_truth = answers.shares[np.arange(len(codes)), codes]
    n = len(answers.labels)
    confidence = answers.shares[np.arange(len(codes)), answers.chosen]
    right = codes == answers.chosen
    return {
        "accuracy": lambda w: metrics.mean(right, w),
        "balanced_accuracy": lambda w: metrics.balanced_accuracy(codes, answers.chosen, n, w),
        "macro_f1": lambda w: metrics.macro_f1(codes, answers.chosen, n, w),
        "log_loss": lambda w: metrics.log_loss(of_truth, w),
        "roc_auc_ovr": lambda w: metrics.roc_auc_ovr(codes, answers.shares, w),
        "calibration_error": lambda w: metrics.calibration_error(confidence, right, w),
    }
