"""The interval of a difference from its resamples, wide enough for few rows."""

import numpy as np
from scipy import stats

from console.comparison.metrics import Floats
from console.drift.decisions.intervals import Z


def ends(drawn: Floats, point: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a difference, on each side the further of two ends.

    One is the percentile of the resamples, one Student's t times their standard deviation. Both
    are widened by √(n / (n - 1)) and by t over z, for n - 1 degrees of freedom: resamples vary
    less than samples. Percentiles alone are too sure where few rows weigh much (a ROC AUC of 30
    rows), standard deviations alone where the difference is skewed.

    Args:
        drawn: the difference in each resample; those that are not finite are left out.
        point: the difference over all rows.
        n: the rows.

    Returns:
        Lower and upper end; NaN where fewer than two resamples, or fewer than half, are finite.

    Source: Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapters 12 to 14;
    the factors: Hesterberg (2015), "What Teachers Should Know About the Bootstrap", The American
    Statistician 69, section 5.
    """
    finite = drawn[np.isfinite(drawn)]
    if len(finite) < 2 or 2 * len(finite) <= len(drawn):
        return np.nan, np.nan
    wider = float(stats.t.ppf(0.975, max(n - 1, 1))) / Z * np.sqrt(n / max(n - 1, 1))
    reach = Z * wider * float(np.std(finite, ddof=1))
    low, high = np.quantile(finite, [0.025, 0.975])
    return (
        float(min(point - wider * (point - low), point - reach)),
        float(max(point + wider * (high - point), point + reach)),
    )
