"""What a rescoring keeps does not grow with what it reads."""

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from backend.records.answered import Answered
from backend.versions.signature import Feature, Signature
from console.rescoring.collecting import MOST_KEPT, MOST_SHOWN, Collection, Now
from console.rescoring.counting import MOST_REASONS, OTHER_REASONS, Moments, Reasons
from console.rescoring.keeping import Reservoir
from console.rescoring.results import certain_share
from console.rescoring.summing import mcnemar, paired_difference

ROWS = 5_000
SIGNATURE = Signature(
    tuple(Feature(f"x{i}", "number") for i in range(10)), "y", "binary", ("no", "yes"), "yes"
)


def stream(parts: int) -> Iterator[tuple[Answered, Now, pd.DataFrame]]:
    """Parts of a log whose labels change in one row of ten."""
    random = np.random.default_rng(1)
    for _ in range(parts):
        scores = random.random(ROWS)
        labels = np.where(scores > 0.5, "yes", "no")
        turned = random.random(ROWS) < 0.1
        after = np.where(turned, np.where(labels == "yes", "no", "yes"), labels)
        part = Answered(
            done=1.0,
            ids=[b"0" * 16] * ROWS,
            at=np.arange(ROWS),
            versions=np.ones(ROWS, dtype=np.int64),
            features=[None] * ROWS,
            labels=labels.tolist(),
            values=np.full(ROWS, np.nan),
            scores=scores,
            truths=labels.tolist(),
            true_values=np.full(ROWS, np.nan),
        )
        frame = pd.DataFrame(random.random((ROWS, 10)), columns=SIGNATURE.names)
        yield part, Now(after.tolist(), np.zeros(0), scores), frame


def gathered(parts: int) -> tuple[Collection, int]:
    """What is gathered of some parts, and the most memory that it took, in bytes."""
    found = Collection(SIGNATURE, {1: "yes"}, 0.0, seed=0)
    tracemalloc.start()
    for part, now, frame in stream(parts):
        found.add(part, np.arange(ROWS), 1, now, frame)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found, most


def test_three_times_the_rows_take_no_more_memory() -> None:
    few, least = gathered(12)
    many, most = gathered(36)
    assert (few.rows, many.rows) == (60_000, 180_000)
    assert len(many.kept()) == len(few.kept()) == MOST_KEPT
    assert len(many.shown()) == MOST_SHOWN  # each change is newly wrong
    assert most < 1.2 * least


def test_reasons_that_name_a_value_of_each_row_stay_few() -> None:
    reasons = Reasons()
    for place in range(5_000):
        reasons.add({f"It could not answer row {place}.": 1, "`a` is missing.": 2})
    found = reasons.most_common(20)
    assert found[0] == ("`a` is missing.", 10_000)
    assert found[-1] == (OTHER_REASONS, 5_000 - 19)
    assert len(found) == 21
    assert sum(n for _, n in reasons.most_common(MOST_REASONS)) == 15_000


def test_each_row_of_a_stream_is_as_likely_to_be_kept() -> None:
    counts = np.zeros(1_000)
    for seed in range(300):
        reservoir = Reservoir(50, np.random.default_rng(seed))
        for start in range(0, 1_000, 90):
            places = np.arange(start, min(start + 90, 1_000))
            reservoir.offer(places, lambda some: pd.DataFrame({"place": some}))
        kept = reservoir.rows()["place"].to_numpy()
        assert len(kept) == len(set(kept.tolist())) == 50
        assert (np.diff(kept) > 0).all()
        counts[kept] += 1
    # By thirds of the stream: each has a third of the rows that are kept, give or take chance.
    thirds = np.array([part.sum() for part in np.array_split(counts, 3)]) / counts.sum()
    assert np.abs(thirds - [0.334, 0.333, 0.333]).max() < 0.02  # 5 standard deviations


def test_moments_of_parts_are_those_of_the_whole() -> None:
    values = np.random.default_rng(2).normal(1e6, 3, 10_000)
    moments = Moments()
    for part in np.split(values, [1, 17, 17, 5_000]):
        moments.add(part)
    assert moments.n == 10_000
    assert moments.mean == pytest.approx(values.mean(), rel=1e-12)
    assert moments.deviation == pytest.approx(values.std(ddof=1), rel=1e-9)


def test_the_interval_of_a_paired_difference_holds_at_its_level() -> None:
    """Of 4,000 draws with known chances 95 % must cover, give or take chance."""
    random = np.random.default_rng(4)
    gained, lost, n = 0.04, 0.07, 300
    drawn = random.multinomial(n, [gained, lost, 1 - gained - lost], 4_000)
    ends = [
        paired_difference(certain_share(int(more), n), certain_share(int(less), n))
        for more, less, _ in drawn
    ]
    covered = np.mean([low <= gained - lost <= high for low, high in ends])
    assert 0.935 < covered < 0.97


def test_mcnemar_of_no_difference_is_one() -> None:
    assert mcnemar(0, 0) == mcnemar(6, 6) == 1.0
    assert mcnemar(0, 10) == pytest.approx(2 / 2**10)
