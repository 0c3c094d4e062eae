"""Realized performance: each metric over rows whose truth is known, with its interval.

The intervals are about rows that were drawn independently. Neighbouring hours resemble each
other, so of a log in time order they are somewhat too narrow.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize

from backend.versions.signature import Signature
from console.comparison import metrics
from console.comparison.metrics import RESAMPLES, Floats, resamples
from console.drift.decisions.intervals import Z, wilson
from console.performance.results import METRICS, Figure, Metric, Realized

FEWEST = 30
"""Rows with truth below which no figure is given: its interval would say nothing."""
_SEED = 0
_TIGHT = 1e-9
Bools = NDArray[np.bool_]
_Found = tuple[float, float, float, int]
"""A value, its lower and upper end, and the rows behind it."""


def realized(
    task: str, signature: Signature, rows: pd.DataFrame, n_answered: int, n_known: int
) -> Realized:
    """Performance on the rows whose truth is known.

    Args:
        task: binary, multiclass or regression.
        signature: of the version that answered them.
        rows: as `backend.records.log.features` gives them; those without truth are left out.
        n_answered, n_known: of the window, which may have more rows than `rows`.
    """
    return Realized(figures(task, signature, rows), n_answered, n_known)


def figures(
    task: str, signature: Signature, rows: pd.DataFrame, count: int = RESAMPLES
) -> tuple[Figure, ...]:
    """The metrics of a task, in the order of `METRICS`, over the rows that have a truth.

    Intervals of shares of rows (accuracy, precision, recall) are Wilson's. With TP true and FP, FN
    false answers, F1 = 2q / (1 + q) where q = TP / (TP + FP + FN) is such a share, so its interval
    is that of q. That of a ROC AUC is Newcombe's. The others, the log loss, errors and the mean of
    F1 over labels, have the 2.5th to the 97.5th percentile of a bootstrap of the rows.

    Args:
        rows: with `__truth__` and `__label__`, `__score__` or `__value__`, as the log has them or
            the tables kept with a version.
        count: resamples of the bootstrap.

    Source: Wilson (1927), see `console.drift.decisions.intervals`; Newcombe (2006), "Confidence
    intervals for an effect size measure based on the Mann-Whitney statistic, part 2", Statistics
    in Medicine 25, method 5; Efron and Tibshirani (1993), chapter 13.
    """
    known = rows[rows["__truth__"].notna()]
    if len(known) < FEWEST:
        return not_enough(task, len(known))
    found: dict[str, _Found | str]
    if task == "regression":
        found = _regression(_errors(known), count)
    else:
        truth, chosen = _texts(known["__truth__"]), _texts(known["__label__"])
        found = {"accuracy": _share(int((truth == chosen).sum()), len(truth), "")}
        if task == "binary":
            label = str(signature.positive)
            scores = known["__score__"].to_numpy(dtype=np.float64)
            found |= _binary(label, truth == label, chosen == label, scores, count)
        else:
            found["macro_f1"] = _macro_f1(truth, chosen, count)
    return tuple(_figure(metric, found[metric.name], len(known)) for metric in METRICS[task])


def not_enough(task: str, n: int) -> tuple[Figure, ...]:
    """The figures of so few rows that there are none."""
    return tuple(
        Figure(metric, "not_enough_rows", None, None, None, n, _too_few(metric.title, n))
        for metric in METRICS[task]
    )


def losses(task: str, rows: pd.DataFrame) -> Floats:
    """The loss of each row whose mean the first metric is about: 1 for a wrong label, |error|.

    Args:
        rows: with `__truth__` known in each, and `__label__` or `__value__`.
    """
    if task == "regression":
        return np.abs(_errors(rows))
    wrong = _texts(rows["__truth__"]) != _texts(rows["__label__"])
    return np.asarray(wrong, dtype=np.float64)


def auc_interval(auc: float, n_positive: int, n_negative: int) -> tuple[float, float]:
    """The 95 % interval of a ROC AUC; it holds at 0 and 1 and for few rows too.

    Those θ for which |AUC - θ| ≤ z √V(θ), where V(θ) = θ (1 - θ) (1 + k (1 - θ) / (2 - θ) +
    k θ / (1 + θ)) / (m n) with m positive and n negative rows and k = (m + n) / 2 - 1.

    Source: Newcombe (2006), method 5 (see `figures`); V is Hanley's and McNeil's (1982).
    """

    def beyond(theta: float) -> float:
        k = (n_positive + n_negative) / 2 - 1
        spread = 1 + k * (1 - theta) / (2 - theta) + k * theta / (1 + theta)
        variance = theta * (1 - theta) * spread / (n_positive * n_negative)
        return float((auc - theta) ** 2 - Z**2 * variance)

    low = high = auc
    if auc > _TIGHT:
        low = float(optimize.brentq(beyond, 0.0, auc - _TIGHT))
    if auc < 1 - _TIGHT:
        high = float(optimize.brentq(beyond, auc + _TIGHT, 1.0))
    return low, high


def _binary(
    label: str, truth: Bools, chosen: Bools, scores: Floats, count: int
) -> dict[str, _Found | str]:
    """What needs a positive label; a metric that is undefined says what it needs."""
    hits, union = int((truth & chosen).sum()), int((truth | chosen).sum())
    finite = np.isfinite(scores)
    return {
        "precision": _share(hits, int(chosen.sum()), f"rows answered `{label}`"),
        "recall": _share(hits, int(truth.sum()), f"rows whose truth is `{label}`"),
        "f1": _f1(_share(hits, union, f"rows whose truth or answer is `{label}`"), len(truth)),
        "roc_auc": _roc_auc(truth[finite], scores[finite]),
        "log_loss": _log_loss(truth[finite], scores[finite], count),
    }


def _regression(errors: Floats, count: int) -> dict[str, _Found | str]:
    values = np.column_stack([np.abs(errors), errors**2, errors])
    ends = np.quantile(_bootstrapped(values, count), [0.025, 0.975], axis=0)
    shown = np.vstack([values.mean(axis=0), ends])
    shown[:, 1] = np.sqrt(shown[:, 1])
    names = ("mae", "rmse", "bias")
    return {
        name: (float(value), float(low), float(high), len(errors))
        for name, (value, low, high) in zip(names, shown.T, strict=True)
    }


def _figure(metric: Metric, found: _Found | str, n: int) -> Figure:
    if isinstance(found, str):
        message = f"{metric.title} needs {found}; among {n:,} with truth there are none."
        return Figure(metric, "not_enough_rows", None, None, None, n, message)
    value, low, high, rows = found
    return Figure(metric, "ok", value, min(low, value), max(high, value), rows)


def _share(hits: int, n: int, what: str) -> _Found | str:
    if not n:
        return what
    share = hits / n
    low, high = wilson(share, n)
    return share, float(low), float(high), n


def _f1(union: _Found | str, n: int) -> _Found | str:
    if isinstance(union, str):
        return union
    value, low, high = (2 * q / (1 + q) for q in union[:3])
    return value, low, high, n


def _roc_auc(truth: Bools, scores: Floats) -> _Found | str:
    positive = int(truth.sum())
    if positive in (0, len(truth)):
        return "rows of both labels"
    auc = float(metrics.roc_auc(truth, scores, np.ones((1, len(truth))))[0])
    return (auc, *auc_interval(auc, positive, len(truth) - positive), len(truth))


def _log_loss(truth: Bools, scores: Floats, count: int) -> _Found | str:
    if not len(truth):
        return "rows with a score"
    given = np.where(truth, scores, 1 - scores)
    rows = -np.log(np.clip(given, np.finfo(np.float64).eps, 1.0))
    low, high = np.quantile(_bootstrapped(rows[:, None], count)[:, 0], [0.025, 0.975])
    return float(rows.mean()), float(low), float(high), len(rows)


def _macro_f1(truth: Any, chosen: Any, count: int) -> _Found | str:
    """The mean of F1 over the labels that occur in truth or answers.

    Resampling rows is resampling the cells of their confusion matrix.
    """
    labels, codes = np.unique(np.concatenate([truth, chosen]), return_inverse=True)
    k, n = len(labels), len(truth)
    cells = np.bincount(codes[:n] * k + codes[n:], minlength=k * k).astype(np.float64)
    filled = np.flatnonzero(cells)
    drawn = np.zeros((count + 1, k * k))
    drawn[0] = cells
    drawn[1:, filled] = np.random.default_rng(_SEED).multinomial(n, cells[filled] / n, size=count)
    matrix = drawn.reshape(-1, k, k)
    both = matrix.sum(axis=1) + matrix.sum(axis=2)
    hits = 2 * np.diagonal(matrix, axis1=1, axis2=2)
    each = np.divide(hits, both, out=np.full(both.shape, np.nan), where=both > 0)
    means = np.nanmean(each, axis=1)
    low, high = np.quantile(means[1:], [0.025, 0.975])
    return float(means[0]), float(low), float(high), n


def _bootstrapped(values: Floats, count: int) -> Floats:
    """The means of each column in each resample of the rows, shape (count, columns)."""
    n = len(values)
    return np.concatenate([weights @ values / n for weights in resamples(n, _SEED, count)])


def _errors(rows: pd.DataFrame) -> Floats:
    """Answer minus truth: positive where the answer was too high."""
    truth = np.array([float(value) for value in rows["__truth__"].tolist()])
    found: Floats = rows["__value__"].to_numpy(dtype=np.float64) - truth
    return found


def _texts(column: "pd.Series[Any]") -> Any:
    """Labels as the log writes them."""
    return np.array([str(value) for value in column.tolist()], dtype=object)


def _too_few(title: str, n: int) -> str:
    verb = "is" if n == 1 else "are"
    return f"{title} needs at least {FEWEST} rows with truth; there {verb} {n}."
