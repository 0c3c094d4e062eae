"""How many values would be enough: the least window in which a change that matters would show.

Enough means that the change would be significant with a probability of 80 % (the power), after
Benjamini-Hochberg's correction over `tests` features of which one has drifted. The one that has
drifted must then pass .05 / tests, or hardly more; so that is the level here. Where a feature's
missing values are tested beside its values, it counts twice.

All rest on the effective size n = n1 n2 / (n1 + n2) of a reference of n1 and a window of n2. It
is below n1 however long the window, so a small reference may never be enough.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, log, pi, sqrt

import numpy as np
from scipy import special, stats

from console.drift.columns import LEAST_VALUES, Measured
from console.drift.statistics import LEAST_EXPECTED
from console.drift.thresholds import CATEGORY_FLOOR, NUMBER_FLOOR, POWER, SHIFT, SIGNIFICANT

Shares = tuple[float, ...]
COARSE = 0.01  # from this share of equal values on, a number comes in steps
_LONGEST = 10_000  # values; where a constant reference looks no further


@dataclass(frozen=True)
class Enough:
    """What a feature's verdict takes.

    Attributes:
        values: in the window; None where no window is enough, the reference being too small.
        reference: values that the reference would need, with as many in the window; None where it
            has enough.
    """

    values: int | None
    reference: int | None = None


def enough(found: Measured, tests: int) -> Enough:
    """How many values would show a change of a feature that matters.

    Args:
        found: what was measured, of whichever window.
        tests: the tests among which it must stand out, 1 or more.
    """
    n = found.n_reference
    if found.shares:
        values = enough_for_category(found.shares, n, tests)
        return Enough(values, None if values else reference_for_category(found.shares, tests))
    if found.constant:
        values = enough_for_constant(n, tests)
        return Enough(values, None if values else reference_for_constant(tests))
    values = enough_for_number(n, tests, found.atom)
    return Enough(values, None if values else reference_for_number(tests, found.atom))


def enough_for_number(n_reference: int, tests: int, atom: float = 0.0) -> int | None:
    """The least window that shows a shift of 0.3 standard deviations; None where none does.

    Args:
        n_reference: the reference's values, of a normal shape.
        tests: the tests among which it must stand out, 1 or more.
        atom: the share of the most frequent value: where many are equal it takes more.
    """
    return _window(_size_for_number(tests, atom), n_reference)


def reference_for_number(tests: int, atom: float = 0.0) -> int:
    """The least reference that, with as many current values, shows such a shift."""
    return 2 * ceil(_size_for_number(tests, atom))


@lru_cache(maxsize=4096)
def enough_for_category(shares: Shares, n_reference: int, tests: int) -> int | None:
    """The least window from which on a Jensen-Shannon distance of 0.1 shows; None where none does.

    Args:
        shares: each category's share of the reference; they add up to 1.
        n_reference: the reference's values.
        tests: the tests among which it must stand out, 1 or more.

    The change is one among the categories as they are tested, with rare ones pooled; of two, one
    by which the rarer grows. A single category changes by values that are not of it.
    """
    if len(shares) < 2:
        return _enough_for_departures(_new_share(CATEGORY_FLOOR), n_reference, tests)
    longest = _window(_size_for_category(shares, n_reference, tests), n_reference)
    if longest is None:
        return None

    def is_enough(n_current: int) -> bool:
        size = _size_for_category(shares, min(n_reference, n_current), tests)
        return n_reference * n_current / (n_reference + n_current) >= size

    # A longer window pools fewer categories, which takes more values: the last size that is not
    # enough counts, and it is looked for from the longest down.
    upper = longest if is_enough(longest) else n_reference
    sizes = np.unique(np.geomspace(LEAST_VALUES, max(upper, LEAST_VALUES), 60).astype(int))
    size: int
    for size in sizes[::-1].tolist():
        if not is_enough(size):
            longer = range(size + 1, upper)
            return size + 1 + bisect_left(longer, True, key=is_enough)
        upper = size
    return upper


@lru_cache(maxsize=4096)
def reference_for_category(shares: Shares, tests: int) -> int:
    """The least reference that, with as many current values, shows such a change."""
    if len(shares) < 2:
        return _reference(lambda n: enough_for_category(shares, n, tests))
    n = 2 * LEAST_VALUES
    while (size := _size_for_category(shares, n, tests)) > n / 2:
        n = max(n + n // 8, 2 * ceil(size) if np.isfinite(size) else 0)
    return n


def enough_for_constant(n_reference: int, tests: int) -> int | None:
    """The least window that shows that 10 % of the values differ from a reference's only value."""
    return _enough_for_departures(NUMBER_FLOOR, n_reference, tests)


@lru_cache(maxsize=4096)
def reference_for_constant(tests: int) -> int:
    """The least reference that, with as many current values, shows as much."""
    return _reference(lambda n: enough_for_constant(n, tests))


def _window(size: float, n_reference: int) -> int | None:
    """The window that has an effective size with a reference, if any has."""
    if n_reference <= size:
        return None
    return max(LEAST_VALUES, ceil(size * n_reference / (n_reference - size)))


def _size_for_number(tests: int, atom: float) -> float:
    """The effective size at which Kolmogorov-Smirnov's test shows the shift.

    With a shift of d deviations, √n (F - G) is a Brownian bridge B(t) about √n d φ(Φ⁻¹(t)). Its
    greatest value passes the critical c, Kolmogorov's quantile, with probability .8 where
    √n d = √(2π) (c + k). The curve's probability is an integral (Wang and Pötzelberger 1997,
    "Boundary crossing probability for Brownian motion and general boundaries", Journal of Applied
    Probability 34(1)), from which k = .0893 c - .188, the size within 1 % for 1 to 400 tests.

    Values that come in steps meet the line at some places only, so that the critical c is passed
    later: by .5826 √p, where p is the share of a step (Broadie, Glasserman and Kou 1997, "A
    continuity correction for discrete barrier options", Mathematical Finance 7(4)). At most k is
    Φ⁻¹(.8) / 2, as if the middle were the only place (Massey 1950, "A note on the power of a
    non-parametric test", Annals of Mathematical Statistics 21(3)). Where one value holds half or
    more it is at the value's edge, and a shift by d changes that share by d √(p (1 - p)).
    """
    critical = float(special.kolmogi(SIGNIFICANT / tests))
    only = float(special.ndtri(POWER)) / 2
    if atom >= 0.5:
        return ((critical + only) / sqrt(atom * (1 - atom)) / SHIFT) ** 2
    later = 0.0893 * critical - 0.188
    if atom >= COARSE:
        later = min(later + 0.5826 * sqrt(atom), only)
    return 2 * pi * ((critical + later) / SHIFT) ** 2


def _size_for_category(shares: Shares, smaller: int, tests: int) -> float:
    """The effective size at which chi-square shows the change; `smaller` is the lesser sample.

    The statistic is a noncentral chi-square with λ = n Σ (p - q)² / m (Patnaik 1949, "The
    non-central χ² and F-distributions and their applications", Biometrika 36), where m are the
    pooled shares. By Taylor's theorem the divergence JS² = ½ Σ p ln(p/m) + q ln(q/m) of p and
    q = p + ε is Σ ε² / (8 m) and terms of the third order, so λ = 8 n JS².
    """
    common = sum(share * smaller >= LEAST_EXPECTED for share in shares)
    pool = sum(share for share in shares if share * smaller < LEAST_EXPECTED)
    cells = common + (pool * smaller >= LEAST_EXPECTED)
    if cells == common and pool > 0 and common > 1:
        tests *= 2  # the pool has an exact test of its own
    if cells < 2 and (pool == 0 or common == 0):
        return float("inf")  # all in one cell, or nothing to compare it with
    return _noncentrality(max(cells - 1, 1), tests) / (8 * CATEGORY_FLOOR**2)


@lru_cache(maxsize=4096)
def _noncentrality(freedom: int, tests: int) -> float:
    critical = special.chdtri(freedom, SIGNIFICANT / tests)
    return float(special.chndtrinc(critical, freedom, 1 - POWER))


@lru_cache(maxsize=4096)
def _enough_for_departures(share: float, n_reference: int, tests: int) -> int | None:
    """The window from which on a share of values unknown to the reference shows.

    Fisher's exact p-value of x such values among n is the product of (n - i) / (n1 + n - i) over
    i < x, at most (n / (n1 + n))^x; x is binomial.
    """
    n = np.arange(LEAST_VALUES, _LONGEST)
    needed = np.ceil(log(SIGNIFICANT / tests) / np.log(n / (n_reference + n)))
    fails = np.flatnonzero(stats.binom.sf(needed - 1, n, share) < POWER)
    first = fails[-1] + 1 if len(fails) else 0
    return int(n[first]) if first < len(n) else None


@lru_cache(maxsize=1)
def _new_share(distance: float) -> float:
    """The share of new values at a Jensen-Shannon distance from a single category."""
    q = np.linspace(0, 1, 10_001)
    middle = 1 - q / 2
    divergence = (-np.log(middle) + special.rel_entr(1 - q, middle) + q * np.log(2)) / 2
    return float(np.interp(distance**2, divergence, q))


def _reference(enough: Callable[[int], int | None]) -> int:
    n = LEAST_VALUES
    while (window := enough(n)) is None or window > n:
        n += n // 8
    return n
