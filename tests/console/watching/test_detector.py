"""The detector on traffic drawn here: quiet within its budget, quick to see a change."""

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from backend.versions.features import Feature
from console.watching import cycle
from console.watching.detector import Detector, Step
from scripts.simulate_watching import runs
from scripts.simulate_watching.page import upper_bound

FEATURES = [
    *(Feature(f"x{i}", "number") for i in range(4)),
    Feature("kind", "category", categories=("a", "b", "c")),
    Feature("flag", "boolean"),
]
ROWS = 100
BUDGET = 300  # blocks


def drawn(random: np.random.Generator, rows: int) -> pd.DataFrame:
    table: dict[str, object] = {f"x{i}": random.normal(size=rows) for i in range(3)}
    table["x3"] = random.binomial(3, 0.2, rows).astype(float)
    table["kind"] = random.choice(["a", "b", "c"], rows, p=[0.7, 0.2, 0.1])
    table["flag"] = random.random(rows) < 0.3
    return pd.DataFrame(table)


def opened(random: np.random.Generator, rows: int = 500) -> Detector:
    return Detector(FEATURES, drawn(random, rows), 1)


def steps(detector: Detector, rows: pd.DataFrame, random: np.random.Generator) -> Iterator[Step]:
    return runs.watched(detector, rows, ROWS, np.log(BUDGET), random)


def test_quiet_blocks_keep_the_budget_against_a_small_reference() -> None:
    alarms = 0
    for seed in range(5):
        random = np.random.default_rng(seed)
        rows = drawn(random, BUDGET * ROWS)
        alarms += sum(bool(one.alarmed.any()) for one in steps(opened(random, 300), rows, random))
    # So many of a true mean of 1 a run have a chance of 0.1 % to be exceeded.
    assert alarms <= stats.poisson.isf(0.001, 5)


def test_ranked_among_a_fixed_reference_the_same_bets_cry_wolf() -> None:
    assert runs.fixed(300, 1, 0) > 10


@pytest.mark.parametrize(
    ("name", "change", "within"),
    [
        ("x0", lambda x: x + 0.3, 8),
        ("x1", lambda x: x * 1_000, 1),
        ("x2", lambda x: x.where(np.arange(len(x)) % 10 > 0), 2),
        ("x3", lambda x: x.where(np.arange(len(x)) % 5 > 0, 3.0), 4),
        ("kind", lambda x: x.where(np.arange(len(x)) % 4 > 0, "new"), 3),
        ("flag", lambda x: ~x, 3),
    ],
)
def test_a_change_alarms_soon_and_says_where_and_since_when(
    name: str, change: object, within: int
) -> None:
    random = np.random.default_rng(5)
    detector = opened(random)
    for one in steps(detector, drawn(random, 50 * ROWS), random):
        assert not one.alarmed.any()
    rows = drawn(random, 20 * ROWS)
    rows[name] = change(rows[name])  # type: ignore[operator]  # a function of a column
    place = [feature.name for feature in FEATURES].index(name)
    found = [one.alarmed.copy() for one in steps(detector, rows, random)]
    first = next(i for i, alarmed in enumerate(found) if alarmed.any())
    assert first < within
    assert np.flatnonzero(found[first]).tolist() == [place]


def test_an_alarm_sets_back_its_own_feature_and_no_other() -> None:
    random = np.random.default_rng(6)
    detector = opened(random)
    rows = drawn(random, ROWS)
    rows["x0"] += 5
    before = detector.levels
    [step] = steps(detector, rows, random)
    assert step.alarmed.tolist() == [True, False, False, False, False, False]
    assert detector.levels[0] == before[0]  # as at the very beginning
    assert np.all(detector.levels[1:] == step.evidence[1:])


def test_going_on_from_a_state_in_json_is_the_same_as_one_run() -> None:
    random = np.random.default_rng(7)
    rows = drawn(random, 40 * ROWS)
    rows.loc[2_500:, "x1"] += 0.15
    ties = random.random((2, len(FEATURES), len(rows)))
    whole, first = opened(np.random.default_rng(8)), opened(np.random.default_rng(8))
    values, missing = whole.codes(rows, ties)

    def run(detector: Detector, blocks: range) -> list[Step]:
        parts = [slice(i * ROWS, (i + 1) * ROWS) for i in blocks]
        return [detector.step(values[:, p], missing[:, p], p.start, 5.0) for p in parts]

    expected = run(whole, range(40))
    begun = run(first, range(17))
    second = opened(np.random.default_rng(8))
    second.restore(json.loads(json.dumps(first.state)))
    found = begun + run(second, range(17, 40))
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one.evidence, other.evidence)
        assert np.array_equal(one.began, other.began)
    assert second.state == whole.state


def test_a_daily_cycle_is_seen_and_a_change_at_one_moment_is_none() -> None:
    assert not runs.is_seen(0.0, 1)
    assert runs.is_seen(0.2, 1)
    random = np.random.default_rng(9)
    hours = np.repeat(np.arange(72), 100)
    scores = random.normal(size=(5, len(hours)))
    scores[0] += np.where(hours > 57, 0.5, 0.0)
    assert not cycle.is_seen(cycle.profiles(scores, hours))


def test_too_few_rows_an_hour_tell_nothing_of_a_cycle() -> None:
    hours = np.repeat(np.arange(72), 5)
    assert not cycle.is_told(cycle.profiles(np.ones((1, len(hours))), hours))


def test_a_daily_cycle_breaks_hours_and_not_whole_days() -> None:
    assert runs.cycled("hour", "daily", 0.5, 1, 0) > 20
    assert runs.cycled("day", "daily", 0.5, 4, 0) <= 1


def test_the_bound_is_the_exact_poisson_one() -> None:
    assert upper_bound(0, 1) == pytest.approx(-np.log(0.05))
    assert stats.poisson.cdf(3, upper_bound(3, 1)) == pytest.approx(0.05)
