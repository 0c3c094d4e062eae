"""The journey of a promotion by commands and HTTP: evidence, approval, a swap under load, back."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from backend.records.database import Database
from backend.settings import Settings
from tests.backend.service.callers import Callers, Told, logged, lost
from tests.conftest import Problem, Service
from tests.console.commands.conftest import Shell, shell  # noqa: F401 — `shell` is the fixture
from tests.databases import BOTH, settings_on
from tests.processes.conftest import wait_until

pytestmark = pytest.mark.processes
MODEL = "breast_cancer"
TRAIN = ("train", "--model", MODEL, "--data", f"builtin:{MODEL}", "--folds", 2, "--json")
GATES = """
[minimum_rows]
heldout = 100

[no_worse]
roc_auc = 0.02

[agreement]
share = 0.9
"""


@pytest.fixture(params=BOTH)
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The journey is made on both databases."""
    found = settings_on(request.param, request, tmp_path)
    monkeypatch.setenv("WATCHDESK_DATABASE_URL", found.database_url)
    return found


def test_a_challenger_is_judged_approved_swapped_in_under_load_and_rolled_back(
    database: Database,
    service: Service,
    shell: Shell,  # noqa: F811 — the fixture
    problems: dict[str, Problem],
    tmp_path: Path,
) -> None:
    def said(*arguments: object, code: int = 0) -> Any:
        ran = shell(*arguments)
        assert ran.code == code, ran.err
        return ran.document if "--json" in arguments else ran.err

    # a champion with a week of traffic whose truth is known
    assert said(*TRAIN)["version"] == 1
    said("promote", MODEL, 1, "--reason", "The first.", "--json")
    rows = last_week(problems[MODEL], tmp_path / "week.csv")
    options = ("--data", tmp_path / "week.csv", "--time", "at", "--truth", "truth")
    assert said("replay", MODEL, *options, "--json")["answered"] == rows

    # a challenger: compared on held-out rows and on the log, last week's traffic answered again
    assert said(*TRAIN, "--parameter", "C=0.8")["version"] == 2
    held_out = said("compare", MODEL, 1, 2, "--json")
    assert held_out["rows"]["n"] == 143
    week = ("--from", iso(days=8), "--to", iso(days=-1))
    assert said("compare", MODEL, 1, 2, *week, "--json")["rows"]["n"] == rows
    again = said("rescore", MODEL, 2, *week, "--json")
    assert again["rows"] == rows
    changed = sum(flip["n"] for flip in again["flips"])
    assert again["agreement"] == pytest.approx(1 - changed / rows)
    assert again["agreement"] > 0.9

    # gates, and an approval that nobody gives to himself
    (tmp_path / "gates.toml").write_text(GATES)
    said("gates", MODEL, "--set", tmp_path / "gates.toml")
    judged = said("gates", MODEL, 2, "--json")
    assert judged["ok"]
    assert {g["name"] for g in judged["gates"] if g["status"] == "pass"} >= {
        *("artefact", "minimum_rows", "no_worse.roc_auc", "agreement"),
    }
    said("policy", MODEL, "--approval", "on")
    asked = said("promote", MODEL, 2, "--reason", "As right.", "--json")
    assert (asked["state"], asked["request"]) == ("open", 1)
    assert said("history", MODEL, "--json")["served"]["version"] == 1
    assert "another person" in said("approve", 1, code=1)

    # the service swaps under load, and back
    service.start()
    with Callers(service, problems[MODEL], clients=3, pause=0.002) as callers:
        callers.wait_for(60)
        approved = said("approve", 1, "--actor", "ben", "--reason", "Seen.", "--json")
        wait_until(lambda: versions(callers)[-1] == 2, "version 2 answers")
        callers.wait_for(60)
        back = said("rollback", MODEL, "--reason", "Only a drill.", "--json")
        wait_until(lambda: versions(callers)[-1] == 1, "version 1 answers again")
        callers.wait_for(60)
    assert callers.refusals == []
    assert callers.broken == []
    assert lost(callers, logged(database)) == []
    assert turns(callers.answers) == [1, 2, 1]
    assert (approved["version"], approved["approved_by"]) == (2, "ben")
    assert (back["from_version"], back["version"], back["kind"]) == (2, 1, "rollback")

    # what is left for those who ask later
    page, frozen = tmp_path / "dossier.html", tmp_path / "dossier.json"
    kept = said("requests", MODEL, "--id", 1, "--html", page, "--dossier", frozen, "--json")
    assert hashlib.sha256(frozen.read_bytes()).hexdigest() == kept["dossier"] == approved["dossier"]
    assert json.loads(frozen.read_bytes())["rescoring"]["rows"] > 0
    assert "Promotion request 1" in page.read_text()
    assert said("history", MODEL, "--at", approved["at"], "--json")["served"]["version"] == 2
    assert said("history", MODEL, "--json")["served"]["version"] == 1
    chain = said("audit", "verify", "--json")
    assert (chain["ok"], chain["first_bad"]) == (True, None)
    done = [one["action"] for one in said("audit", "list", "--json")]
    for action in ("rollback", "promote", "request.approve", "request.ask", "policy", "gates"):
        assert action in done


def last_week(problem: Problem, path: Path) -> int:
    """A table of requests, spread over the last week, with their truth; how many there are."""
    n = len(problem.frame)
    start = datetime.now(UTC) - timedelta(days=7)
    at = pd.date_range(start, periods=n, freq="15min").strftime("%Y-%m-%dT%H:%M:%SZ")
    problem.frame.assign(at=at, truth=problem.truth.to_numpy()).to_csv(path, index=False)
    return n


def iso(*, days: float) -> str:
    """A time so many days ago."""
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def versions(callers: Callers) -> list[int]:
    """Who answered, in the order of the answers."""
    ordered = sorted(callers.answers, key=lambda told: told.at)
    return [number for told in ordered for number in told.versions]


def turns(answers: list[Told]) -> list[int]:
    """The versions that took turns. Each request has one version, and none that was asked after an
    answer of a new version is answered by the one before it."""
    found: list[int] = []
    since = float("-inf")
    for told in sorted(answers, key=lambda told: told.at):
        [number] = told.versions
        if not found or (number != found[-1] and told.asked > since):
            found.append(number)
            since = told.at
    return found
