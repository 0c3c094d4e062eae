"""Much is asked at once, and for long: the memory stays, and nobody waits for the others."""

import http.client
from collections.abc import Callable

import pytest

from backend.records.database import Database
from backend.records.registry import Version
from tests.backend.service.callers import Callers, first_row, logged, lost, post
from tests.backend.service.memory import ask, resident
from tests.conftest import Problem, Service

pytestmark = pytest.mark.processes
LONG = 10_000


def test_single_requests_are_answered_while_a_batch_of_ten_thousand_rows_goes_through(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered("breast_cancer")
    service.start()
    body = {"instances": [first_row(problems["breast_cancer"])] * LONG}
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    spans: list[list[str]] = []
    with Callers(service, problems["breast_cancer"], clients=2) as callers:
        callers.wait_for(10)
        for _ in range(3):
            before = len(callers.answers)
            status, found, _ = post(connection, "/models/breast_cancer/predict", body)
            assert status == 200
            spans.append([answer["prediction_id"] for answer in found["predictions"]])
            assert len(callers.answers) - before > 3
    connection.close()
    assert callers.refusals == []
    rows = logged(database)
    assert lost(callers, rows) == []
    kept = {row.prediction_id for row in rows}
    assert [len(kept & set(ids)) for ids in spans] == [LONG] * 3


def test_twenty_thousand_requests_leave_the_memory_where_it_was(
    service: Service, registered: Callable[..., Version], problems: dict[str, Problem]
) -> None:
    registered("breast_cancer")
    service.start()
    assert service.process is not None
    row = first_row(problems["breast_cancer"])
    ask(service, "/predict", {"features": row}, requests=5_000)
    before = resident(service.process.pid)
    ask(service, "/predict", {"features": row}, requests=20_000)
    assert resident(service.process.pid) < 1.1 * before


def test_a_body_may_be_as_long_as_the_setting_says_and_no_longer(
    service: Service, registered: Callable[..., Version], problems: dict[str, Problem]
) -> None:
    registered("iris")
    service.extra["WATCHDESK_BODY_LIMIT"] = "2000"
    service.start()
    body = {"features": first_row(problems["iris"])}
    assert service.post("/predict", body).ok
    for path in ("/predict", "/feedback", "/v2/models/iris/infer", "/invocations"):
        refused = service.post(path, {"features": ["x" * 2_000]})
        assert refused.status_code == 413, path
    chunks = (b" " * 500 for _ in range(5))
    refused = service.post("/predict", None, data=chunks)
    assert refused.status_code == 413
    assert "the limit is 2,000" in refused.json()["detail"]
