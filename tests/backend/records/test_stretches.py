"""Random rows of stretches: as likely for every row, however they came, on both databases."""

from collections import Counter

import numpy as np
import pytest

from backend.records import predictions, stretches
from backend.records.database import Database
from backend.records.log import Filter
from backend.records.predictions import Window
from tests.backend.records.writers import row

MINUTE = 60_000_000
EDGES = [0, 120 * MINUTE]
BURST = 110 * MINUTE
N = 600
MANY, FEW = Filter("m", Window(0, 1), version=1), Filter("m", Window(0, 1), version=2)


@pytest.fixture
def uneven(database: Database) -> Database:
    """Every other row in one burst of a millisecond, and one in fifty of another version."""
    random = np.random.default_rng(0)
    rows = []
    for i in range(N):
        at = BURST + i if i % 2 else int(random.integers(60 * MINUTE, 120 * MINUTE))
        version = 2 if i % 50 == 0 else 1
        rows.append(row(at)._replace(version=version, outcome="answered", features="[]"))
    predictions.append(database, rows)
    return database


def drawn(database: Database, which: Filter, limit: int) -> list[int]:
    found = stretches.sampled(database, which, [], EDGES, limit)
    assert found["__at__"].is_monotonic_increasing
    ids: list[int] = found["__id__"].tolist()
    assert len(set(ids)) == len(ids)
    return ids


@pytest.mark.parametrize("listed", [50_000, 200])
def test_rows_of_a_burst_are_as_likely_as_others(
    uneven: Database, listed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "LISTED", listed)
    counts = Counter[int]()
    for minute in range(60):  # the draw depends on where the stretch begins
        edges = [minute * MINUTE, EDGES[1]]
        found = stretches.sampled(uneven, MANY, [], edges, 60)["__at__"].tolist()
        assert len(found) == 60
        counts.update(found)
    burst = {at: n for at, n in counts.items() if at // 1_000 == BURST // 1_000}
    # 300 of 588 rows, in 3,600 draws: three standard deviations are 0.025.
    assert abs(sum(burst.values()) / 3_600 - 300 / 588) < 0.03
    assert len(burst) > 290


@pytest.mark.parametrize("listed", [50_000, 200])
def test_the_same_rows_each_time_and_few_among_many_are_all_found(
    uneven: Database, listed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "LISTED", listed)
    assert drawn(uneven, MANY, 60) == drawn(uneven, MANY, 60)
    assert len(drawn(uneven, FEW, 60)) == N // 50
    assert len(drawn(uneven, FEW, 5)) == 5
    assert drawn(uneven, Filter("m", Window(0, 1), version=3), 5) == []
    assert drawn(uneven, Filter("other", Window(0, 1)), 5) == []
