"""DLE: errors of a known size, estimated where inputs have moved and no truth is known."""

import numpy as np
import pandas as pd
import pytest

from backend.versions.signature import Signature
from console.drift.statistics import Floats
from console.performance.answers import Answers
from console.performance.dle import Loss

NUMBER = Signature((), "target", "regression")


def answers(values: Floats, truth: Floats | None = None) -> Answers:
    """Answered rows, with their truth if given."""
    columns = {"__value__": values} | ({} if truth is None else {"__truth__": truth})
    return Answers.of(NUMBER, pd.DataFrame(columns))


def size(inputs: Floats) -> Floats:
    """The standard deviation of the errors at these inputs."""
    found: Floats = 0.5 + np.abs(inputs[:, 0])
    return found


def learned(n: int, seed: int) -> Loss:
    """From n rows whose errors grow with the first of three inputs."""
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(n, 3))
    values = inputs.sum(axis=1)
    return Loss.of(answers(values, values + random.normal(size=n) * size(inputs)), inputs)


def test_errors_of_a_known_size_are_found_where_the_inputs_have_moved() -> None:
    ratios = []
    for seed in range(3):
        random, one = np.random.default_rng([1, seed]), learned(2_000, seed)
        inputs = random.normal(size=(3_000, 3)) + np.array([0.8, 0.0, 0.0])
        mae, rmse = one.expected(one.near(answers(inputs.sum(axis=1)), inputs))
        # The mean absolute value of a normal error is √(2/π) of its standard deviation.
        known = np.sqrt(2 / np.pi) * size(inputs).mean(), np.sqrt((size(inputs) ** 2).mean())
        ratios.append([mae / known[0], rmse / known[1], one.errors.mean() / known[0]])
    mae_ratio, rmse_ratio, as_learned = np.mean(ratios, axis=0)

    assert mae_ratio == pytest.approx(1.0, abs=0.05)
    assert rmse_ratio == pytest.approx(1.0, abs=0.05)
    # The errors of the learned rows as they are would be off by a seventh.
    assert as_learned < 0.87


def test_the_band_holds_truths_drawn_again() -> None:
    """Of several versions, as the band is for the luck of a version's own rows too."""
    hits, widths = [], []
    for seed in range(8):
        random, one = np.random.default_rng([2, seed]), learned(1_000, seed)
        inputs = random.normal(size=(400, 3)) + np.array([0.5, 0.0, 0.0])
        near = one.near(answers(inputs.sum(axis=1)), inputs)
        (low, high), (low2, high2) = one.bands(near, np.random.default_rng(0))
        errors = np.abs(random.normal(size=(100, 400)) * size(inputs))
        mae, rmse = errors.mean(axis=1), np.sqrt((errors**2).mean(axis=1))
        hits.append([(low <= mae) & (mae <= high), (low2 <= rmse) & (rmse <= high2)])
        widths.append((high - low) / (2 * 1.96 * mae.std()))

    assert np.mean(hits, axis=(0, 2)).min() >= 0.9
    # And no wider than twice what the rows' chance alone would make them.
    assert 1.0 < np.mean(widths) < 2.0


def test_errors_that_are_all_alike_leave_no_doubt() -> None:
    inputs = np.random.default_rng(3).normal(size=(200, 2))
    values = inputs[:, 0]
    learned = Loss.of(answers(values, values + 2.0), inputs)
    near = learned.near(answers(values[:50]), inputs[:50])

    assert learned.expected(near) == pytest.approx([2.0, 2.0])
    assert learned.bands(near, np.random.default_rng(0)) == [
        pytest.approx((2.0, 2.0)),
        pytest.approx((2.0, 2.0)),
    ]


def test_the_answer_tells_of_errors_too() -> None:
    """Errors in proportion to the answer, which no input shows."""
    random = np.random.default_rng(4)
    values = random.uniform(1, 10, 2_000)
    noise = np.zeros((2_000, 1))
    learned = Loss.of(answers(values, values * (1 + 0.2 * random.choice([-1, 1], 2_000))), noise)

    for value in (2.0, 9.0):
        near = learned.near(answers(np.full(20, value)), np.zeros((20, 1)))
        assert learned.expected(near)[0] == pytest.approx(0.2 * value, rel=0.1)
