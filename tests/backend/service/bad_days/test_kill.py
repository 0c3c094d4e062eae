"""The service is killed under load, again and again."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest

from backend.records.database import Database
from backend.records.registry import Version
from tests.backend.service.callers import BATCH_ROWS, Callers, is_whole, logged, lost, truths
from tests.conftest import Problem, Service

pytestmark = pytest.mark.processes
KILLS = 20


def test_what_was_answered_before_twenty_kills_is_in_the_log_exactly_once(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered("breast_cancer")
    moments = random.Random(20)
    with Callers(service, problems["breast_cancer"]) as callers:
        for kill in range(KILLS):
            # By turns it commits on the event loop, and in a thread.
            service.extra["WATCHDESK_SYNCHRONOUS"] = ("NORMAL", "FULL")[kill % 2]
            service.start()
            callers.wait_for(1)
            time.sleep(moments.uniform(0, 0.4))
            service.stop(signal.SIGKILL)
    rows = logged(database)
    assert callers.refusals == []
    assert len(callers.answers) > 50 * KILLS
    assert lost(callers, rows) == []
    assert set(Counter(row.request_id for row in rows).values()) == {1, BATCH_ROWS}
    assert set(callers.truths) <= truths(database)
    assert is_whole(database)
