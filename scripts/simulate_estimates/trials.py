"""Estimates and splits of simulated windows, held against the truth of these very windows."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from backend.versions.signature import Signature
from console.performance.estimated import Estimator
from console.performance.realized import figures
from console.performance.results import Split
from console.performance.split import split
from scripts.simulate_estimates.worlds import World


@dataclass
class Cell:
    """What was found in the windows of one world, case and size.

    Attributes:
        inside: by metric, whether the realized figure was inside the band.
        errors: by metric, estimate less realized.
        reach: by metric, half the width of the band.
        broken: whether the assumption's test said so, all truths of the window being known.
        splits: of each split that was made: whether the interval of the inputs' part, and that of
            the relation's part, holds 0; and the two parts.
    """

    inside: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    reach: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    broken: list[bool] = field(default_factory=list)
    splits: list[tuple[bool, bool, float, float]] = field(default_factory=list)

    def add(self, estimator: Estimator, signature: Signature, rows: pd.DataFrame) -> None:
        """Estimate a window, and compare."""
        estimated = estimator.estimate(rows)
        self.broken.append(estimated.assumption.status == "broken")
        realized = figures(signature.task, signature, rows, count=1)
        for promised, actual in zip(estimated.figures, realized, strict=True):
            if promised.value is None or actual.value is None:
                continue
            assert promised.low is not None  # noqa: S101  # a figure with a value has a band
            assert promised.high is not None  # noqa: S101
            name = promised.metric.name
            self.inside[name].append(promised.low <= actual.value <= promised.high)
            self.errors[name].append(promised.value - actual.value)
            self.reach[name].append((promised.high - promised.low) / 2)

    def add_split(self, done: Split) -> None:
        """Keep a split that was made."""
        if done.status != "ok":
            return
        ends = (done.inputs_low, done.inputs_high), (done.relation_low, done.relation_high)
        inputs, relation = ((low or 0.0) <= 0 <= (high or 0.0) for low, high in ends)
        self.splits.append((inputs, relation, done.inputs or 0.0, done.relation or 0.0))


def run(
    world: World, sizes: tuple[int, ...], windows: int, seed: list[int], splits: int = 0
) -> dict[tuple[str, int], Cell]:
    """Windows of each case and size for one version.

    Args:
        world: where the version and its windows come from.
        sizes: rows of a window.
        windows: of each case and size; they share the version's luck.
        seed: of everything.
        splits: windows of each case, of the second size, that are split.
    """
    found: dict[tuple[str, int], Cell] = defaultdict(Cell)
    random = np.random.default_rng(seed)
    made = world.make(random)
    signature = Signature.from_json(made.version.signature)
    estimator = Estimator.of(made.version, made.reference, made.heldout)
    for case in world.cases:
        for size in sizes:
            for _ in range(windows):
                found[case, size].add(estimator, signature, made.draw(random, size, case))
        for _ in range(splits):
            done = split(made.version, made.reference, made.draw(random, sizes[1], case))
            found[case, sizes[1]].add_split(done)
    return found
