"""Verdicts from sketches are those from the rows."""

import numpy as np
import pandas as pd
import pytest

from backend.versions.features import feature_of
from console.drift import Reference, judge
from console.drift.results import DriftReport
from console.drift.sketches import freeze, measure

KINDS = ["normal", "lognormal", "whole", "mostly zero", "text"]


def table(n: int, random: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "normal": random.normal(size=n),
            "lognormal": random.lognormal(sigma=1.5, size=n),
            "whole": random.poisson(3, n).astype(np.float64),
            "mostly zero": np.where(random.random(n) < 0.7, 0.0, random.exponential(size=n)),
            "text": random.choice(list("abcdef"), n, p=[0.4, 0.3, 0.15, 0.1, 0.03, 0.02]),
        }
    )


def moved(frame: pd.DataFrame, by: float, random: np.random.Generator) -> pd.DataFrame:
    """One column changed: shifted by so many deviations, another category, or missing values."""
    name = str(random.choice(KINDS))
    frame = frame.copy()
    if name == "text":
        frame.loc[random.random(len(frame)) < by, name] = random.choice(["a", "new"])
    elif random.random() < 0.2:
        frame.loc[random.random(len(frame)) < by / 4, name] = np.nan
    else:
        frame[name] += by * frame[name].std()
    return frame


REFERENCE = table(5_000, np.random.default_rng(0))
READY = Reference.of(REFERENCE, [feature_of(REFERENCE[name]) for name in KINDS])
CELLS = freeze([column.feature for column in READY.features], REFERENCE)
WAS = [cells.vector(REFERENCE[cells.feature.name]) for cells in CELLS]


def sketched(window: pd.DataFrame) -> DriftReport:
    found = []
    for cells, was in zip(CELLS, WAS, strict=True):
        column = window[cells.feature.name]
        measured = measure(cells, was, cells.vector(column), cells.novel(column))
        found.append((cells.feature, measured))
    return judge(found, [], len(REFERENCE), len(window))


@pytest.mark.parametrize("n", [40, 200, 1_000, 5_000])
def test_verdicts_from_sketches_are_those_from_rows(n: int) -> None:
    random = np.random.default_rng(n)
    seen: set[str] = set()
    for trial in range(75):
        window = table(n, random)
        if trial % 3:
            window = moved(window, float(random.choice([0.05, 0.3, 1.0])), random)
        exact, found = READY.compare(window), sketched(window)
        statuses = [result.status for result in exact.results]
        assert [result.status for result in found.results] == statuses
        assert found.status == exact.status
        seen.update(statuses)
    assert "drifted" in seen
    assert len(seen) > 1
