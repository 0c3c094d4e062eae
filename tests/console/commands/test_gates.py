"""`gates` and `scenarios` from a shell: exit codes, the stable JSON, and the rules as a file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backend.records.database import Database
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.promotion import gates
from tests.conftest import Problem
from tests.console.commands.conftest import Shell
from tests.console.rescoring import logs

Register = Callable[..., Version]


@pytest.fixture
def rules(tmp_path: Path) -> Callable[[str], Path]:
    """A function that writes a file of rules."""

    def write(text: str) -> Path:
        path = tmp_path / "gates.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_version_that_passes_is_exit_code_0_and_each_gate_has_its_figures(
    shell: Shell, registered: Register
) -> None:
    registered("iris")
    registered("iris", promoted=False)
    ran = shell("gates", "iris", "2", "--json")
    assert ran.code == 0
    assert ran.document["ok"] is True
    assert (ran.document["model"], ran.document["version"], ran.document["champion"]) == (
        *("iris", 2),
        1,
    )
    assert ran.document["rules"] == gates.hash_of(gates.default_of("multiclass"))
    by_name = {gate["name"]: gate for gate in ran.document["gates"]}
    assert set(by_name["minimum_rows"]) == {
        *("name", "title", "status", "figure", "limit", "message", "n"),
    }
    assert (by_name["minimum_rows"]["status"], by_name["minimum_rows"]["figure"]) == ("pass", 150)
    assert by_name["minimum_rows"]["limit"] == 100
    assert by_name["floors"]["status"] == "not_applicable"
    ran = shell("gates", "iris", "2")
    assert ran.out.endswith(
        "Nothing stands in the way of version 2 of `iris`: 7 gates pass, none fails.\n"
    )


def test_a_version_that_fails_is_exit_code_1_and_says_why(
    shell: Shell, database: Database, registered: Register, rules: Callable[[str], Path]
) -> None:
    registered("iris")
    shell("gates", "iris", "--set", rules("[minimum_rows]\nheldout = 1000"))
    ran = shell("gates", "iris", "1", "--json")
    assert (ran.code, ran.document["ok"], ran.document["blocking"]) == (1, False, ["minimum_rows"])
    ran = shell("gates", "iris", "1")
    assert ran.code == 1
    assert "minimum_rows: Version 1 has 150 held-out rows; at least 1,000 are asked for." in ran.out
    assert ran.out.endswith("Version 1 of `iris` fails 1 of its gates; 2 pass.\n")


def test_rules_are_shown_kept_and_brought_back(
    shell: Shell, database: Database, registered: Register, rules: Callable[[str], Path]
) -> None:
    registered("iris")
    default = gates.default_of("multiclass")
    assert shell("gates", "iris", "--show").out == default
    text = "# unsere Schwelle für Iris\n[floors]\naccuracy = 0.9\n"
    ran = shell("gates", "iris", "--set", rules(text), "--actor", "ada", "--json")
    assert (ran.code, ran.document["own"], ran.document["toml"]) == (0, True, text)
    assert shell("gates", "iris", "--show", "--json").document == ran.document
    assert gates.text_of(database, "iris") == text
    assert shell("gates", "iris", "--reset", "--json").document["own"] is False
    assert gates.text_of(database, "iris") == default
    listed = shell("audit", "list", "--model", "iris", "--json").document
    assert [row["actor"] for row in listed if row["action"] == "gates"] == ["tester", "ada"]


def test_rules_that_are_tried_are_not_kept(
    shell: Shell, database: Database, registered: Register, rules: Callable[[str], Path]
) -> None:
    registered("iris")
    path = rules("[floors]\naccuracy = 1.0\n")
    ran = shell("gates", "iris", "1", "--rules", path, "--json")
    assert (ran.code, ran.document["blocking"]) == (1, ["floors.accuracy"])
    assert gates.text_of(database, "iris") == gates.default_of("multiclass")


def test_rules_that_cannot_be_read_are_a_sentence_and_are_not_kept(
    shell: Shell, database: Database, registered: Register, rules: Callable[[str], Path]
) -> None:
    registered("iris")
    ran = shell("gates", "iris", "--set", rules("[floors]\nacuracy = 1.0\n"))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("`floors.acuracy` is not a metric that gates know; expected one of")
    ran = shell("gates", "iris", "--set", rules("x").parent / "missing.toml")
    assert ran.code == 1
    assert "missing.toml` (No such file or directory). Give the path of a TOML file." in ran.err
    rules("x").write_bytes(b"\xff\xfe")
    ran = shell("gates", "iris", "--set", rules("x").parent / "gates.toml")
    assert ran.code == 1
    assert gates.text_of(database, "iris") == gates.default_of("multiclass")


@pytest.mark.parametrize(
    "arguments",
    [
        ["gates", "iris"],
        ["gates", "iris", "1", "--show"],
        ["gates", "iris", "--rules", "x.toml"],
        ["gates", "iris", "--show", "--reset"],
        ["gates", "iris", "first"],
        ["scenarios", "iris", "--add", "one"],
        ["scenarios", "iris", "--features", "{}"],
        ["scenarios", "iris", "--add", "one", "--remove", "two"],
    ],
)
def test_what_does_not_belong_together_is_exit_code_2(shell: Shell, arguments: list[str]) -> None:
    ran = shell(*arguments)
    assert (ran.code, ran.out) == (2, "")


def test_a_stretch_of_the_log_can_be_chosen(
    shell: Shell,
    database: Database,
    store: Store,
    registered: Register,
    problems: dict[str, Problem],
    rules: Callable[[str], Path],
) -> None:
    version = registered("iris")
    logs.log(database, store, version, problems["iris"].frame)
    path = rules("[training_drift]\ndrifted = 9\n")
    ran = shell("gates", "iris", "1", "--rules", path, "--to", "2011-04-01T12:01:00", "--json")
    by_name = {gate["name"]: gate for gate in ran.document["gates"]}
    assert by_name["training_drift"]["n"] == 60  # one row a second from noon on


def test_scenarios_are_kept_listed_checked_and_removed(
    shell: Shell, registered: Register, problems: dict[str, Problem]
) -> None:
    registered("iris")
    features = problems["iris"].frame.iloc[0].to_json()
    given = ("--features", features, "--expect")
    ran = shell("scenarios", "iris", "--add", "a flower", *given, "virginica", "--json")
    assert ran.code == 0
    (one,) = ran.document
    assert (one["name"], one["expected"], one["created_by"]) == (
        *("a flower", {"label": "virginica"}),
        "tester",
    )
    ran = shell("gates", "iris", "1", "--json")
    assert (ran.code, ran.document["blocking"]) == (1, ["scenarios"])
    assert "a flower" in shell("scenarios", "iris").out
    ran = shell("scenarios", "iris", "--remove", "a flower")
    assert (ran.code, ran.out) == (0, "`iris` has no scenario yet.\n")
    assert shell("scenarios", "iris", "--remove", "a flower").code == 1
    assert shell("scenarios", "nothing").code == 1
    assert shell("scenarios", "iris", "--add", "x", "--features", "[1", "--expect", "a").err == (
        "`[1` is no row; expected a JSON object with a value for each feature by its name.\n"
    )


def test_a_range_is_read_from_two_numbers_or_one(
    shell: Shell, registered: Register, problems: dict[str, Problem]
) -> None:
    registered("diabetes")
    features = problems["diabetes"].frame.iloc[0].to_json()

    def add(expect: str) -> object:
        ran = shell(
            *("scenarios", "diabetes", "--add", expect, "--features", features),
            *(f"--expect={expect}", "--json"),
        )
        return ran.document[-1]["expected"] if ran.code == 0 else ran.err

    assert add("10:20.5") == {"low": 10.0, "high": 20.5}
    assert add("10:") == {"low": 10.0, "high": None}
    assert add(":-3") == {"low": None, "high": -3.0}
    sentence = "is no range; expected two numbers as `10:20`, or one as `10:` or `:20`.\n"
    assert add("10") == f"`10` {sentence}"
    assert add("a:b") == f"`a:b` {sentence}"
