"""Promotions in the middle of a load. What goes wrong under load is in bad_days."""

import itertools
import json
import time
from collections.abc import Callable

import pytest

from backend.records import aliases, policies, requests
from backend.records.database import Database
from backend.records.policies import Policy
from backend.records.registry import Version
from backend.records.requests import Request, artefact_of
from tests.backend.service.callers import Callers, logged, lost
from tests.conftest import Problem, Service

pytestmark = pytest.mark.processes
MODEL = "breast_cancer"


def asked(database: Database, version: Version) -> Request:
    """A request to put a version in place of version 1."""
    content = json.dumps({"artefact": artefact_of(version), "passed": True}).encode()
    policies.save(database, MODEL, Policy(approval=True), actor="boss")
    return requests.ask(database, MODEL, 2, actor="tester", reason="swap", seen=1, content=content)


def test_a_promotion_takes_effect_within_a_second_and_fails_no_request(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    registered(MODEL)
    version = registered(MODEL, promoted=False)
    service.start()
    moved = []
    with Callers(service, problems[MODEL], clients=4) as callers:
        callers.wait_for(100)
        aliases.promote(database, MODEL, 2, actor="tester", reason="swap")
        moved.append((time.monotonic(), 2))
        time.sleep(1.3)
        aliases.rollback(database, MODEL, actor="tester", reason="swap")
        moved.append((time.monotonic(), 1))
        request = asked(database, version)
        time.sleep(1.3)
        requests.approve(database, request.id, actor="another")
        moved.append((time.monotonic(), 2))
        time.sleep(1.3)
    assert callers.refusals == []
    assert callers.broken == []
    for (at, number), (until, _) in itertools.pairwise([*moved, (float("inf"), 0)]):
        after = [told.versions for told in callers.answers if at + 1 < told.asked < until]
        assert set(after) == {frozenset({number})}
    assert lost(callers, logged(database)) == []
