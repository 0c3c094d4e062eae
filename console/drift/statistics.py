"""The statistics behind a verdict: two samples in, a number out. Nothing here knows a feature.

Samples of numbers are float arrays without missing or infinite values, sorted ascending where a
parameter says so: the reference is sorted once and then compared with any number of windows, each
in the time of sorting the window alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from console.drift.pearson import pearson

Floats = NDArray[np.float64]
Counts = NDArray[Any]

# Below this effective size the exact one-sample distribution is taken: its cost there is under
# 2 ms, and grows to half a second for a million rows.
EXACT_BELOW = 100
LEAST_EXPECTED = 5.0
EXACT_EXPECTED = 50.0


@dataclass(frozen=True)
class Test:
    """A test's outcome. `statistic` as the test defines it; `p_value` in [0, 1]."""

    __test__ = False  # pytest collects what is called Test

    statistic: float
    p_value: float


def kolmogorov_smirnov(reference: Floats, current: Floats) -> Test:
    """Two-sample Kolmogorov-Smirnov test, two-sided, both samples sorted and not empty.

    The statistic is the greatest difference between the two empirical distribution functions, in
    [0, 1]; equal to `scipy.stats.ks_2samp`. Ties make the test conservative.

    Source: Smirnov (1948), "Table for estimating the goodness of fit of empirical distributions".
    """
    # Between two neighbouring values of one sample its function is flat and the other's rises, so
    # the greatest difference is at a value or just below one. The smaller sample has fewer.
    few, many = sorted((reference, current), key=len)
    last = np.concatenate((np.flatnonzero(few[1:] != few[:-1]), [len(few) - 1]))
    values, few_at = few[last], (last + 1) / len(few)
    few_below = np.concatenate(([0.0], few_at[:-1]))
    at = np.searchsorted(many, values, side="right") / len(many)
    below = np.searchsorted(many, values, side="left") / len(many)
    distance = float(max(np.abs(few_at - at).max(), np.abs(few_below - below).max()))
    return Test(distance, kolmogorov_p_value(distance, len(reference), len(current)))


def kolmogorov_p_value(distance: float, n_reference: int, n_current: int) -> float:
    """The probability of a Kolmogorov-Smirnov distance at least as great, without any drift.

    From the effective size n = n1 n2 / (n1 + n2), as `ks_2samp(method="asymp")`. For n of 100 or
    more, Kolmogorov's limit at the corrected argument z + 1 / (6 √n) + (z - 1) / (4 n), z = √n D:
    within 0.1 % of the exact value at p = .05 and too large by at most 4 % at p = .0005.

    Source: Kolmogorov (1933); Vrbik (2020), "Deriving CDF of Kolmogorov-Smirnov Test Statistic",
    Applied Mathematics 11(3), its closing approximation.
    """
    n = n_reference * n_current / (n_reference + n_current)
    if n < EXACT_BELOW:
        return float(np.clip(stats.kstwo.sf(distance, max(round(n), 1)), 0, 1))
    z = np.sqrt(n) * distance
    return float(special.kolmogorov(z + 1 / (6 * np.sqrt(n)) + (z - 1) / (4 * n)))


def prefix_sums(values: Floats, centre: float = 0.0) -> Floats:
    """The sums of the first 0, 1, … n values less `centre`; shape (n + 1,). For `wasserstein`."""
    return np.concatenate(([0.0], np.cumsum(values - centre)))


def wasserstein(reference: Floats, sums: Floats, current: Floats, centre: float = 0.0) -> float:
    """The first Wasserstein distance between two sorted samples, in the unit of the values.

    The area between the two quantile functions; `sums` are the reference's `prefix_sums` around
    the same `centre` (its mean keeps the digits of values far from zero). Equal to
    `scipy.stats.wasserstein_distance`, without merging the samples.

    Source: Vallender (1974), "Calculation of the Wasserstein distance between probability
    distributions on the line", Theory of Probability and its Applications 18(4).
    """
    # On the i-th step of the current quantile function its value c is fixed. The reference's
    # quantiles lie below c up to the share `split` of the reference, and above c after it.
    n, m = len(reference), len(current)
    grid = np.arange(m + 1) / m
    low, high = grid[:-1], grid[1:]
    split = np.clip(np.searchsorted(reference, current, side="right") / n, low, high)
    on_grid = _quantile_integral(reference, sums, grid, centre)
    on_split = _quantile_integral(reference, sums, split, centre)
    shifted = current - centre
    under = shifted * (split - low) - (on_split - on_grid[:-1])
    over = (on_grid[1:] - on_split) - shifted * (high - split)
    return float(max(np.sum(under) + np.sum(over), 0.0))


def jensen_shannon(reference: Counts, current: Counts) -> float:
    """The Jensen-Shannon distance between two rows of counts over the same cells.

    The square root of the divergence in natural logarithms: 0 for equal shares, √ln 2 = 0.833
    where no cell is shared. Both rows have a positive sum.

    Source: Endres and Schindelin (2003), "A new metric for probability distributions", IEEE
    Transactions on Information Theory 49(7).
    """
    p, q = reference / reference.sum(), current / current.sum()
    middle = (p + q) / 2
    divergence = (special.rel_entr(p, middle).sum() + special.rel_entr(q, middle).sum()) / 2
    return float(np.sqrt(max(divergence, 0.0)))


def population_stability(reference: Counts, current: Counts) -> float:
    """The population stability index between two rows of counts over the same cells; 0 or more.

    The symmetric Kullback-Leibler divergence, Σ (p - q) ln(p / q). Half a row is added to each
    cell (Jeffreys' prior): without it an empty cell makes the index infinite, and a tiny number
    in its place makes it arbitrary.

    Source: Siddiqi (2006), "Credit Risk Scorecards"; Jeffreys (1946), Proceedings of the Royal
    Society A 186.
    """
    p, q = (reference + 0.5) / (reference + 0.5).sum(), (current + 0.5) / (current + 0.5).sum()
    return float(np.sum((p - q) * np.log(p / q)))


def chi_square(table: Counts) -> Test:
    """Two-sample chi-square test of homogeneity on counts of shape (2, categories).

    Categories expected fewer than 5 times in either sample are pooled, largest last, and if the
    pool itself is expected fewer than 5 times it is tested against all others by Fisher's exact
    test, beside the chi-square of the others; the p-value is then twice the smaller of the two
    (Bonferroni). The pooling looks at the column totals only, so it keeps the level. Two
    categories are tested as `two_proportions`; one in all gives a statistic of 0 and p = 1. Else
    equal to `scipy.stats.chi2_contingency(correction=False)`, with a p-value that is greater where
    many categories are rare: see `pearson`.

    Source: Pearson (1900), (1911); Cochran (1954), "Some methods for strengthening the common
    χ² tests", Biometrics 10(4), for the 5; Fisher (1934).
    """
    table = np.asarray(table, dtype=np.float64)
    table = table[:, table.sum(axis=0) > 0]
    rows = table.sum(axis=1)
    if rows.min() == 0 or table.shape[1] < 2:
        return Test(0.0, 1.0)
    expected_share = rows.min() / rows.sum()
    sparse = table.sum(axis=0) * expected_share < LEAST_EXPECTED
    if not sparse.any():
        return _homogeneity(table)
    common, pool = table[:, ~sparse], table[:, sparse].sum(axis=1)
    if pool.sum() * expected_share >= LEAST_EXPECTED:
        return _homogeneity(np.column_stack([common, pool]))
    exact = fisher_exact(np.column_stack([rows - pool, pool])).p_value
    if common.shape[1] < 2:
        return Test(0.0, exact)
    main = _homogeneity(common)
    return Test(main.statistic, min(1.0, 2 * min(main.p_value, exact)))


def two_proportions(table: Counts) -> Test:
    """Whether a share differs between two samples; counts of shape (2, 2).

    The statistic is chi-square with one degree of freedom (the square of the pooled two-proportion
    z). Its p-value is too small for rare events, just where a correction over many features
    looks, so it comes from Fisher's exact test where a cell is expected fewer than 50 times.
    """
    table = np.asarray(table, dtype=np.float64)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    if rows.min() == 0 or columns.min() == 0:
        return Test(0.0, 1.0)
    found = Test(*pearson(table))
    if rows.min() * columns.min() / rows.sum() < EXACT_EXPECTED:
        return Test(found.statistic, fisher_exact(table).p_value)
    return found


def fisher_exact(table: Counts) -> Test:
    """Fisher's exact test, two-sided, on counts of shape (2, 2); the statistic is 0.

    Equal to `scipy.stats.fisher_exact`, in a twentieth of its time: of many rare categories each
    window takes one a feature.

    Source: Fisher (1934), "Statistical Methods for Research Workers", 5th edition, section 21.02.
    """
    table = np.asarray(table, dtype=np.float64)
    rows, columns, total = table.sum(axis=1), table.sum(axis=0), table.sum()
    if columns.min() == 0 or rows.min() == 0:
        return Test(0.0, 1.0)
    # The rarer row's count in the rarer column decides the table: it is hypergeometric.
    row, column = int(np.argmin(rows)), int(np.argmin(columns))
    least = max(0.0, rows[row] + columns[column] - total)
    count = np.arange(least, min(rows[row], columns[column]) + 1)
    logarithms = -(
        special.gammaln(count + 1)
        + special.gammaln(rows[row] - count + 1)
        + special.gammaln(columns[column] - count + 1)
        + special.gammaln(total - rows[row] - columns[column] + count + 1)
    )
    chances = np.exp(logarithms - logarithms.max())
    seen = chances[int(table[row, column] - least)]
    # Tables as likely as the one seen are as extreme; rounding must not part them.
    extreme = chances <= seen * (1 + 1e-7)
    return Test(0.0, float(min(chances[extreme].sum() / chances.sum(), 1.0)))


def benjamini_hochberg(p_values: Floats) -> Floats:
    """Adjusted p-values (q-values) in the order given: those below a level have a false discovery
    rate of at most that level, and where nothing has drifted, that chance of any at all.

    Source: Benjamini and Hochberg (1995), "Controlling the false discovery rate", Journal of the
    Royal Statistical Society B 57(1).
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    n = len(p_values)
    order = np.argsort(p_values)
    scaled = p_values[order] * n / np.arange(1, n + 1)
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def _homogeneity(table: Floats) -> Test:
    # Pooling may leave a sample without any common category.
    if table.shape[1] < 2 or table.sum(axis=1).min() == 0:
        return Test(0.0, 1.0)
    return two_proportions(table) if table.shape[1] == 2 else Test(*pearson(table))


def _quantile_integral(values: Floats, sums: Floats, shares: Floats, centre: float) -> Floats:
    """The integral of the quantile function of sorted `values` less `centre`, to each share."""
    places = shares * len(values)
    whole = np.minimum(places.astype(np.int64), len(values) - 1)
    integral: Floats = (sums[whole] + (places - whole) * (values[whole] - centre)) / len(values)
    return integral
