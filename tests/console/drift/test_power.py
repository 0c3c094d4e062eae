"""What is called enough shows a change with 80 % probability: by simulation and by theory."""

import numpy as np
import pytest
from scipy import optimize, special, stats

from console.drift import power, statistics
from console.drift.statistics import Floats

TESTS = [1, 10, 35]
REFERENCES = [1_000, 10_000]
LEVEL = 0.04


@pytest.mark.parametrize("tests", TESTS)
@pytest.mark.parametrize("n_reference", REFERENCES)
def test_enough_numbers_show_a_shift_four_times_in_five(n_reference: int, tests: int) -> None:
    random = np.random.default_rng(tests)
    n = power.enough_for_number(n_reference, tests)
    assert n is not None
    trials, seen = 1_000, 0
    for trial in range(trials):
        if n_reference == 1_000 or trial % 4 == 0:
            reference = np.sort(random.normal(size=n_reference))
        current = np.sort(random.normal(0.3, size=n))
        found = statistics.kolmogorov_smirnov(reference, current)
        seen += found.p_value < LEVEL / tests
    assert seen / trials == pytest.approx(0.8, abs=0.05)  # four standard errors


@pytest.mark.parametrize("tests", TESTS)
@pytest.mark.parametrize("n_reference", REFERENCES)
@pytest.mark.parametrize(
    ("values", "was", "became"),
    [
        # By 0.3 deviations: six whole numbers with a mean of 1.5, two of 0.1 and 0.5,
        # and a normal distribution rounded to a fifth of its deviation.
        (6, stats.binom.pmf(range(6), 5, 0.3), stats.binom.pmf(range(6), 5, 0.3615)),
        (2, [0.9, 0.1], [0.81, 0.19]),
        (2, [0.5, 0.5], [0.35, 0.65]),
        (61, *(np.diff(stats.norm.cdf(np.linspace(-6.1, 6.1, 62), by)) for by in (0, 0.3))),
    ],
    ids=["six", "two", "even", "rounded"],
)
def test_enough_numbers_in_few_steps_show_a_shift_about_four_times_in_five(
    values: int, was: Floats, became: Floats, n_reference: int, tests: int
) -> None:
    random = np.random.default_rng(tests)
    n = power.enough_for_number(n_reference, tests, atom=float(max(was)))
    assert n is not None
    trials, seen = 1_000, 0
    for trial in range(trials):
        if n_reference == 1_000 or trial % 4 == 0:
            reference = np.sort(random.choice(values, n_reference, p=was / np.sum(was)))
        current = np.sort(random.choice(values, n, p=became / np.sum(became)))
        found = statistics.kolmogorov_smirnov(reference.astype(float), current.astype(float))
        seen += found.p_value < LEVEL / tests
    assert 0.74 < seen / trials < 0.91


@pytest.mark.parametrize("tests", TESTS)
@pytest.mark.parametrize("n_reference", REFERENCES)
@pytest.mark.parametrize(
    "shares",
    [
        (0.5, 0.5),
        (0.8, 0.2),
        (0.4, 0.3, 0.15, 0.1, 0.05),
        (0.1,) * 10,
        tuple(0.6**i * 0.4 / (1 - 0.6**21) for i in range(21)),
    ],
    ids=["even", "uneven", "five", "ten", "geometric"],
)
def test_enough_categories_show_a_change_four_times_in_five(
    shares: tuple[float, ...], n_reference: int, tests: int
) -> None:
    random = np.random.default_rng(tests)
    n = power.enough_for_category(shares, n_reference, tests)
    assert n is not None
    was, trials, seen = np.array(shares), 3_000, 0
    for trial in range(trials):
        if trial % 30 == 0:
            became = moved(was, min(n, n_reference), random)
        table = [random.multinomial(n_reference, was), random.multinomial(n, became)]
        seen += statistics.chi_square(np.array(table)).p_value < LEVEL / tests
    assert seen / trials == pytest.approx(0.8, abs=0.05)


def moved(shares: Floats, smaller: int, random: np.random.Generator) -> Floats:
    """Shares at a Jensen-Shannon distance of 0.1; categories that are pooled move together."""
    is_common = shares * smaller >= 5
    cells = np.where(is_common, np.arange(1, len(shares) + 1), 0)
    tilt = random.normal(size=len(shares) + 1)[cells]
    if len(shares) == 2:
        tilt = np.array([0.0, 1.0])  # the rarer grows
    tilt = tilt / np.sqrt(np.sum(shares * (tilt - np.sum(shares * tilt)) ** 2))

    def at(strength: float) -> Floats:
        weights = shares * np.exp(strength * tilt)
        scaled: Floats = weights / weights.sum()
        return scaled

    strength = optimize.brentq(
        lambda s: statistics.jensen_shannon(shares, at(s)) - 0.1, 1e-6, 3, xtol=1e-4
    )
    return at(float(strength))


@pytest.mark.parametrize("tests", [1, 2, 10, 35, 100, 400])
def test_the_formula_for_numbers_is_the_bridges_crossing_probability(tests: int) -> None:
    critical = float(special.kolmogi(LEVEL / tests))
    shift = optimize.brentq(lambda a: crossing(a, critical) - 0.8, 2, 8, xtol=1e-3)
    n_reference = 10**9  # then the window's size is the effective one
    found = power.enough_for_number(n_reference, tests)
    assert found == pytest.approx((shift / 0.3) ** 2, rel=0.015)


def crossing(shift: float, critical: float, steps: int = 16, points: int = 200) -> float:
    """P(max B(t) + a φ(Φ⁻¹(t)) > c) of a Brownian bridge B, by Wang and Pötzelberger (1997).

    The line c - a φ(Φ⁻¹(t)) is taken as straight between grid points, where the probability that
    the bridge stays below it is known; both halves of [0, 1] are alike.
    """
    times = np.linspace(0, 0.5, steps + 1)
    line = critical - shift * stats.norm.pdf(stats.norm.ppf(times))
    line[0] = critical
    place, density = np.zeros(1), np.ones(1)
    for k in range(steps):
        step, left = times[k + 1] - times[k], 1 - times[k]
        spread = np.sqrt(times[k + 1] * (1 - times[k + 1]))
        after = np.linspace(-7 * spread, line[k + 1], points)
        to = stats.norm.pdf(
            after[None, :],
            place[:, None] * (1 - times[k + 1]) / left,
            np.sqrt(step * (1 - times[k + 1]) / left),
        )
        stays = 1 - np.exp(-2 * (line[k] - place)[:, None] * (line[k + 1] - after) / step)
        density, place = (density @ (to * stays)) * (after[1] - after[0]), after
    return 1 - float(np.sum(density**2 / stats.norm.pdf(place, 0, 0.5)) / (place[1] - place[0]))


@pytest.mark.parametrize("n_reference", [200, 1_000, 10_000])
def test_a_tenth_of_other_values_shows_beside_a_constant_reference(n_reference: int) -> None:
    n = power.enough_for_constant(n_reference, 35)
    assert n is not None
    differ = np.arange(n + 1)
    p_values = [
        statistics.two_proportions(np.array([[n_reference, 0], [n - x, x]])).p_value for x in differ
    ]
    shown = stats.binom.pmf(differ, n, 0.1)[np.array(p_values) < LEVEL / 35].sum()
    assert 0.8 <= shown < 0.95


def test_no_window_is_enough_for_a_reference_below_the_effective_size() -> None:
    for tests in TESTS:
        needed = power.reference_for_number(tests)
        assert power.enough_for_number(needed // 2 - 1, tests) is None
        assert power.enough_for_number(needed, tests) == pytest.approx(needed, abs=3)
        shares = (0.5, 0.3, 0.2)
        needed = power.reference_for_category(shares, tests)
        assert power.enough_for_category(shares, needed // 2 - 20, tests) is None
        assert power.enough_for_category(shares, needed, tests) == pytest.approx(needed, abs=3)
        assert power.enough_for_constant(power.reference_for_constant(tests), tests) is not None


def test_more_tests_and_smaller_references_take_longer_windows() -> None:
    numbers = [power.enough_for_number(10_000, tests) for tests in (1, 2, 10, 35, 200)]
    windows = [power.enough_for_number(n, 10) for n in (100_000, 10_000, 1_000, 500, 300)]
    assert numbers == sorted(set(numbers), key=lambda n: n or 0)
    assert windows == sorted(set(windows), key=lambda n: n or 0)


def test_no_window_is_enough_where_every_category_is_too_rare_to_be_told_apart() -> None:
    assert power.enough_for_category((0.001,) * 1_000, 1_000, 1) is None
    assert power.reference_for_category((0.001,) * 1_000, 1) >= 5_000
    many = power.enough_for_category((0.001,) * 1_000, 100_000, 1)
    assert many is not None
    assert many >= 5_000
