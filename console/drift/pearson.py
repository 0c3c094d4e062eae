"""Pearson's chi-square of two samples, with a p-value that holds far out in the tail.

A correction over many features asks for p-values near .001, where the chi-square distribution
is up to twice too small if categories are expected 5 to 10 times only: of 35 such features 7 to 8
quiet windows in a hundred show a flag. So there the statistic's own mean, variance and third
moment are taken.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

Counts = NDArray[Any]

# Categories expected so many times in the smaller sample, on (harmonic) average, need no moments.
USUAL_EXPECTED = 30.0


def pearson(table: Counts) -> tuple[float, float]:
    """Chi-square of homogeneity and its p-value, of counts of shape (2, categories of 2 or more).

    No row or column is empty. Both are those of `scipy.stats.chi2_contingency(correction=False)`,
    except that the p-value is greater where categories are rare and the distribution of the
    statistic, with all margins given, has a longer tail.
    """
    rows, columns, total = table.sum(axis=1), table.sum(axis=0), table.sum()
    expected = np.outer(rows, columns) / total
    statistic = float(np.sum((table - expected) ** 2 / expected))
    p_value = float(special.chdtrc(len(columns) - 1, statistic))
    if len(columns) == 2 or np.mean(1 / expected.min(axis=0)) * USUAL_EXPECTED < 1:
        return statistic, p_value
    return statistic, max(p_value, _type_three(statistic, rows, columns))


def moments(rows: Counts, columns: Counts) -> tuple[float, float, float]:
    """The mean, variance and third central moment of chi-square with two rows, margins given.

    The mean and variance are exact (Haldane 1940, "The mean and variance of χ², when used as a
    test of homogeneity, when expectations are small", Biometrika 31). The third moment is to the
    first order in the reciprocals of the expected counts. For one sample of n and k shares p it is

        8 (k - 1) + (12 A + 4 B + 6 C) / n,    A = Σ 1/p - k² - 2k + 2 (from the fourth cumulants),
        B = Σ 1/p - 3k + 2 and C = Σ 1/p - k² (from the squares of the third ones),

    which adds up to Haldane's 22 Σ 1/p - 18 k² - 36 k + 32 (1937, "The exact value of the moments
    of the distribution of χ²", Biometrika 29). With the shares f and 1 - f of the rows and
    g = f (1 - f), each count given its column is binomial: its fourth cumulant is 1 - 6 g times,
    its third one squared (1 - 2 f)² times what it is above, and n becomes g times the total.
    """
    total, k = rows.sum(), len(columns)
    mean = total * (k - 1) / (total - 1)
    inverse = float(np.sum(total / columns))
    spread = (k - 1) * (total - k) / (total - 1), (total - 2) / (total - 1)
    uneven = (inverse - k**2) / (total - 2), (np.sum(total / rows) - 4) / (total - 2)
    variance = 2 * total / (total - 3) * (spread[0] - uneven[0]) * (spread[1] - uneven[1])
    variance += total**2 / (total - 1) * uneven[0] * uneven[1]
    share = rows[0] / total
    size = share * (1 - share)
    fourth = 12 * (inverse - k**2 - 2 * k + 2) * (1 - 6 * size)
    third = (10 * inverse - 6 * k**2 - 12 * k + 8) * (1 - 2 * share) ** 2
    return mean, float(variance), float(8 * (k - 1) + (fourth + third) / (size * total))


def _type_three(statistic: float, rows: Counts, columns: Counts) -> float:
    """The upper tail of a shifted gamma distribution (Pearson's type III) of those moments."""
    mean, variance, third = moments(rows, columns)
    skew = third / variance**1.5
    if skew <= 0:
        return 0.0  # no longer tail than chi-square's
    shape = 4 / skew**2
    place = shape + 2 * (statistic - mean) / (skew * variance**0.5)
    return float(special.gammaincc(shape, max(place, 0.0)))
