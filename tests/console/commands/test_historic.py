"""`history`, `retention`, `probation` and `policy` from a shell."""

import re
import time
from collections.abc import Callable

import pytest

from backend.records import aliases, audit, blobs, chain, registry, tables
from backend.records.database import Database, now
from backend.records.registry import Version
from backend.settings import Settings
from console.windows import DAY
from tests.console.commands.conftest import Processes, Shell
from tests.console.promotion.test_promotion import add_version


@pytest.fixture
def model(database: Database) -> str:
    """A model of four versions: 2 answers since a minute ago, 1 did before, 4 is the challenger."""
    for _ in range(4):
        add_version(database)
    for number in (1, 2):
        aliases.promote(database, "m", number, actor="ada", reason=f"{number} is better")
    aliases.set_challenger(database, "m", 4, actor="ada", reason="try")
    old = now() - 100 * DAY
    with database.write() as connection:
        connection.execute(tables.versions.update().values(created_at=old, registered_at=old))
    return "m"


def test_history_says_who_serves_and_lists_all_moves(shell: Shell, model: str) -> None:
    document = shell("history", model, "--json").document
    assert set(document) == {"model", "at", "served", "message", "moves"}
    assert [(one["kind"], one["to_version"]) for one in document["moves"]] == [
        ("assign", 4),
        ("promote", 2),
        ("promote", 1),
    ]
    found = document["served"]
    assert (found["version"], found["until"], found["actor"]) == (2, None, "ada")
    assert (found["reason"], found["dossier"]) == ("2 is better", None)
    lines = shell("history", model).out.splitlines()
    assert " version 2 served for `m`: promoted at " in lines[0]
    assert lines[0].endswith(" by ada; it still serves. The reason: 2 is better.")
    assert [line.split()[1] for line in lines[2:]] == ["KIND", "assign", "promote", "promote"]


def test_history_at_a_moment_that_it_gave_finds_the_same_champion(shell: Shell, model: str) -> None:
    moves = shell("history", model, "--json").document["moves"]
    for move in moves[1:]:
        found = shell("history", model, "--at", move["at"], "--json").document
        assert found["served"]["version"] == move["to_version"]
        assert found["served"]["since"] == move["at"] == found["at"]
    assert found["served"]["until"] == moves[1]["at"]


def test_history_before_the_first_champion_is_an_answer(shell: Shell, model: str) -> None:
    ran = shell("history", model, "--at", "2011-05-01", "--json")
    assert (ran.code, ran.document["served"]) == (0, None)
    assert ran.document["message"] == (
        "Nothing served for `m` at 1 May 2011, 00:00:00 UTC: no version was its champion yet."
    )
    assert shell("history", model, "--at", "soon").code == 1
    for beyond in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+05:00"):
        ran = shell("history", model, "--at", beyond)
        assert (ran.code, ran.out) == (1, "")
        assert "is not a time" in ran.err
    for end in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
        assert shell("history", model, "--at", end).code == 0
        assert shell("probation", model, "--at", end).code == 0


def test_a_roll_back_to_any_earlier_champion_is_one_command_and_a_move_of_its_own(
    shell: Shell, model: str
) -> None:
    refused = shell("rollback", model, "--to", 3, "--reason", "try it")
    assert refused.code == 1
    assert refused.err.startswith("Version 3 of `m` never was champion")
    assert shell("rollback", model, "--to", 1, "--reason", "2 is worse").code == 0
    newest = shell("history", model, "--json").document["moves"][0]
    assert (newest["kind"], newest["from_version"], newest["to_version"]) == ("rollback", 2, 1)
    assert (newest["actor"], newest["reason"]) == ("tester", "2 is worse")


def test_retention_lists_first_and_removes_when_it_is_told_to(
    shell: Shell, database: Database, model: str
) -> None:
    assert shell("retention", model, "--json").document["message"] == "All 4 versions are kept."
    assert shell("policy", model, "--keep-days", 30, "--keep-last", 1).code == 0
    dry = shell("retention", model, "--dry-run", "--json").document
    assert (dry["applied"], dry["policy"]["keep_days"]) == (False, 30)
    assert {one["version"]: one["action"] for one in dry["versions"]} == {
        4: "keep",
        3: "remove",
        2: "keep",
        1: "keep",
    }
    assert len(registry.versions_of(database, "m")) == 4
    text = shell("retention", model).out
    assert "1 version would go and free 0 bytes; 3 would stay." in text
    done = shell("retention", model, "--apply", "--actor", "bob", "--json").document
    assert [one["version"] for one in done["versions"]] == [3]
    assert done["message"].startswith("1 version was removed, of 0 bytes.")
    newest = audit.rows_of(database, subject="m")[0]
    assert (newest.action, newest.actor, newest.detail["version"]) == ("remove_version", "bob", 3)
    assert shell("retention", model, "--apply").out == "There was nothing to remove.\n"


def test_retention_does_not_list_and_remove_at_once(shell: Shell) -> None:
    assert shell("retention", "m", "--dry-run", "--apply").code == 2


def test_a_policy_is_shown_changed_in_parts_and_recorded(
    shell: Shell, database: Database, model: str
) -> None:
    assert shell("policy", model, "--json").document == {
        "model": "m",
        "approval": False,
        "probation_hours": 72,
        "keep_days": None,
        "keep_last": 10,
        "gates": None,
    }
    options = ("--approval", "on", "--gates", "always", "--keep-days", "90")
    changed = shell("policy", model, *options, "--json").document
    assert (changed["approval"], changed["gates"], changed["keep_days"]) == (True, True, 90)
    assert audit.rows_of(database, subject="m")[0].action == "policy"
    options = ("--keep-days", "none", "--probation-hours", "0", "--gates", "default")
    changed = shell("policy", model, *options, "--json").document
    assert (changed["keep_days"], changed["probation_hours"], changed["approval"]) == (
        None,
        0,
        True,
    )
    assert changed["gates"] is None
    refused = shell("policy", model, "--keep-last", "0")
    assert refused.code == 1
    assert refused.err.startswith("`keep_last` of a policy is 0")
    assert shell("policy", model, "--keep-days", "0").code == 2
    assert shell("policy", model, "--keep-last", "few").code == 2


def test_probation_says_what_it_compares_and_when_there_is_none(
    shell: Shell, database: Database, model: str
) -> None:
    aliases.rollback(database, "m", actor="ada", reason="worse")
    ran = shell("probation", model, "--json")
    assert ran.code == 0
    assert ran.document == {
        "model": "m",
        "version": None,
        "proposes_rollback": False,
        "message": "Nothing is on probation for `m`.",
        "reasons": [],
        "findings": [],
    }
    assert shell("probation", model).out == "Nothing is on probation for `m`.\n"
    assert shell("probation", "nothing").code == 1


def test_probation_of_a_new_champion_lists_its_findings(
    shell: Shell, registered: Callable[..., Version]
) -> None:
    registered("iris")
    registered("iris")
    document = shell("probation", "iris", "--json").document
    assert (document["version"], document["against"], document["running"]) == (2, 1, True)
    assert [one["status"] for one in document["findings"]] == ["unknown"] * 5
    text = shell("probation", "iris").out
    assert "It is too early to tell. Truth is known for 0 of 0 rows answered since" in text
    assert re.search(r"\nAccuracy, where truth is known +unknown +- +0 +- +0\n", text)


def test_a_retention_that_is_killed_leaves_whole_versions_and_is_completed_by_the_next(
    processes: Processes, shell: Shell, settings: Settings, database: Database
) -> None:
    for _ in range(30):
        add_version(database)
    old = now() - 100 * DAY
    with database.write() as connection:
        connection.execute(tables.versions.update().values(created_at=old, registered_at=old))
        connection.execute(tables.models.update().values(policy={"keep_days": 30, "keep_last": 5}))
    assert settings.data_dir == processes.folder
    process = processes.start("retention", "m", "--apply")
    while process.poll() is None and not _removed(database):
        time.sleep(0.005)
    process.kill()
    process.communicate()
    left = registry.versions_of(database, "m")
    assert len(left) == 30 - len(_removed(database))
    assert {one.number for one in left}.isdisjoint(_removed(database))
    for one in left:
        assert blobs.fetch(database, one.files["note.txt"]) == b"kept"
    assert shell("retention", "m", "--apply").code == 0
    assert [one.number for one in registry.versions_of(database, "m")] == [30, 29, 28, 27, 26]
    assert sorted(_removed(database)) == list(range(1, 26))
    assert chain.check(database, {}).ok


def _removed(database: Database) -> list[int]:
    rows = audit.rows_of(database, subject="m", limit=1_000)
    return [one.detail["version"] for one in rows if one.action == "remove_version"]
