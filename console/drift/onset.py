"""When did a feature move? The stretch of time that best divides a window into before and after."""

from dataclasses import dataclass

import numpy as np

from console.drift.statistics import Floats, kolmogorov_p_value

SIGNIFICANT = 0.01
LEAST_DISTANCE = 0.04
"""Below it a division is not named: the distance that a shift of 0.1 standard deviations makes."""
LEAST_ROWS = 30


@dataclass(frozen=True)
class Onset:
    """The best division of a window.

    Attributes:
        place: the first stretch after the change, counted from 0.
        distance: the Kolmogorov-Smirnov distance between before and after, in [0, 1].
        p_value: that of the distance times the divisions tried (Bonferroni), in [0, 1].
    """

    place: int
    distance: float
    p_value: float


def onset(counts: Floats) -> Onset | None:
    """The stretch at which one column changed; None where no stretch divides its values well.

    Of all divisions into before and after, each with at least 30 values, the one with the
    greatest √(n1 n2 / (n1 + n2)) D, where D is the two-sample Kolmogorov-Smirnov distance on the
    cells. The reference plays no part, so a feature that had moved before the window has none.

    Args:
        counts: values by stretch and cell, in order, shape (stretches, cells); cells of a number
            ascend, those of a category may have any order.

    Source: Deshayes and Picard (1986), "Off-line statistical analysis of change-point models
    using non parametric and likelihood methods", section 3; the distribution-free statistic is
    Darkhovsky's (1976), Theory of Probability and its Applications 21(1).
    """
    before = np.cumsum(counts, axis=0)[:-1]
    after = counts.sum(axis=0) - before
    n_before, n_after = before.sum(axis=1), after.sum(axis=1)
    tried = np.flatnonzero(np.minimum(n_before, n_after) >= LEAST_ROWS)
    if not len(tried):
        return None
    was, became = (np.cumsum(side[tried], axis=1) for side in (before, after))
    n1, n2 = n_before[tried], n_after[tried]
    distances = np.abs(was / n1[:, None] - became / n2[:, None]).max(axis=1)
    best = int(np.argmax(np.sqrt(n1 * n2 / (n1 + n2)) * distances))
    distance = float(distances[best])
    p_value = kolmogorov_p_value(distance, int(n1[best]), int(n2[best]))
    found = Onset(int(tried[best]) + 1, distance, min(1.0, p_value * len(tried)))
    return found if found.p_value < SIGNIFICANT and distance >= LEAST_DISTANCE else None
