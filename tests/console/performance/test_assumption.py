"""The test of an estimate's promise: quiet when it is kept, lit when it is not, and by what."""

import numpy as np
import pytest

from console.drift.statistics import Floats
from console.performance.assumption import LEVEL, Promise, check

WINDOWS = 300


def promise(
    seed: int,
    n: int = 400,
    off: "Floats | float" = 0.0,
    doubt: float = 0.0,
    tolerance: float = 0.0,
) -> Promise:
    """Events that come as promised, or `off` as often; regions are thirds of the rows.

    `doubt` is the standard deviation of a common error of what was learned.
    """
    random = np.random.default_rng(seed)
    expected = random.uniform(0.2, 0.8, n)
    observed = (random.random(n) < expected + off).astype(float)
    replicates = expected + doubt * random.normal(size=(50, 1))
    regions = np.arange(n) % 3
    return Promise(
        observed, expected, expected * (1 - expected), replicates, expected, regions, tolerance
    )


def test_a_kept_promise_is_rarely_called_broken() -> None:
    p_values = np.array([check(promise(seed)).p_value for seed in range(WINDOWS)])

    assert (p_values < LEVEL).mean() <= 0.03
    # Uniform, or the level would not mean what it says; Kolmogorov's bound at 1 % is 0.094.
    grid = np.linspace(0, 1, 101)
    assert np.abs([(p_values <= at).mean() - at for at in grid]).max() < 0.1


def test_a_promise_that_is_off_by_a_tenth_is_found() -> None:
    p_values = np.array([check(promise(seed, n=1_000, off=-0.1)).p_value for seed in range(50)])

    assert (p_values < LEVEL).mean() > 0.9


def test_what_cancels_in_the_whole_shows_in_a_region_and_is_named() -> None:
    off = np.where(np.arange(1_500) % 3 == 1, -0.16, 0.08)
    one = promise(0, n=1_500, off=off)
    kept = check(one)

    assert one.observed.mean() == pytest.approx(one.expected.mean(), abs=0.03)
    assert kept.p_value < LEVEL
    assert not kept.by_order
    assert set(one.regions[kept.worst]) == {1}


def test_what_is_off_for_low_scores_only_is_named_by_them() -> None:
    one = promise(1, n=1_500)
    low = one.order < np.quantile(one.order, 0.2)
    observed = np.where(low, 1.0, one.observed)
    kept = check(Promise(observed, *list(vars(one).values())[1:]))

    assert kept.p_value < LEVEL
    assert kept.by_order
    assert one.order[kept.worst].max() == one.order[low].max()


def test_doubt_about_what_was_learned_excuses_what_it_covers() -> None:
    found = [
        [check(promise(seed, n=1_000, off=0.08, doubt=doubt)).p_value for seed in range(30)]
        for doubt in (0.0, 0.08)
    ]
    sure, doubtful = (np.mean(np.array(values) < LEVEL) for values in found)

    assert sure > 0.8
    assert doubtful < 0.2


def test_an_error_that_does_not_matter_is_not_made_one_by_many_rows() -> None:
    many = promise(2, n=60_000, off=0.01)

    assert check(many).p_value < LEVEL
    assert check(promise(2, n=60_000, off=0.01, tolerance=0.01)).p_value > LEVEL
    assert check(promise(2, n=60_000, off=0.06, tolerance=0.01)).p_value < LEVEL


def test_one_row_is_a_group() -> None:
    kept = check(promise(0, n=1))

    assert 0 <= kept.p_value <= 1
    assert kept.worst.tolist() == [0]
