"""Latencies as a histogram that adds up: quantiles of any window to 2.5 % of their value.

The buckets are DDSketch's (Masson, Rim and Lee 2019, "DDSketch: a fast and fully-mergeable
quantile sketch with relative-error guarantees", Proc. VLDB Endowment 12(12), section 2): bucket i
holds the values in (γ^(i-1), γ^i], where γ = (1 + α) / (1 - α), and stands for 2 γ^i / (γ + 1),
which is within the share α of each of them.
"""

import math
from collections.abc import Sequence

import numpy as np

from console.drift.statistics import Floats

ACCURACY = 0.025  # α
LEAST_MS = 0.001  # a microsecond; what is below counts as that
MOST_MS = 1_000_000.0  # a thousand seconds; what is above counts as that
_GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
_LOG = math.log(_GAMMA)
BUCKETS = math.ceil(math.log(MOST_MS / LEAST_MS) / _LOG) + 1


def histograms(
    latency_ms: Floats, groups: "np.ndarray[tuple[int], np.dtype[np.int64]]", n: int
) -> Floats:
    """The latencies of each of `n` groups, counted.

    Args:
        latency_ms: of each row; what is not finite is left out.
        groups: of each row, in [0, n).

    Returns:
        Counts of shape (n, BUCKETS); histograms of a union of rows are the sum of theirs.
    """
    known = np.isfinite(latency_ms)
    values = np.clip(latency_ms[known], LEAST_MS, MOST_MS)
    buckets = np.ceil(np.log(values / LEAST_MS) / _LOG).astype(np.int64)
    places = groups[known] * BUCKETS + np.clip(buckets, 0, BUCKETS - 1)
    return np.bincount(places, minlength=n * BUCKETS).astype(np.float64).reshape(n, BUCKETS)


def quantiles(histogram: Floats, shares: Sequence[float]) -> Floats:
    """Quantiles in milliseconds, each within 2.5 % of a value of that rank; NaN without values.

    Args:
        histogram: of shape (BUCKETS,).
        shares: in [0, 1]; 0.95 is the value that 95 % do not exceed.
    """
    total = histogram.sum()
    if not total:
        return np.full(len(shares), np.nan)
    ranks = np.asarray(shares, dtype=np.float64) * (total - 1)
    buckets = np.searchsorted(np.cumsum(histogram), ranks, side="right")
    return np.asarray(LEAST_MS * 2 * _GAMMA**buckets / (_GAMMA + 1), dtype=np.float64)
