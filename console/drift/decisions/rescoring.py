"""The window's rows answered again, as they are and with columns replaced, in one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.errors import Unusable, WatchdeskError
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature

Columns = Mapping[str, NDArray[Any]]
ENOUGH = 0.1  # standard deviations of the reference's answers


@dataclass(frozen=True)
class Answers:
    """A version's answers to n rows.

    Attributes:
        chosen: a classification's labels as places in the signature's, shape (n,); zeros for a
            regression.
        amounts: probabilities, shape (n, labels), or a regression's values, shape (n, 1).
    """

    chosen: NDArray[np.int64]
    amounts: NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """What replacing columns does to n answers.

    Attributes:
        changed: which answers are others; shape (n,). A regression's are where they move by more
            than the least step.
        became: the labels then, as places in the signature's; zeros for a regression.
        shift: by how much the score rises; see `effect`.
    """

    changed: NDArray[np.bool_]
    became: NDArray[np.int64]
    shift: NDArray[np.float64]


def rescore(
    scorer: Scorer, columns: Columns, variants: Sequence[Columns]
) -> tuple[Answers, list[Answers]]:
    """Answer rows as they are, and once more for each variant.

    All rows go through one call, and of a variant only those that differ.

    Args:
        scorer: the version's.
        columns: the signature's columns by name, each of shape (n,).
        variants: for each the columns that are replaced.

    Returns:
        The answers to the rows as they are, and to each variant.

    Raises:
        Unusable: the version cannot answer them.
    """
    base = pd.DataFrame(dict(columns))
    n = len(base)
    moved = [_differing(columns, variant) for variant in variants]
    rows = np.concatenate([np.arange(n), *moved])
    table = {name: base[name].to_numpy()[rows] for name in base.columns}
    ends = np.cumsum([n, *map(len, moved)])
    for start, places, variant in zip(ends, moved, variants, strict=False):
        for name, values in variant.items():
            table[name][start : start + len(places)] = values[places]
    found = _answers(scorer, pd.DataFrame(table))
    before = Answers(found.chosen[:n], found.amounts[:n])
    after = []
    for start, places in zip(ends, moved, strict=False):
        chosen, amounts = before.chosen.copy(), before.amounts.copy()
        chosen[places] = found.chosen[start : start + len(places)]
        amounts[places] = found.amounts[start : start + len(places)]
        after.append(Answers(chosen, amounts))
    return before, after


def effect(signature: Signature, before: Answers, after: Answers, least: float) -> Effect:
    """What is another answer after than before.

    The score's rise is that of P(positive) (binary), of the probability of the label that was
    answered before (multiclass), or of the value (regression).

    Args:
        least: a regression's answer is another one when it moves by more than this.
    """
    if signature.task == "regression":
        shift = after.amounts[:, 0] - before.amounts[:, 0]
        return Effect(np.abs(shift) > least, after.chosen, shift)
    if signature.task == "binary":
        place = np.full(len(before.chosen), signature.labels.index(signature.positive))
    else:
        place = before.chosen
    rows = np.arange(len(place))
    shift = after.amounts[rows, place] - before.amounts[rows, place]
    return Effect(before.chosen != after.chosen, after.chosen, shift)


def least_step(scorer: Scorer, reference: pd.DataFrame) -> float:
    """By how much a regression's answer must move to be another: 0.1 standard deviations.

    They are those of the answers kept with the reference (`__value__`), or where there are none
    of its rows answered now; in the target's unit. 0 for a classification.

    Raises:
        Unusable: the version cannot answer the rows.
    """
    if scorer.signature.task != "regression" or reference.empty:
        return 0.0
    if "__value__" in reference.columns:
        values = reference["__value__"].to_numpy(dtype=np.float64, na_value=np.nan)
        values = values[np.isfinite(values)]
    else:
        values = _answers(scorer, reference).amounts[:, 0]
    if not len(values):
        return 0.0
    # What rounding leaves of a constant is no step.
    return float(max(ENOUGH * values.std(), 1e-9 * np.abs(values).max()))


def unlike(signature: Signature, before: Answers, current: pd.DataFrame) -> int:
    """How many rows are answered otherwise now than when they were logged; 0 if that is unknown."""
    if signature.task == "regression":
        if "__value__" not in current.columns:
            return 0
        logged = current["__value__"].to_numpy(dtype=np.float64, na_value=np.nan)
        close = np.isclose(before.amounts[:, 0], logged, rtol=1e-6, atol=1e-9)
        return int((~close & ~np.isnan(logged)).sum())
    if "__label__" not in current.columns:
        return 0
    texts = np.array([str(label) for label in signature.labels], dtype=object)[before.chosen]
    known = current["__label__"].notna().to_numpy()
    return int((known & (current["__label__"].astype(str).to_numpy() != texts)).sum())


def _differing(columns: Columns, variant: Columns) -> NDArray[np.int64]:
    """The rows in which a variant differs from the columns; two missing values do not."""
    n = len(next(iter(columns.values())))
    found = np.zeros(n, dtype=bool)
    for name, values in variant.items():
        was = columns[name]
        found |= (was != values) & ~(pd.isna(was) & pd.isna(values))
    return np.flatnonzero(found)


def _answers(scorer: Scorer, frame: pd.DataFrame) -> Answers:
    try:
        scored = scorer.score_frame(frame)
    except WatchdeskError:
        raise
    except Exception as error:  # an estimator raises what it likes
        raise Unusable(
            f"The version cannot answer {len(frame):,} rows"
            f" ({type(error).__name__}: {str(error)[:200]}). Check that they are of its signature,"
            " or train it again."
        ) from error
    if scored.probabilities is None:
        values = np.asarray(scored.values, dtype=np.float64).reshape(-1, 1)
        return Answers(np.zeros(len(values), dtype=np.int64), values)
    return Answers(scored.probabilities.argmax(axis=1).astype(np.int64), scored.probabilities)
