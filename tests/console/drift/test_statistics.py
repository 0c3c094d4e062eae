"""The statistics against SciPy's and Evidently's own, and against closed forms."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from console.drift import statistics
from console.drift.pearson import moments
from console.drift.statistics import Floats

Draw = Callable[[np.random.Generator, int], Floats]

COLUMNS: dict[str, Draw] = {
    "normal": lambda random, n: random.normal(size=n),
    "skewed": lambda random, n: random.lognormal(sigma=2, size=n),
    "tied": lambda random, n: random.integers(0, 5, n).astype(float),
    "far from zero": lambda random, n: 1e9 + random.normal(size=n),
    "mostly one value": lambda random, n: np.where(random.random(n) < 0.9, 0.0, 1.0),
}
SIZES = [(2, 3), (7, 300), (300, 7), (50, 50), (10_000, 200), (1_000, 3_000)]


def pair(name: str, sizes: tuple[int, int], seed: int = 5) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    reference, current = (COLUMNS[name](random, n) for n in sizes)
    return np.sort(reference), np.sort(current + np.float64(name == "normal") * 0.2)


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("sizes", SIZES)
def test_the_kolmogorov_smirnov_distance_is_scipys(name: str, sizes: tuple[int, int]) -> None:
    reference, current = pair(name, sizes)
    expected = stats.ks_2samp(reference, current, method="asymp")
    found = statistics.kolmogorov_smirnov(reference, current)
    assert found.statistic == pytest.approx(expected.statistic, abs=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=0.05, abs=1e-6)


@pytest.mark.parametrize("n", [(200, 200), (1_000, 1_000), (30_000, 15_000), (400_000, 20_000)])
def test_the_quick_p_value_is_the_exact_one_where_it_decides(n: tuple[int, int]) -> None:
    effective = round(n[0] * n[1] / sum(n))
    for p_value, tolerance in ((0.5, 0.001), (0.05, 0.003), (0.001, 0.03)):
        distance = float(stats.kstwo.isf(p_value, effective))
        found = statistics.kolmogorov_p_value(distance, *n)
        assert found == pytest.approx(p_value, rel=tolerance)


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("sizes", SIZES)
def test_the_wasserstein_distance_is_scipys(name: str, sizes: tuple[int, int]) -> None:
    reference, current = pair(name, sizes)
    centre = float(reference.mean())
    sums = statistics.prefix_sums(reference, centre)
    found = statistics.wasserstein(reference, sums, current, centre)
    expected = stats.wasserstein_distance(reference, current)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_shift_of_every_value_is_the_wasserstein_distance() -> None:
    values = np.sort(np.random.default_rng(1).normal(size=500))
    sums = statistics.prefix_sums(values)
    assert statistics.wasserstein(values, sums, values + 0.7) == pytest.approx(0.7)
    assert statistics.wasserstein(values, sums, values) == pytest.approx(0.0, abs=1e-12)


def test_the_jensen_shannon_distance_is_scipys_with_empty_cells_too() -> None:
    reference, current = np.array([50, 30, 0, 20]), np.array([5, 5, 5, 0])
    expected = jensenshannon(reference, current)
    assert statistics.jensen_shannon(reference, current) == pytest.approx(expected, abs=1e-12)


def test_samples_that_share_no_cell_have_the_greatest_jensen_shannon_distance() -> None:
    found = statistics.jensen_shannon(np.array([9, 0]), np.array([0, 4]))
    assert found == pytest.approx(np.sqrt(np.log(2)))


def test_the_stability_index_is_the_symmetric_divergence_in_theory() -> None:
    # Two normals one deviation apart: the divergence both ways is 1 in all, on ever finer cells.
    edges = np.linspace(-4, 5, 200)
    cells = [np.diff(stats.norm.cdf(edges, loc=mean)) for mean in (0, 1)]
    found = statistics.population_stability(*(1e9 * cell for cell in cells))
    assert found == pytest.approx(1.0, abs=0.01)


def test_an_empty_cell_does_not_make_the_stability_index_explode() -> None:
    found = statistics.population_stability(np.array([500, 500]), np.array([1_000, 0]))
    assert 0.5 < found < 5


@pytest.mark.parametrize(
    "table",
    [
        [[500, 300, 200], [160, 120, 80]],
        [[900, 1_000], [400, 500]],
        [[90] * 8, [40] * 8],
        [[5_000, 3_000, 1_500, 500], [210, 190, 70, 30]],
        [[50, 30, 20], [60, 20, 20]],  # rare, but no longer tail: the rows are equal
    ],
)
def test_chi_square_is_scipys_where_categories_are_not_rare(table: list[list[int]]) -> None:
    expected = stats.chi2_contingency(table, correction=False)
    found = statistics.chi_square(np.array(table))
    assert found.statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-9)


def test_of_rare_categories_the_statistic_is_scipys_and_the_p_value_is_greater() -> None:
    table = np.array([[7_000] + [150] * 20, [330] + [17] * 5 + [6] * 15])
    expected = stats.chi2_contingency(table, correction=False)
    found = statistics.chi_square(table)
    assert found.statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert expected.pvalue < found.p_value < 3 * expected.pvalue


@pytest.mark.parametrize(
    ("columns", "n"), [([700] + [60] * 20, 200), ([50] * 10, 100), ([900, 40, 30, 30], 170)]
)
def test_the_moments_of_chi_square_are_those_of_tables_with_the_same_margins(
    columns: list[int], n: int
) -> None:
    random = np.random.default_rng(9)
    margin = np.array(columns)
    drawn = random.multivariate_hypergeometric(margin, n, size=200_000)
    expected = margin * n / margin.sum()
    rest = margin - expected
    found = np.sum((drawn - expected) ** 2 * (1 / expected + 1 / rest), axis=1)
    mean, variance, third = moments(np.array([margin.sum() - n, n]), margin)
    assert mean == pytest.approx(found.mean(), rel=0.01)
    assert variance == pytest.approx(found.var(), rel=0.03)
    assert third == pytest.approx(float(stats.moment(found, order=3)), rel=0.2)


def test_far_in_the_tail_rare_categories_are_not_found_too_often() -> None:
    random = np.random.default_rng(10)
    shares = np.array([0.94] + [0.012] * 5)
    level, trials = 0.05 / 35, 20_000
    tables = zip(
        random.multinomial(10_000, shares, trials),
        random.multinomial(500, shares, trials),
        strict=True,
    )
    tests = [statistics.chi_square(np.array(pair)) for pair in tables]
    found = sum(test.p_value < level for test in tests)
    usual = sum(float(stats.chi2.sf(test.statistic, 5)) < level for test in tests)
    assert found < 1.5 * level * trials < usual  # 29 are expected; 43 are 2.7 deviations more


def test_sparse_categories_are_pooled_before_chi_square() -> None:
    table = np.array([[500, 300, 40, 30, 20], [50, 30, 4, 3, 2]])
    pooled = np.array([[500, 300, 90], [50, 30, 9]])
    assert statistics.chi_square(table) == statistics.chi_square(pooled)


def test_a_pool_that_stays_sparse_is_tested_exactly_beside_the_others() -> None:
    table = np.array([[500, 500, 0], [20, 25, 5]])
    exact = stats.fisher_exact([[1_000, 0], [45, 5]]).pvalue
    found = statistics.chi_square(table)
    assert found.p_value == pytest.approx(2 * exact)
    assert found.p_value < 0.001
    assert found.statistic == pytest.approx(
        stats.chi2_contingency([[500, 500], [20, 25]], correction=False).statistic
    )


def test_one_row_of_a_new_category_is_no_certainty() -> None:
    # A chi-square that takes the reference as exact gives p = 0 here.
    found = statistics.chi_square(np.array([[10_000, 0], [299, 1]]))
    assert found.p_value == pytest.approx(300 / 10_300, rel=1e-6)


def test_a_single_category_has_not_changed() -> None:
    assert statistics.chi_square(np.array([[500], [40]])).p_value == 1.0


def test_a_rare_event_has_the_exact_p_value_and_the_chi_square_statistic() -> None:
    table = np.array([[9_500, 500], [179, 21]])
    found = statistics.two_proportions(table)
    quick = stats.chi2_contingency(table, correction=False)
    assert found.p_value == pytest.approx(stats.fisher_exact(table).pvalue)
    assert found.p_value > 1.5 * quick.pvalue
    assert found.statistic == pytest.approx(quick.statistic)
    assert statistics.chi_square(table) == found


def test_fishers_exact_test_is_scipys() -> None:
    random = np.random.default_rng(4)
    tables = [random.integers(0, high, (2, 2)) for high in (5, 30, 300) for _ in range(60)]
    tables += [np.array([[10_000 - x, x], [300 - y, y]]) for x in (0, 3, 200) for y in (0, 1, 20)]
    tables += [np.array([[999_900, 100], [20_000, 9]]), np.array([[5, 40], [90, 700_000]])]
    for table in tables:
        expected = stats.fisher_exact(table).pvalue
        assert statistics.fisher_exact(table).p_value == pytest.approx(expected, rel=1e-6)


def test_two_proportions_are_the_square_of_the_pooled_z() -> None:
    shares, pooled = (200 / 1_000, 90 / 300), 290 / 1_300
    z = (shares[1] - shares[0]) / np.sqrt(pooled * (1 - pooled) * (1 / 1_000 + 1 / 300))
    found = statistics.two_proportions(np.array([[800, 200], [210, 90]]))
    assert found.statistic == pytest.approx(z**2)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(z)))


def test_benjamini_hochberg_is_scipys() -> None:
    p_values = np.random.default_rng(3).random(40) ** 3
    expected = stats.false_discovery_control(p_values)
    np.testing.assert_allclose(statistics.benjamini_hochberg(p_values), expected, atol=1e-12)
    assert len(statistics.benjamini_hochberg(np.zeros(0))) == 0
