"""`compare`: the document for pipelines, the text for people, and the choice of rows."""

from pathlib import Path

import pytest

from backend.records.database import Database
from backend.records.registry import Version
from backend.versions.artefacts import Store
from tests.console.commands.conftest import Shell
from tests.console.comparison.made import buyers, problem_of, shopping, version_of
from tests.console.rescoring.logs import log, tell


@pytest.fixture(name="pair")
def two_versions(database: Database, store: Store) -> list[Version]:
    """Two versions of `made`, the second of which does not know `visits`."""
    old = {"fingerprint": "theirs", "until": "2011-04-01T00:00Z", "time": "at"}
    return [
        version_of(database, store, buyers(), heldout=range(200, 400), **old),
        version_of(database, store, buyers(columns=["age"]), heldout=range(200, 400), **old),
    ]


@pytest.fixture(name="csv")
def new_table(tmp_path: Path) -> Path:
    """A table that nobody was trained on."""
    path = tmp_path / "new.csv"
    shopping(200, seed=77).to_csv(path, index=False)
    return path


@pytest.mark.usefixtures("pair")
def test_without_more_the_rows_are_those_held_out(shell: Shell) -> None:
    ran = shell("compare", "made", 1, 2, "--json")
    assert ran.code == 0
    document = ran.document
    assert document["rows"]["title"] == "200 held-out rows of version 2"
    first = document["metrics"][0]
    assert (first["metric"], first["better"], first["n"]) == ("accuracy", "a", 200)
    assert first["low"] < first["difference"] < first["high"] < 0
    assert document["differences"][0]["name"] == "visits"
    assert "costs" not in document


@pytest.mark.usefixtures("pair")
def test_a_person_reads_a_verdict_a_line_a_metric_and_what_differs(shell: Shell, csv: Path) -> None:
    ran = shell("compare", "made", 1, 2, "--data", csv, "--costs", "1:5")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "`made`, 200 rows of `new.csv`"
    assert lines[1].startswith("Version 1 is clearly better in ")
    heading = next(line for line in lines if line.startswith("METRIC"))
    assert heading.split()[1:5] == ["VERSION", "1", "VERSION", "2"]
    accuracy = next(line for line in lines if line.startswith("accuracy"))
    assert accuracy.endswith("version 1  yes")
    assert "Version 1 alone is right in " in ran.out
    assert "They give the same label to " in ran.out
    assert "DIFFERS" in ran.out
    assert "MS FOR ONE ROW" in ran.out
    assert (
        "A false alarm costs 1 and a miss 5; a well calibrated score is best cut at 0.17."
        in ran.out
    )


@pytest.mark.usefixtures("pair")
def test_costs_are_in_the_document_when_asked_for(shell: Shell, csv: Path) -> None:
    document = shell("compare", "made", 1, 2, "--data", csv, "--costs", "1:5", "--json").document
    costs = document["costs"]
    assert costs["advised"] == pytest.approx(1 / 6)
    for best in costs["best"]:
        curve = [line for line in document["thresholds"] if line["side"] == best["side"]]
        paid = [(line["false_alarms"] + 5 * line["misses"]) / 200 for line in curve]
        assert best["cost"] == pytest.approx(min(paid))
        assert best["cost_at_half"] == pytest.approx(paid[50])


def test_a_window_of_the_log_gives_its_rows_with_truth(
    shell: Shell, database: Database, store: Store, pair: list[Version]
) -> None:
    fresh = shopping(160, seed=77)
    logged = log(database, store, pair[0], fresh[["age", "visits"]])
    tell(database, logged, fresh["bought"])
    window = ("--from", "2011-04-01T12:00:30Z", "--to", "2011-04-01T12:02:00Z")
    document = shell("compare", "made", 1, 2, *window, "--json").document
    assert document["rows"] == {
        "kind": "log",
        "title": "90 logged rows with truth, 2011-04-01T12:00:30Z to 2011-04-01T12:02:00Z",
        "n": 90,
        "n_found": 90,
        "from": "2011-04-01T12:00:30Z",
        "to": "2011-04-01T12:02:00Z",
        "warning": "",
        "notes": [],
    }


@pytest.mark.usefixtures("pair")
def test_more_versions_are_a_table_with_the_best_first(
    shell: Shell, database: Database, store: Store, csv: Path
) -> None:
    version_of(database, store, buyers(seed=9))
    ran = shell("compare", "made", 2, 1, 3, "--data", csv, "--json")
    assert ran.code == 0
    versions = ran.document["versions"]
    assert {line["version"] for line in versions[:2]} == {1, 3}
    assert versions[2]["version"] == 2
    assert versions[0]["behind"] == 0
    assert versions[2]["clear"] is True
    assert versions[0]["single_ms"] > 0
    text = shell("compare", "made", 2, 1, 3, "--data", csv).out
    assert text.splitlines()[0] == "`made`, 200 rows of `new.csv`"
    assert "BEHIND" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--data", "x.csv", "--from", "2011-04-01"), "give either --data, or --from and --to"),
        (("1",), "give different versions"),
        (("3", "--costs", "1:5"), "--costs is for two versions"),
        (("--costs", "1"), "`1` is no pair of costs; expected two numbers as `1:5`, not both 0"),
        (("--costs", "0:0"), "`0:0` is no pair of costs"),
        (("--costs", "nan:1"), "`nan:1` is no pair of costs"),
    ],
)
def test_a_command_line_that_is_not_understood_ends_with_2(
    shell: Shell, arguments: tuple[str, ...], sentence: str
) -> None:
    ran = shell("compare", "made", "1", "2", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.err


@pytest.mark.usefixtures("pair")
def test_what_cannot_be_compared_is_a_sentence_and_ends_with_1(
    shell: Shell, database: Database, store: Store, tmp_path: Path
) -> None:
    ran = shell("compare", "made", 1, 7, "--json")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == ("Model `made` has no version 7. `python -m console models` lists them.\n")
    path = tmp_path / "short.csv"
    shopping(200).drop(columns="bought").to_csv(path, index=False)
    ran = shell("compare", "made", 1, 2, "--data", path)
    assert ran.code == 1
    assert ran.err.startswith("`short.csv` has no column `bought`")
    number = problem_of(shopping().drop(columns="bought"), "spent", "regression")
    for _ in range(2):
        version_of(database, store, number, model="spending")
    ran = shell("compare", "spending", 1, 2, "--costs", "1:5")
    assert ran.code == 1
    assert ran.err == (
        "`spending` is a regression; costs by threshold are for a binary target. Leave `--costs`"
        " out.\n"
    )
