"""The pipeline on a real database: together, in order, and nobody spoils it for the others."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from backend.errors import Unavailable, Unusable
from backend.records import log
from backend.records.database import Database
from backend.records.log import Filter
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.tables import predictions
from backend.service.champions import Loaded
from backend.service.metrics import Metrics
from backend.service.pipeline import MOST_WAITING_ROWS, Pipeline
from backend.service.requests import Request
from backend.versions import artefacts
from backend.versions.artefacts import Store
from tests.conftest import Problem

EVER = Filter("breast_cancer", Window(0, 1 << 60))


@pytest.fixture
def loaded(registered: Callable[..., Version], database: Database, store: Store) -> Loaded:
    version = registered()
    return Loaded("breast_cancer", 1, version.id, artefacts.load(database, version, store))


@pytest.fixture
def pipeline(database: Database) -> Iterator[Pipeline]:
    found = Pipeline(database, Metrics())
    yield found
    found.close()


def rows_of(problems: dict[str, Problem], n: int) -> list[list[float]]:
    values = problems["breast_cancer"].frame.to_numpy().tolist()
    return (values * (n // len(values) + 1))[:n]


def run(*requests: Request, through: Pipeline) -> list[Any]:
    """What each of these is answered when they come at once."""

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*map(through.answer, requests), return_exceptions=True)

    return asyncio.run(all_at_once())


def rows_by_request(database: Database) -> list[int]:
    """How many rows each request has in the log, fewest first."""
    counts = sa.select(sa.func.count()).select_from(predictions).group_by(predictions.c.request_id)
    with database.read() as connection:
        return sorted(connection.scalars(counts))


class Fails:
    """An estimator that cannot answer a row whose first value is negative."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def predict_proba(self, matrix: Any) -> Any:
        if (matrix[:, 0] < 0).any():
            raise ValueError("negative radius")
        return self.inner.predict_proba(matrix)


def test_single_rows_and_batches_are_answered_together_and_in_order(
    pipeline: Pipeline, loaded: Loaded, problems: dict[str, Problem], database: Database
) -> None:
    rows = rows_of(problems, 40)
    requests = [Request("breast_cancer", loaded, [row], single=True) for row in rows[:30]]
    requests += [
        Request("breast_cancer", loaded, rows[30:35]),
        Request("breast_cancer", loaded, rows[35:]),
    ]
    answers = [answer for some in run(*requests, through=pipeline) for answer in some]
    expected = problems["breast_cancer"].estimator.predict_proba(np.array(rows))[:, 1]
    got = [answer["probabilities"]["malignant"] for answer in answers]
    labels = list(problems["breast_cancer"].estimator.classes_)
    assert got == pytest.approx([*expected] if labels[1] == "malignant" else [*(1 - expected)])
    page = log.page(database, EVER, limit=100)
    assert sorted(page["prediction_id"]) == sorted(answer["prediction_id"] for answer in answers)
    assert rows_by_request(database) == [1] * 30 + [5, 5]


def test_a_row_that_cannot_be_predicted_leaves_the_others_alone(
    pipeline: Pipeline, loaded: Loaded, problems: dict[str, Problem], database: Database
) -> None:
    fails = replace(loaded.scorer, estimator=Fails(loaded.scorer.estimator), compiled=None)
    version = Loaded("breast_cancer", 1, loaded.version_id, fails)
    rows = rows_of(problems, 6)
    requests = [Request("breast_cancer", version, [row], body=b"{}") for row in rows]
    requests[2].rows = [[-1.0, *rows[2][1:]]]
    answers = run(*requests, through=pipeline)
    assert isinstance(answers[2], Unusable)
    assert "negative radius" in answers[2].detail
    assert all(isinstance(answers[i], list) for i in (0, 1, 3, 4, 5))
    assert log.page(database, EVER)["outcome"].value_counts().to_dict() == {
        "answered": 5,
        "failed": 1,
    }


def test_a_bug_in_one_batch_is_an_error_of_that_batch_alone(
    pipeline: Pipeline, loaded: Loaded, problems: dict[str, Problem]
) -> None:
    row = rows_of(problems, 1)
    spoilt = Request("breast_cancer", loaded, row, texts=("one", "too many"))
    [answer] = run(spoilt, through=pipeline)
    assert isinstance(answer, Unavailable)
    [answer] = run(Request("breast_cancer", loaded, row), through=pipeline)
    assert answer[0]["version"] == 1


def test_a_long_request_is_committed_in_parts_that_share_its_id(
    pipeline: Pipeline, loaded: Loaded, problems: dict[str, Problem], database: Database
) -> None:
    long = Request("breast_cancer", loaded, rows_of(problems, 2_500))
    single = Request("breast_cancer", loaded, rows_of(problems, 1), single=True)
    answers, one = run(long, single, through=pipeline)
    assert (len(answers), len(one)) == (2_500, 1)
    assert rows_by_request(database) == [1, 2_500]


def test_a_long_request_that_cannot_be_predicted_is_one_failed_row(
    pipeline: Pipeline, loaded: Loaded, problems: dict[str, Problem], database: Database
) -> None:
    fails = replace(loaded.scorer, estimator=Fails(loaded.scorer.estimator), compiled=None)
    rows = rows_of(problems, 2_500)
    rows[2_400] = [-1.0, *rows[0][1:]]
    version = Loaded("breast_cancer", 1, loaded.version_id, fails)
    [answer] = run(Request("breast_cancer", version, rows), through=pipeline)
    assert isinstance(answer, Unusable)
    assert log.page(database, EVER)["outcome"].tolist() == ["failed"]


def test_more_than_may_wait_is_refused_and_nothing_of_it_is_logged(
    pipeline: Pipeline, loaded: Loaded, problems: dict[str, Problem], database: Database
) -> None:
    rows = rows_of(problems, 10_000)
    requests = [Request("breast_cancer", loaded, rows) for _ in range(3)]
    answers = run(*requests, through=pipeline)
    assert [type(answer) for answer in answers] == [list, list, Unavailable]
    assert "20,000 rows are waiting to be answered already" in answers[2].detail
    assert log.count(database, EVER) == MOST_WAITING_ROWS


def test_rows_wait_for_a_writer_who_holds_the_database(
    pipeline: Pipeline, loaded: Loaded, problems: dict[str, Problem], database: Database
) -> None:
    row = rows_of(problems, 1)
    # So often that the version is known to be quick, and its rows are committed on the loop.
    for _ in range(3):
        run(Request("breast_cancer", loaded, row), through=pipeline)

    async def held() -> list[Any]:
        asked = asyncio.create_task(pipeline.answer(Request("breast_cancer", loaded, row)))
        with database.write():
            await asyncio.sleep(0.1)  # the loop goes on, and nothing is answered yet
            assert not asked.done()
        return await asked

    assert asyncio.run(held())[0]["version"] == 1
    assert log.count(database, EVER) == 4
