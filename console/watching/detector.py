"""The detector: evidence by feature, added up over blocks, with a bound on its false alarms.

Each bet's evidence is a Shiryaev-Roberts sum, R ← (R + 1) e: what would have been won by whoever
put 1 on the bet before each block and let it stand. A feature's evidence is the mean over its
bets, with the stake's division as weights. If reference and stream are exchangeable its mean after
t blocks is t, so a feature that starts again at 0 whenever it reaches K·A, where K is the number of
features, does so t / (K·A) times at most in t blocks on average; and some feature does t / A times
at most, however the features depend on each other. With A the blocks of N weeks: at most one false
alarm in N weeks, on average.

The bound adds up over features, it does not average their evidence: each feature's evidence is a
martingale given its own past, and not in general given the past of all, so that their mean could be
stopped at a moment that favours it (Choe and Ramdas 2024, "Combining evidence across filtrations").

Source: Shin, Ramdas and Rinaldo (2022), "E-detectors: a nonparametric framework for sequential
change detection", sections 2 and 3; Ramdas, Grünwald, Vovk and Shafer (2023), "Game-theoretic
statistics and safe anytime-valid inference", Statistical Science 38(4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.versions.features import Feature
from console.drift.values import column_of
from console.watching import bets
from console.watching.bets import GROUPS, KEPT, LEARNED
from console.watching.ranks import ABSENT, WIDTH, Floats, Ints, Ranks, read

ON_VALUES = 0.75
"""The part of a feature's stake on its values; the rest is on which of them are missing."""

LEAST = -10.0
"""Less evidence than this is told as this."""


@dataclass(frozen=True)
class Step:
    """What a block added.

    Attributes:
        evidence: natural log of each feature's evidence over the number of features, before an
            alarm sets it back; shape (features,).
        e_values: each feature's e-value of the block, shape (features,).
        alarmed: which features reached the threshold, shape (features,).
        began: the start of the stretch in which each feature's evidence grew (UTC µs); -1 if none.
    """

    evidence: Floats
    e_values: Floats
    alarmed: NDArray[np.bool_]
    began: Ints


class Detector:
    """Evidence of a version's features; the same rows in the same order give the same, always."""

    def __init__(self, features: Sequence[Feature], reference: pd.DataFrame, seed: int) -> None:
        """Take the ranks of a reference, a column for each feature; the rest starts at nothing."""
        self.features = tuple(features)
        self._seed = seed
        found = [self._ranks(place, feature, reference) for place, feature in enumerate(features)]
        self._values = [values for values, _ in found]
        self._missing = [missing for _, missing in found]
        self._bets = bets.of_values(self._values), bets.of_missing(self._missing)
        self._groups = bets.groups_of(self._values)
        self._weights = ON_VALUES * bets.prior(True), (1 - ON_VALUES) * bets.prior(False)
        n = len(self.features)
        self._pools = tuple(
            np.stack([one.gaps for one in side]) for side in (self._values, self._missing)
        )
        self._sums = np.zeros((n, len(self._weights[0]))), np.zeros((n, len(self._weights[1])))
        self._recent = [np.zeros((n, GROUPS[which])) for which in LEARNED]
        self._growth = np.ones(n)
        self._began = np.full(n, -1, dtype=np.int64)

    def codes(self, rows: pd.DataFrame, ties: Floats) -> tuple[Ints, Ints]:
        """Each row's bins, of values and of missing ones: two arrays of (features, rows).

        Args:
            ties: random numbers in [0, 1) that break ties, shape (2, features, rows).
        """
        shape = len(self.features), len(rows)
        values, missing = np.full(shape, ABSENT), np.empty(shape, dtype=np.int64)
        for place, feature in enumerate(self.features):
            found, present = read(feature, column_of(rows, feature.name))
            values[place, present] = self._values[place].codes(found, ties[0, place, present])
            missing[place] = self._missing[place].codes(1.0 - present, ties[1, place])
        return values, missing

    def step(self, values: Ints, missing: Ints, start: int, threshold: float) -> Step:
        """Judge a block that begins at `start` (UTC µs).

        Args:
            values, missing: its rows' bins, from `codes`.
            threshold: natural log of the blocks in the budget's time; a feature whose evidence
                reaches it starts again at nothing.
        """
        staked = self._mean(self._sums[0] + 1, self._sums[1] + 1)
        logs = self._won(values, missing)
        sums = [(one + 1) * np.exp(log) for one, log in zip(self._sums, logs, strict=True)]
        became = self._mean(*sums)
        e_values = self._mean(*(np.exp(log) for log in logs))
        grown = np.maximum(self._growth, 1.0) * (became / staked)
        begun = np.where(self._began >= 0, self._began, start)
        began = np.where(grown > 1.0, begun, -1)
        n = len(self.features)
        evidence = _logs(became, n)
        alarmed = evidence >= threshold
        kept = ~alarmed
        self._sums = sums[0] * kept[:, None], sums[1] * kept[:, None]
        self._growth = np.where(alarmed, 1.0, np.maximum(grown, 1.0))
        self._began = np.where(alarmed, -1, began)
        self._learn(values, missing)
        return Step(evidence, e_values, alarmed, began)

    @property
    def levels(self) -> Floats:
        """Natural log of each feature's evidence over the number of features: (features,)."""
        return _logs(self._mean(*self._sums), len(self.features))

    @property
    def began(self) -> Ints:
        """The start of the stretch in which each feature's evidence grows (UTC µs); -1 if none."""
        return self._began

    def scores(self, values: Ints) -> list[tuple[int, Floats]]:
        """Rows as numbers whose means can be compared, each with the place of its feature.

        Of a number its normal score, 0 where it is missing; of a category which of 16 groups it
        is in; and of each which rows are missing.
        """
        found: list[tuple[int, Floats]] = []
        for place, feature in enumerate(self.features):
            codes = values[place]
            absent = codes == ABSENT
            if feature.is_numeric:
                scores = self._values[place].scores[np.maximum(codes, 0)]
                found.append((place, np.where(absent, 0.0, scores)))
            else:
                groups = np.where(absent, ABSENT, self._groups[0][place][np.maximum(codes, 0)])
                found += [(place, (groups == g).astype(np.float64)) for g in np.unique(groups)]
            if absent.any():
                found.append((place, absent.astype(np.float64)))
        return found

    @property
    def state(self) -> dict[str, Any]:
        """All that it has learned, JSON-able; `restore` takes it."""
        return {
            "pools": [
                _listed(pool - gaps) for pool, gaps in zip(self._pools, self._gaps, strict=True)
            ],
            "sums": [sums.tolist() for sums in self._sums],
            "recent": [recent.tolist() for recent in self._recent],
            "growth": self._growth.tolist(),
            "began": self._began.tolist(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state` of a detector of the same features and reference."""
        self._pools = tuple(
            gaps + _unlisted(counts)
            for gaps, counts in zip(self._gaps, state["pools"], strict=True)
        )
        first, second = (np.array(sums, dtype=np.float64) for sums in state["sums"])
        self._sums = first, second
        self._recent = [np.array(recent, dtype=np.float64) for recent in state["recent"]]
        self._growth = np.array(state["growth"], dtype=np.float64)
        self._began = np.array(state["began"], dtype=np.int64)

    @property
    def _gaps(self) -> list[Floats]:
        return [np.stack([one.gaps for one in side]) for side in (self._values, self._missing)]

    def _ranks(self, place: int, feature: Feature, reference: pd.DataFrame) -> tuple[Ranks, Ranks]:
        random = np.random.default_rng([self._seed, place])
        values, present = read(feature, column_of(reference, feature.name))
        return Ranks.of(values, random), Ranks.of(1.0 - present, random)

    def _mean(self, values: Floats, missing: Floats) -> Floats:
        found: Floats = values @ self._weights[0] + missing @ self._weights[1]
        return found

    def _won(self, values: Ints, missing: Ints) -> tuple[Floats, Floats]:
        learned = [
            bets.learned(recent, self._groups[which], self._pools[0])
            for recent, which in zip(self._recent, LEARNED, strict=True)
        ]
        on_values = np.concatenate([self._bets[0], np.stack(learned, axis=1)], axis=1)
        return (
            bets.won(on_values, values, self._pools[0]),
            bets.won(self._bets[1], missing, self._pools[1]),
        )

    def _learn(self, values: Ints, missing: Ints) -> None:
        fell = bets.counted(values, WIDTH)
        columns = np.arange(len(fell))[:, None]
        for place, (which, kept) in enumerate(zip(LEARNED, KEPT, strict=True)):
            recent = kept * self._recent[place]
            np.add.at(recent, (columns, self._groups[which]), fell)
            self._recent[place] = np.round(recent, 3)  # a shorter state, and the same one run on
        self._pools = self._pools[0] + fell, self._pools[1] + bets.counted(missing, WIDTH)


def _logs(evidence: Floats, features: int) -> Floats:
    """What was set back to 0 is told as `LEAST`."""
    with np.errstate(divide="ignore"):
        found: Floats = np.maximum(np.log(evidence) - np.log(features), LEAST)
    return found


def _listed(counts: Floats) -> list[list[int]]:
    return [[int(count) for count in row] for row in counts.tolist()]


def _unlisted(counts: Any) -> Floats:
    return np.array(counts, dtype=np.float64)
