"""What comparing a window's sketch with the reference's measures: what the rows would, or nearly.

Of numbers the population stability index, missing values and values out of range are exact, the
Kolmogorov-Smirnov and Wasserstein distances nearly (`docs/benchmarks/sketches.md`). Of categories
all is exact while the new ones are known by name, and else the Jensen-Shannon distance is: a
category with no rows in the reference and the share q in the window adds q ln(2) / 2 to the
divergence, so new ones add the same together as apart.
"""

from collections.abc import Mapping

import numpy as np

from console.drift import statistics
from console.drift.columns import LEAST_VALUES, CategoryColumn, Measured, missing_shares
from console.drift.sketches import shapes
from console.drift.sketches.cells import ColumnCells
from console.drift.statistics import Floats, Test

OTHERS = "(other new categories)"


def measure(
    cells: ColumnCells,
    reference: Floats,
    current: Floats,
    novel: Mapping[str, int] | None = None,
) -> Measured:
    """Compare two vectors of the same cells.

    Args:
        cells: the frozen cells of a column.
        reference: the vector of the whole reference.
        current: that of a window's rows.
        novel: the window's new categories with their counts, as far as known.
    """
    if not cells.feature.is_numeric:
        return _categories(cells, reference, current, novel or {})
    common = missing_shares(
        shapes.rows(reference),
        shapes.count(reference),
        shapes.rows(current),
        shapes.count(current),
    )
    constant = cells.deviation == 0
    was = cells.counts(reference)
    # A value as frequent as to matter has a cell of its own.
    atom = float(was.max() / max(was.sum(), 1))
    if min(common["n_reference"], common["n_current"]) < LEAST_VALUES:
        return Measured(**common, constant=constant, atom=atom)
    became = cells.counts(current)
    share_was, share_became = was / was.sum(), became / became.sum()
    distance = min(1.0, float(np.abs(np.cumsum(share_was - share_became)[:-1]).max()))
    sizes = common["n_reference"], common["n_current"]
    return Measured(
        **common,
        distribution=Test(distance, statistics.kolmogorov_p_value(distance, *sizes)),
        effect=_effect(cells, reference, current),
        stability=statistics.population_stability(
            _by_decile(cells, was), _by_decile(cells, became)
        ),
        out_of_range=float(share_became[0] + share_became[-1]),
        was=cells.median,
        became=shapes.median(cells, current),
        constant=constant,
        atom=atom,
    )


def wasserstein(cells: ColumnCells, reference: Floats, current: Floats) -> float:
    """The first Wasserstein distance between two samples, from their vectors.

    The distance is W1 = ∫ |F - G| over the two empirical distribution functions (Vallender 1974,
    "Calculation of the Wasserstein distance between probability distributions on the line",
    Theory of Probability and its Applications 18(4)).

    In a cell (a, b] each value x raises F by 1/n from x on, so integrated by parts

        ∫ F over (a, b] = (b - a) F(a) + Σ (b - x) / n,

    which a vector holds exactly; over the first cell F(a) = 0 and only the sum remains, and over
    the last one ∫ (1 - F) = Σ (x - a) / n. So D = F - G is known at both edges of a cell, and
    its integral over the cell. Where D keeps its sign the area is the integral's size, and that
    is a lower bound in any case. Where D may change it, because the least and the greatest value
    that it can have in the cell, F(a) - G(b) and F(b) - G(a), have different signs, an upper
    bound is the area if D jumps once between the two. D is then taken as two straight lines
    through the edges and the middle, whose height follows from the integral, but its area as no
    more than half way between the bounds. `edges.edges_of` says how narrow cells are for what
    remains uncertain.
    """
    n, m = cells.counts(reference).sum(), cells.counts(current).sum()
    rise = cells.counts(reference) / n, cells.counts(current) / m
    at_f, at_g = (np.cumsum(part)[:-1] for part in rise)
    apart = cells.sums(reference) / n - cells.sums(current) / m
    at, widths = at_f - at_g, np.diff(cells.edges)
    integral = widths * at[:-1] + apart[1:-1]
    areas = np.abs(integral)
    least, most = at_f[:-1] - at_g[1:], at_f[1:] - at_g[:-1]
    # Without sums all values of the cell lie on its upper edge, and D is the same until there.
    some = np.flatnonzero((least < 0) & (most > 0) & (apart[1:-1] != 0))
    areas[some] = widths[some] * _crossing(
        integral[some] / widths[some], (at[some], at[some + 1]), (least[some], most[some])
    )
    return float(np.abs(apart[0]) + areas.sum() + np.abs(apart[-1]))


def _crossing(mean: Floats, ends: tuple[Floats, Floats], limits: tuple[Floats, Floats]) -> Floats:
    """The areas between D and zero in cells of width 1 in which D may change its sign.

    Args:
        mean: the integral of D over each cell.
        ends: D at the lower and at the upper edge.
        limits: the least and the greatest value that D can have in the cell.
    """
    (left, right), (least, most) = ends, limits
    mean = np.clip(mean, least, most)
    middle = 2 * mean - (left + right) / 2
    lines = (_line(left, middle) + _line(middle, right)) / 2
    # D at the greatest value for this share of the cell, and then at the least, has the same mean.
    share = (mean - least) / (most - least)
    lower, upper = np.abs(mean), share * most - (1 - share) * least
    area: Floats = np.maximum(lower, np.minimum(lines, (lower + upper) / 2))
    return area


def _line(left: Floats, right: Floats) -> Floats:
    """The area between zero and a straight line of length 1 from `left` to `right`."""
    total = np.abs(left) + np.abs(right)
    crossing = (left**2 + right**2) / (2 * np.where(total == 0, 1.0, total))
    area: Floats = np.where(left * right < 0, crossing, total / 2)
    return area


def _effect(cells: ColumnCells, reference: Floats, current: Floats) -> float:
    if cells.deviation == 0:
        # The only value of the reference has a cell of its own.
        counts = cells.counts(current)
        place = int(np.searchsorted(cells.edges, cells.median))
        return float(1 - counts[place] / counts.sum())
    return wasserstein(cells, reference, current) / cells.deviation


def _by_decile(cells: ColumnCells, counts: Floats) -> Floats:
    """Counts between the deciles, each of which is an edge."""
    starts = np.searchsorted(cells.edges, cells.deciles) + 1
    return np.add.reduceat(counts, np.concatenate(([0], starts)))


def _categories(
    cells: ColumnCells, reference: Floats, current: Floats, novel: Mapping[str, int]
) -> Measured:
    counts = cells.counts(current)
    counted = dict(zip(cells.categories, counts[:-1].astype(int).tolist(), strict=True))
    counted |= dict(sorted(novel.items(), key=lambda item: -item[1]))
    # Only the most frequent new categories are kept by name.
    rest = int(counts[-1]) - sum(novel.values())
    if rest > 0:
        counted[OTHERS] = rest
    was = CategoryColumn(
        cells.feature, shapes.rows(reference), cells.categories, cells.counts(reference)[:-1]
    )
    return was.measure_counts(counted, shapes.rows(current))
