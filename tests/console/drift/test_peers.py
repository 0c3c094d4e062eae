"""The same figures as the libraries' own functions give on the same rows."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from backend.versions.features import Feature, feature_of
from console.drift import compare, statistics
from console.drift.columns import Measured, prepare
from console.drift.statistics import Floats

# Evidently's own imports warn of numpy's and litestar's.
pytestmark = pytest.mark.filterwarnings("ignore")

Theirs = Callable[[str, "pd.Series[float]", "pd.Series[float]"], float]
SIZES = [(1_000, 50), (997, 331), (500, 2_000), (10_000, 500), (300, 300)]
DRAWS: dict[str, Callable[[np.random.Generator, int, float], Floats]] = {
    "normal": lambda random, n, shift: random.normal(shift, size=n),
    "skewed": lambda random, n, shift: random.lognormal(shift / 2, size=n),
    "tied": lambda random, n, shift: random.binomial(5, 0.3 + shift / 4, n).astype(float),
    "mostly zero": lambda random, n, shift: np.where(
        random.random(n) < 0.8 - shift / 4, 0.0, random.exponential(size=n)
    ),
    "far from zero": lambda random, n, shift: 1e6 + random.normal(shift, size=n),
}


@pytest.fixture(scope="module")
def theirs() -> Theirs:
    """Evidently's score of two columns by the name of its test, with its own defaults."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DO_NOT_TRACK", "1")
        from evidently.legacy.calculations import stattests
        from evidently.legacy.core import ColumnType

    def score(name: str, reference: "pd.Series[float]", current: "pd.Series[float]") -> float:
        numeric = pd.api.types.is_numeric_dtype(reference)
        kind = ColumnType.Numerical if numeric else ColumnType.Categorical
        test = getattr(stattests, f"{name}_stat_test")
        return float(test(reference, current, kind, 0.1).drift_score)

    return score


def columns(name: str, sizes: tuple[int, int], shift: float) -> list["pd.Series[float]"]:
    random = np.random.default_rng(sum(sizes))
    return [
        pd.Series(DRAWS[name](random, n, by), name="x")
        for n, by in zip(sizes, (0.0, shift), strict=True)
    ]


def measured(reference: "pd.Series[float]", current: "pd.Series[float]") -> Measured:
    return prepare(Feature("x", "number"), reference.to_frame()).measure(current)


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("shift", [0.0, 0.4])
def test_wasserstein_and_kolmogorov_smirnov_are_evidentlys(
    name: str, sizes: tuple[int, int], shift: float, theirs: Theirs
) -> None:
    reference, current = columns(name, sizes, shift)
    found = measured(reference, current)
    assert found.effect == pytest.approx(theirs("wasserstein", reference, current), abs=1e-9)
    assert found.distribution is not None
    distance = stats.ks_2samp(reference, current).statistic
    assert found.distribution.statistic == pytest.approx(distance, abs=1e-9)
    # Evidently's score is SciPy's p-value: exact to 10,000 rows, where ours is the limit's. The
    # two part by the steps of the distance, which are coarse in small samples.
    score = theirs("ks", reference, current)
    assert found.distribution.p_value == pytest.approx(score, rel=0.1, abs=1e-9) or score < 1e-9


@pytest.mark.parametrize("sizes", [(12_000, 9_000), (20_000, 500)])
@pytest.mark.parametrize("shift", [0.0, 0.03])
def test_above_ten_thousand_rows_the_p_value_is_evidentlys_within_three_in_a_hundred(
    sizes: tuple[int, int], shift: float, theirs: Theirs
) -> None:
    reference, current = columns("normal", sizes, shift)
    found = measured(reference, current).distribution
    assert found is not None
    assert found.p_value == pytest.approx(theirs("ks", reference, current), rel=0.03)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("shift", [0.0, 0.1])
def test_jensen_shannon_of_categories_is_evidentlys(
    sizes: tuple[int, int], shift: float, theirs: Theirs
) -> None:
    random = np.random.default_rng(sum(sizes))
    shares = np.array(
        [[0.4, 0.3, 0.2, 0.08, 0.02, 0.0], [0.4 - shift, 0.3, 0.2, 0.08, 0.02, shift]]
    )
    reference, current = (
        pd.Series(random.choice(list("abcdef"), n, p=p), name="x")
        for n, p in zip(sizes, shares, strict=True)
    )
    result = compare(reference.to_frame(), current.to_frame(), [feature_of(reference)]).results[0]
    expected = theirs("jensenshannon", reference, current)
    assert result.effect == pytest.approx(expected, abs=1e-9)


def test_jensen_shannon_of_numbers_in_evidentlys_bins_is_evidentlys(theirs: Theirs) -> None:
    reference, current = columns("skewed", (900, 400), 0.4)
    bins = np.histogram_bin_edges(np.concatenate([reference, current]), "sturges")
    cells = [np.histogram(side, bins)[0] for side in (reference, current)]
    expected = theirs("jensenshannon", reference, current)
    assert statistics.jensen_shannon(*cells) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", ["normal", "skewed"])
@pytest.mark.parametrize("sizes", [(1_000, 50), (997, 331), (10_000, 500), (1_000, 1_000)])
def test_the_p_value_is_scipys_exact_one_within_a_tenth_where_it_decides(
    name: str, sizes: tuple[int, int]
) -> None:
    apart = [(p, n1, n2) for p, n1, n2 in decisive(name, sizes)]
    assert len(apart) > 5
    for exact, ours, limit in apart:
        assert ours == pytest.approx(exact, rel=0.1)
        assert ours == pytest.approx(limit, rel=0.03)


def decisive(name: str, sizes: tuple[int, int]) -> list[tuple[float, float, float]]:
    """SciPy's exact p-value, ours and SciPy's limit for pairs with p between .001 and .1."""
    random = np.random.default_rng(7)
    found = []
    for shift in np.linspace(0.5, 4, 60) / np.sqrt(sizes[0] * sizes[1] / sum(sizes)):
        pair = [
            np.sort(DRAWS[name](random, n, by)) for n, by in zip(sizes, (0, shift), strict=True)
        ]
        exact = stats.ks_2samp(*pair, method="exact").pvalue
        if 0.001 < exact < 0.1:
            limit = stats.ks_2samp(*pair, method="asymp").pvalue
            found.append((exact, statistics.kolmogorov_smirnov(*pair).p_value, limit))
    return found


@pytest.mark.parametrize(
    "rows", [[[500, 300, 200], [160, 120, 80]], [[900, 1_000], [400, 500]], [[300] * 8, [90] * 8]]
)
def test_chi_square_of_a_feature_is_scipys(rows: list[list[int]]) -> None:
    reference, current = (
        pd.DataFrame({"x": np.repeat(list("abcdefgh")[: len(counts)], counts)}) for counts in rows
    )
    result = compare(reference, current, [feature_of(reference["x"])]).results[0]
    expected = stats.chi2_contingency(rows, correction=False)
    assert result.statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert result.p_value == pytest.approx(expected.pvalue, abs=1e-9)
