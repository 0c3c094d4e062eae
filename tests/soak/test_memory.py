"""A million requests leave the service's memory flat."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from backend.records.database import Database
from backend.records.registry import Version
from backend.records.tables import predictions
from tests.backend.service.callers import first_row
from tests.backend.service.memory import ask, resident
from tests.conftest import Problem, Service

ROUNDS = 20
# Of ten requests one has a value that cannot be used, and one names no model that exists.
MIXED = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local good, bad, count = [[%s]], [[%s]], 0
request = function()
  count = count + 1
  local path, body = "/predict", good
  if count %% 10 == 0 then body = bad end
  if count %% 10 == 5 then path = "/models/none-" .. count .. "/predict" end
  return wrk.format(nil, path, nil, body)
end
"""


def round_of(service: Service, row: list[float], requests: int, folder: Path) -> int:
    """Send at least so many requests, by wrk if it is there; how many were answered."""
    if shutil.which("wrk") is None:
        ask(service, "/predict", {"features": row}, requests)
        return requests
    script = folder / "mixed.lua"
    good, bad = ({"features": features} for features in (row, ["x", *row[1:]]))
    script.write_text(MIXED % (json.dumps(good), json.dumps(bad)))
    sent = 0
    while sent < requests:
        command = ("wrk", "-t1", "-c16", "-d2s", "-s", str(script), service.url)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = re.search(r"(\d+) requests in", done.stdout)
        assert found is not None, done.stdout
        sent += int(found[1])
    return sent


def test_a_million_requests_leave_the_memory_flat(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
    requests_to_send: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    registered("breast_cancer")
    service.start()
    assert service.process is not None
    row, sent, held = first_row(problems["breast_cancer"]), 0, [resident(service.process.pid)]
    for _ in range(ROUNDS):
        sent += round_of(service, row, requests_to_send // ROUNDS, tmp_path)
        held.append(resident(service.process.pid))
        with capsys.disabled():
            print(f"\n{sent:>9,} requests  {held[-1] / 1_000:7.1f} MB", end="")  # noqa: T201  # it is long
    with database.read() as connection:
        logged = connection.scalar(sa.select(sa.func.count()).select_from(predictions))
    assert sent >= requests_to_send
    assert logged is not None
    assert logged >= sent
    assert max(held[ROUNDS // 2 :]) < 1.1 * held[ROUNDS // 2]
