"""A version's answers to many rows; those that it cannot answer are found and counted."""

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.versions.scorer import Scorer

MOST_TRIES = 64  # for one batch, as in the shadow


@dataclass(frozen=True)
class Answers:
    """Answers to rows.

    Attributes:
        places: which rows are answered, ascending.
        amounts: probabilities, shape (answered, labels), or a regression's values, (answered, 1).
        skipped: the other rows by reason.
        seconds: that the answering took.
    """

    places: NDArray[np.int64]
    amounts: NDArray[np.float64]
    skipped: dict[str, int]
    seconds: float


def answers(scorer: Scorer, frame: pd.DataFrame) -> Answers:
    """Answer the rows of a table.

    Rows that spoil a batch are found by halving it; after 64 tries the rows left together are
    skipped, as an estimator that fails for many of them is not asked for ever.
    """
    width = max(len(scorer.signature.labels), 1)
    places, amounts = [np.zeros(0, dtype=np.int64)], [np.zeros((0, width))]
    skipped: dict[str, int] = {}
    parts = [np.arange(len(frame))] if len(frame) else []
    tries, began = 0, time.perf_counter()
    while parts:
        part = parts.pop()
        tries += 1
        try:
            found = _amounts(scorer, frame if len(part) == len(frame) else frame.iloc[part])
        except Exception as error:  # noqa: BLE001  # an estimator may raise anything
            if len(part) > 1 and tries < MOST_TRIES:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]
                continue
            reason = f"It could not answer ({type(error).__name__}: {str(error)[:200]})."
            skipped[reason] = skipped.get(reason, 0) + len(part)
            continue
        places.append(part)
        amounts.append(found)
    seconds = time.perf_counter() - began
    return _finite(np.concatenate(places), np.concatenate(amounts), skipped, seconds)


def _amounts(scorer: Scorer, frame: pd.DataFrame) -> NDArray[np.float64]:
    scored = scorer.score_frame(frame)
    if scored.probabilities is not None:
        return scored.probabilities
    return np.asarray(scored.values, dtype=np.float64).reshape(-1, 1)


def _finite(
    places: NDArray[np.int64],
    amounts: NDArray[np.float64],
    skipped: dict[str, int],
    seconds: float,
) -> Answers:
    """Without answers that are no number."""
    good = np.isfinite(amounts).all(axis=1)
    if not good.all():
        skipped = skipped | {"It answered with something that is no number.": int((~good).sum())}
    return Answers(places[good], amounts[good], skipped, seconds)
