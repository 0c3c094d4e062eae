"""Running counts of a rescoring: their size does not depend on how many rows are counted."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
UNKNOWN = -1
MOST_REASONS = 1_000
OTHER_REASONS = "Other reasons."
_PAIR = 1 << 24


class Codes:
    """Labels as places in a list that grows as labels are met."""

    def __init__(self, first: Sequence[str]) -> None:
        self._places = {label: place for place, label in enumerate(first)}

    def of(self, labels: Sequence[str | None]) -> NDArray[np.int64]:
        """The places of some labels; -1 for None."""
        places = self._places
        for label in set(labels).difference(places, (None,)):
            places[str(label)] = len(places)
        found = [UNKNOWN if label is None else places[label] for label in labels]
        return np.array(found, dtype=np.int64)

    @property
    def names(self) -> list[str]:
        """The labels by place."""
        return list(self._places)


class Reasons:
    """Rows by the reason why they are not compared.

    At most 1,000 reasons: an estimator's own sentence may name a value, and then each row has its
    own. What comes later counts as `OTHER_REASONS`.
    """

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()

    def add(self, reasons: Mapping[str, int]) -> None:
        """Count rows by reason."""
        for reason, n in reasons.items():
            room = reason in self._rows or len(self._rows) < MOST_REASONS
            self._rows[reason if room else OTHER_REASONS] += n

    def most_common(self, most: int) -> list[tuple[str, int]]:
        """The most frequent, most frequent first, and the rest as one."""
        found = [pair for pair in self._rows.most_common() if pair[0] != OTHER_REASONS]
        rest = self._rows[OTHER_REASONS] + sum(n for _, n in found[most:])
        return [*found[:most], *([(OTHER_REASONS, rest)] if rest else [])]


@dataclass(frozen=True)
class Block:
    """Rows to count: for each what was answered, what is answered now, and the truth.

    Attributes:
        version: the one that answered then.
        was, now: a classification's labels as places (`Codes`), or a regression's values.
        truth: the same, -1 or NaN where it is not known.
        score_was, score_now: of the answer as the log holds it; NaN for a regression.
        shift: by how much the amount rises; NaN where the two do not mean the same.
    """

    version: int
    was: NDArray[Any]
    now: NDArray[Any]
    truth: NDArray[Any]
    score_was: Floats
    score_now: Floats
    shift: Floats


@dataclass(frozen=True)
class Judged:
    """What became of the rows of a block; each attribute of shape (rows,)."""

    changed: Bools
    newly_right: Bools
    newly_wrong: Bools


class Moments:
    """Count, mean and spread of numbers that come in parts.

    Source: Chan, Golub and LeVeque (1983), "Algorithms for Computing the Sample Variance",
    The American Statistician 37.
    """

    def __init__(self) -> None:
        self.n = 0
        self.mean = 0.0
        self._squares = 0.0

    def add(self, values: Floats) -> None:
        """Take some numbers; none of them is NaN."""
        if not len(values):
            return
        mean, n = float(values.mean()), self.n + len(values)
        apart = mean - self.mean
        self._squares += float(((values - mean) ** 2).sum())
        self._squares += apart**2 * self.n * len(values) / n
        self.mean += apart * len(values) / n
        self.n = n

    @property
    def deviation(self) -> float:
        """The sample's standard deviation; NaN of fewer than two numbers."""
        return math.sqrt(self._squares / (self.n - 1)) if self.n > 1 else math.nan


class Tally:
    """Counts blocks of rows.

    Attributes:
        regression, tolerance: which rows count as changed: another label, or a value further away
            than the tolerance.
        pairs: changed rows by the places of their two labels (classification).
        higher, lower: changed rows whose value rises or falls (regression).
        rows, changed: by the version that answered then.
        shift: of the amounts that can be compared.
        right: rows by whether they were right and are right now (classification).
        newly_right, newly_wrong: as `results.Truths` has them.
        error_was, error_now, error_rise: absolute errors of a regression, and their rise.
    """

    def __init__(self, regression: bool, tolerance: float) -> None:
        self.regression, self.tolerance = regression, tolerance
        self.pairs: Counter[tuple[int, int]] = Counter()
        self.higher = self.lower = 0
        self.rows: Counter[int] = Counter()
        self.changed: Counter[int] = Counter()
        self.shift = Moments()
        self.right: Counter[tuple[bool, bool]] = Counter()
        self.newly_right = self.newly_wrong = 0
        self.error_was, self.error_now, self.error_rise = Moments(), Moments(), Moments()

    def add(self, block: Block) -> Judged:
        """Count the rows of a block."""
        changed = self._count_changes(block)
        self.rows[block.version] += len(changed)
        self.changed[block.version] += int(changed.sum())
        self.shift.add(block.shift[~np.isnan(block.shift)])
        better, worse = self._errors(block) if self.regression else self._labels(block)
        self.newly_right += int(better.sum())
        self.newly_wrong += int(worse.sum())
        return Judged(changed, better, worse)

    def _count_changes(self, block: Block) -> Bools:
        if self.regression:
            rise = block.now - block.was
            changed: Bools = np.abs(rise) > self.tolerance
            self.higher += int((changed & (rise > 0)).sum())
            self.lower += int((changed & (rise < 0)).sum())
            return changed
        changed = block.was != block.now
        keys, counts = np.unique((block.was * _PAIR + block.now)[changed], return_counts=True)
        for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
            self.pairs[divmod(key, _PAIR)] += count
        return changed

    def _labels(self, block: Block) -> tuple[Bools, Bools]:
        """Which rows are newly right, and which newly wrong; counts all four cases."""
        known = block.truth != UNKNOWN
        was, now = block.was == block.truth, block.now == block.truth
        for then in (False, True):
            for next_ in (False, True):
                self.right[then, next_] += int((known & (was == then) & (now == next_)).sum())
        return known & ~was & now, known & was & ~now

    def _errors(self, block: Block) -> tuple[Bools, Bools]:
        known = ~np.isnan(block.truth)
        was, now = np.abs(block.was - block.truth), np.abs(block.now - block.truth)
        rise = now - was
        self.error_was.add(was[known])
        self.error_now.add(now[known])
        self.error_rise.add(rise[known])
        return known & (rise < -self.tolerance), known & (rise > self.tolerance)
