"""`promote` through the gates, `requests`, `approve`, `refuse`, `withdraw`: codes and documents."""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.records import aliases, policies
from backend.records.database import Database
from backend.records.policies import Policy
from backend.records.registry import Version
from console.promotion.gates import save_rules
from tests.console.commands.conftest import Processes, Shell
from tests.console.monitors.receivers import webhook

Make = Callable[..., Version]
FAILS = "[floors]\naccuracy = 1.0\n"
WHY = ("--reason", "It is better.")


@pytest.fixture(autouse=True)
def _two(registered: Make) -> None:
    """A champion and a version that may follow it."""
    registered()
    registered(promoted=False)


def test_a_pipeline_is_told_by_exit_code_and_json_that_gates_block(
    shell: Shell, database: Database
) -> None:
    save_rules(database, "breast_cancer", FAILS, actor="boss")
    ran = shell("promote", "breast_cancer", 2, *WHY, "--require-gates", "--json")
    assert ran.code == 1
    found = ran.document
    assert (found["state"], found["from_version"]) == ("blocked", 1)
    assert found["blocking"] == ["floors.accuracy"]
    failing = {one["name"]: one for one in found["gates"] if one["status"] == "fail"}
    assert set(failing) == {"floors.accuracy"}
    assert failing["floors.accuracy"]["limit"] == 1.0
    assert failing["floors.accuracy"]["figure"] < 1.0
    assert aliases.champion(database, "breast_cancer").number == 1


def test_gates_that_were_written_hold_without_being_named(shell: Shell, database: Database) -> None:
    save_rules(database, "breast_cancer", FAILS, actor="boss")
    ran = shell("promote", "breast_cancer", 2, *WHY)
    assert ran.code == 1
    assert "`floors.accuracy`" in ran.out
    assert aliases.champion(database, "breast_cancer").number == 1


def test_what_passes_is_promoted_with_its_request_and_dossier(
    shell: Shell, database: Database
) -> None:
    ran = shell(
        *("promote", "breast_cancer", 2, *WHY, "--require-gates"),
        *("--expected-champion", 1, "--json"),
    )
    assert ran.code == 0
    found = ran.document
    assert (found["version"], found["from_version"], found["state"]) == (2, 1, "made")
    assert (found["kind"], found["alias"], found["actor"]) == ("promote", "champion", "tester")
    assert found["blocking"] == []
    assert {one["status"] for one in found["gates"]} <= {"pass", "not_applicable"}
    move = aliases.history(database, "breast_cancer")[0]
    assert (move.request_id, move.dossier) == (found["request"], found["dossier"])


def test_without_gates_all_is_as_before(shell: Shell) -> None:
    found = shell("promote", "breast_cancer", 2, *WHY, "--json").document
    assert (found["version"], found["request"], found["dossier"]) == (2, None, None)


def test_a_stale_pipeline_is_refused(shell: Shell) -> None:
    ran = shell(
        "promote", "breast_cancer", 2, *WHY, "--require-gates", "--expected-champion", "none"
    )
    assert (ran.code, ran.out) == (1, "")
    assert "is version 1, not none as you saw" in ran.err


def test_a_waiver_has_a_gate_and_a_reason(shell: Shell, database: Database) -> None:
    save_rules(database, "breast_cancer", FAILS, actor="boss")
    ran = shell("promote", "breast_cancer", 2, *WHY, "--waive", "floors.accuracy=")
    assert ran.code == 2
    assert "has no reason; expected GATE=REASON" in ran.err
    given = "floors.accuracy=The limit = 1 was a slip."
    found = shell("promote", "breast_cancer", 2, *WHY, "--waive", given, "--json").document
    assert found["state"] == "made"
    assert found["waivers"] == [
        {
            "gate": "floors.accuracy",
            "by": "tester",
            "reason": "The limit = 1 was a slip.",
            "verified": False,
        }
    ]


def test_the_journey_of_a_request_by_two_people(
    shell: Shell, database: Database, tmp_path: Path
) -> None:
    policies.save(database, "breast_cancer", Policy(approval=True), actor="boss")
    asked = shell("promote", "breast_cancer", 2, *WHY, "--actor", "ana", "--json")
    assert asked.code == 0
    number = asked.document["request"]
    assert asked.document["state"] == "open"

    listed = shell("requests", "breast_cancer", "--state", "open", "--json").document
    assert [one["id"] for one in listed["requests"]] == [number]

    page, document = tmp_path / "dossier.html", tmp_path / "dossier.json"
    shown = shell(
        *("requests", "breast_cancer", "--id", number),
        *("--html", page, "--dossier", document, "--json"),
    )
    assert shown.document["state"] == "open"
    assert hashlib.sha256(document.read_bytes()).hexdigest() == shown.document["dossier"]
    assert f"Promotion request {number}" in page.read_text()
    assert json.loads(document.read_text())["asked"]["by"] == "ana"
    said = shell("requests", "breast_cancer", "--id", number, "--verify")
    assert "is what was frozen" in said.out

    own = shell("approve", number, "--actor", "ANA")
    assert (own.code, own.out) == (1, "")
    assert "Let somebody else decide." in own.err
    made = shell("approve", number, "--actor", "boris", "--reason", "Agreed.", "--json").document
    assert (made["version"], made["actor"], made["approved_by"]) == (2, "ana", "boris")
    late = shell("refuse", number, "--actor", "cy", "--reason", "Too late.")
    assert late.code == 1
    assert f"Request {number} was approved by boris already." in late.err


def test_a_request_may_be_left_refused_and_withdrawn_without_any_policy(shell: Shell) -> None:
    first = shell("promote", "breast_cancer", 2, *WHY, "--request", "--json").document
    assert first["state"] == "open"
    refused = shell("refuse", first["request"], "--actor", "boris", "--reason", "No.", "--json")
    assert refused.document["state"] == "refused"
    other = shell("promote", "breast_cancer", 2, *WHY, "--request", "--json").document
    foreign = shell("withdraw", other["request"], "--actor", "boris", "--reason", "No.")
    assert foreign.code == 1
    withdrawn = shell("withdraw", other["request"], "--reason", "Not now.", "--json").document
    assert (withdrawn["state"], withdrawn["decided_by"]) == ("withdrawn", "tester")


def test_a_promotion_and_a_roll_back_of_the_shell_tell_the_webhook(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook() as receiver:
        monkeypatch.setenv("WATCHDESK_PROMOTION_WEBHOOK", receiver.url)
        monkeypatch.setenv("WATCHDESK_PROMOTION_WEBHOOK_SECRET", "s")
        made = shell("promote", "breast_cancer", 2, *WHY, "--require-gates", "--json").document
        shell("rollback", "breast_cancer", "--reason", "worse")
    told = [json.loads(body) for _, body in receiver.raw]
    assert [(one["kind"], one["to"]) for one in told] == [("promote", 2), ("rollback", 1)]
    assert told[0]["dossier"] == made["dossier"]


def test_a_request_of_another_model_is_not_shown(shell: Shell, registered: Make) -> None:
    registered("iris")
    first = shell("promote", "breast_cancer", 2, *WHY, "--request", "--json").document
    ran = shell("requests", "iris", "--id", first["request"])
    assert ran.code == 1
    assert "is of model `breast_cancer`, not of `iris`" in ran.err
    assert shell("requests", "iris").out == "Nobody has asked for a promotion of `iris` yet.\n"


def test_of_two_processes_that_approve_at_once_one_promotes(
    shell: Shell, processes: Processes, database: Database
) -> None:
    first = shell("promote", "breast_cancer", 2, *WHY, "--request", "--json").document
    started = [
        processes.start("approve", first["request"], "--actor", who, "--json")
        for who in ("boris", "cy")
    ]
    ended = [(one.communicate(timeout=60), one.returncode) for one in started]
    assert sorted(code for _, code in ended) == [0, 1]
    (refused,) = [err for (_, err), code in ended if code]
    assert "was approved by" in refused
    assert len(aliases.history(database, "breast_cancer")) == 2


def test_a_worker_tells_the_webhook_of_what_nobody_told_at_once(
    processes: Processes, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = aliases.promote(
        database, "breast_cancer", 2, actor="ana", reason="Better.", announce=True
    )
    with webhook() as receiver:
        monkeypatch.setenv("WATCHDESK_PROMOTION_WEBHOOK", receiver.url)
        monkeypatch.setenv("WATCHDESK_PROMOTION_WEBHOOK_SECRET", "s3cret")
        ran = processes("work", "--once")
    assert ran.code == 0
    (told,) = receiver.raw
    assert json.loads(told[1])["id"] == move.id
    mine = hmac.new(b"s3cret", told[1], hashlib.sha256).hexdigest()
    assert told[0]["X-Watchdesk-Signature"] == f"sha256={mine}"
