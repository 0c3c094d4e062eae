"""The score interval of matched shares: against the likelihood, and how often it is too short."""

import numpy as np
import pytest
from scipy import optimize, stats

from console.comparison.matched import score_ends
from console.drift.decisions.intervals import Z


def score(difference: float, lost: int, gained: int, n: int) -> float:
    """The score statistic, with the share gained found by searching the likelihood."""

    def unlikely(share: float) -> float:
        cells = np.array([share + difference, share, 1 - 2 * share - difference])
        counts = np.array([lost, gained, n - lost - gained])
        return -float((counts[counts > 0] * np.log(cells[counts > 0])).sum())

    bounds = (max(0.0, -difference) + 1e-12, (1 - difference) / 2 - 1e-12)
    share = optimize.minimize_scalar(
        unlikely, bounds=bounds, method="bounded", options={"xatol": 1e-12}
    ).x
    spread = np.sqrt(n * (2 * share + difference - difference**2))
    return float((lost - gained - n * difference) / spread)


@pytest.mark.parametrize(
    ("lost", "gained", "n"), [(5, 2, 143), (12, 30, 60), (7, 1, 40), (40, 44, 900)]
)
def test_at_its_ends_the_score_test_just_rejects(lost: int, gained: int, n: int) -> None:
    low, high = score_ends(lost, gained, n)
    assert low < (lost - gained) / n < high
    assert score(high, lost, gained, n) == pytest.approx(-Z, abs=1e-4)
    assert score(low, lost, gained, n) == pytest.approx(Z, abs=1e-4)


def test_where_no_row_differs_it_reaches_as_far_as_rows_unseen_may() -> None:
    low, high = score_ends(0, 0, 30)
    assert high == pytest.approx(Z**2 / (30 + Z**2))
    assert low == -high


def test_the_ends_stay_within_all_rows() -> None:
    assert score_ends(50, 0, 50)[1] == 1
    assert score_ends(0, 50, 50)[0] == -1


def test_zero_is_left_out_where_mcnemars_statistic_is_beyond_its_limit() -> None:
    for lost, gained in ((4, 0), (3, 0), (9, 2), (8, 2)):
        is_beyond = (lost - gained) / np.sqrt(lost + gained) > Z
        assert (score_ends(lost, gained, 100)[0] > 0) == is_beyond


@pytest.mark.parametrize("n", [30, 50, 100, 143, 300, 1_000])
@pytest.mark.parametrize("gained", [0.0, 0.01, 0.05])
def test_it_is_too_short_in_no_more_samples_than_is_claimed(n: int, gained: float) -> None:
    # All samples, each with its probability: no draw of chance is in this.
    worse = 0.02
    most = [int(n * share + 6 * np.sqrt(n * share) + 6) for share in (worse + gained, gained)]
    below = 0.0
    for more in range(most[1] + 1 if gained else 1):
        # Of the rows lost, the most with which the bad end is still within what is true.
        lost = -1
        while lost < most[0] and score_ends(lost + 1, more, n)[1] <= worse:
            lost += 1
        rest = (worse + gained) / (1 - gained)
        below += stats.binom.pmf(more, n, gained) * stats.binom.cdf(lost, n - more, rest)
    assert below <= 0.028
