"""Which rows have a truth, how many and how late: on both databases, from either side."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backend.records import predictions, truths
from backend.records.database import Database, connect
from backend.records.log import Filter
from backend.records.predictions import Row, Truth, Window, text_of
from tests.databases import BOTH, settings_on

HOUR = 3_600_000_000
NOON = 1_301_659_200_000_000
DAY = Window(NOON, NOON + 24 * HOUR)


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of either kind."""
    found = connect(settings_on(request.param, request, tmp_path).database_url)
    yield found
    found.dispose()


def logged(database: Database, n: int, told: int, **more: Any) -> list[Row]:
    """Rows a minute apart from noon on, the first `told` with a truth an hour and more later."""
    rows = [
        Row(
            prediction_id=bytes([i % 256, i // 256, len(str(more))]) + bytes(13),
            request_id=bytes(16),
            at=NOON + i * HOUR // 60,
            model="shop",
            version=1,
            source="live",
            outcome="answered",
            features="[1]",
            label="yes",
            value=None,
            score=0.5,
            latency_ms=1.0,
            error=None,
        )._replace(**more)
        for i in range(n)
    ]
    predictions.append(database, rows)
    told_rows = [
        Truth(text_of(row.prediction_id), "yes", None, row.at + HOUR * (1 + i % 3))
        for i, row in enumerate(rows[:told])
    ]
    predictions.append_feedback(database, rows[0].model, told_rows)
    return rows


def test_counts_rows_with_truth_of_one_version_model_and_window(database: Database) -> None:
    logged(database, 60, 40)
    logged(database, 10, 10, version=2)
    logged(database, 10, 10, model="other")
    logged(database, 10, 10, at=NOON - HOUR)  # before the window, their truth within it
    found = truths.known(database, Filter("shop", DAY, version=1), 60, 1_000)
    assert (found.n, len(found.ids)) == (40, 40)
    assert truths.known(database, Filter("shop", DAY), 70, 1_000).n == 50
    half = Window(NOON, NOON + HOUR // 2)
    assert truths.known(database, Filter("shop", half, version=1), 30, 1_000).n == 30


def test_more_rows_than_asked_for_are_drawn_at_random(database: Database) -> None:
    logged(database, 200, 150)
    which = Filter("shop", DAY, version=1)
    whole = truths.known(database, which, 200, 150).ids
    found = truths.known(database, which, 200, 40)
    assert (found.n, len(set(found.ids))) == (150, 40)
    assert set(found.ids) <= set(whole)
    assert found.ids != sorted(whole)[:40]
    assert truths.known(database, which, 200, 40) == found
    assert truths.known(database, which, 200, 40, seed=1).ids != found.ids


@pytest.mark.parametrize("n_answered", [10, 300])
def test_many_truths_are_found_from_the_side_of_the_predictions(
    database: Database, monkeypatch: pytest.MonkeyPatch, n_answered: int
) -> None:
    logged(database, 200, 150)
    which = Filter("shop", DAY, version=1)
    plainly = truths.known(database, which, 200, 1_000)
    monkeypatch.setattr(truths, "LISTED", 100)  # more truths than that are not looked at first
    assert truths.known(database, which, n_answered, 1_000) == plainly
    drawn = truths.known(database, which, n_answered, 40)
    assert drawn.n == (150 if n_answered == 10 else None)
    assert len(drawn.ids) == 40
    assert set(drawn.ids) <= set(plainly.ids)


def test_delays_hold_rows_that_wait_and_corrections_at_their_own_time(database: Database) -> None:
    rows = logged(database, 5, 2)
    again = Truth(text_of(rows[1].prediction_id), "no", None, NOON + 50 * HOUR)
    predictions.append_feedback(database, "shop", [again], correct=True)
    found = truths.delays(database, Filter("shop", DAY), 1_000)
    assert found["at"].tolist() == [row.at for row in rows]
    assert found["told_at"].tolist()[:2] == [NOON + HOUR, NOON + 50 * HOUR]
    assert np.isnan(found["told_at"].to_numpy()[2:]).all()
    assert len(truths.delays(database, Filter("shop", DAY), 3)) == 3
    empty = truths.delays(database, Filter("nothing", DAY), 10)
    pd.testing.assert_series_equal(empty.dtypes, found.dtypes)


def test_the_newest_moment_is_that_of_a_row_or_of_a_truth(database: Database) -> None:
    assert truths.newest(database, "shop") is None
    rows = logged(database, 3, 0)
    assert truths.newest(database, "shop") == rows[-1].at
    late = Truth(text_of(rows[0].prediction_id), "no", None, NOON + 9 * HOUR)
    predictions.append_feedback(database, "shop", [late])
    assert truths.newest(database, "shop") == NOON + 9 * HOUR
