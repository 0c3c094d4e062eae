"""A promotion in the middle of a load. What goes wrong under load is in bad_days."""

import itertools
import time
from collections.abc import Callable

import pytest

from backend.records import aliases
from backend.records.database import Database
from backend.records.registry import Version
from tests.backend.service.callers import Callers, logged, lost
from tests.conftest import Problem, Service

pytestmark = pytest.mark.processes


def test_a_promotion_takes_effect_within_a_second_and_fails_no_request(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered("breast_cancer")
    registered("breast_cancer", promoted=False)
    service.start()
    moved = []
    with Callers(service, problems["breast_cancer"], clients=4) as callers:
        callers.wait_for(100)
        for number in (2, 1, 2):
            aliases.promote(database, "breast_cancer", number, actor="tester", reason="swap")
            moved.append((time.monotonic(), number))
            time.sleep(1.3)
    assert callers.refusals == []
    assert callers.broken == []
    for (at, number), (until, _) in itertools.pairwise([*moved, (float("inf"), 0)]):
        after = [told.versions for told in callers.answers if at + 1 < told.asked < until]
        assert set(after) == {frozenset({number})}
    assert lost(callers, logged(database)) == []
