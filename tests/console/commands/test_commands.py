"""Each command by itself: its documents and tables."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import uuid_utils

from backend.records import predictions
from backend.records.database import Database, now
from backend.records.predictions import Row
from backend.records.registry import Version
from tests.console.commands.conftest import Shell


def row(model: str, outcome: str = "answered", **more: Any) -> Row:
    """A row of the log."""
    base = Row(
        prediction_id=uuid_utils.uuid7().bytes,
        request_id=uuid_utils.uuid7().bytes,
        at=now(),
        model=model,
        version=1 if outcome == "answered" else None,
        source="live",
        outcome=outcome,
        features="[1.5,2,3,4]" if outcome == "answered" else '{"x": "\\u001b[31m',
        label="setosa" if outcome == "answered" else None,
        value=None,
        score=0.75 if outcome == "answered" else None,
        latency_ms=1.0,
        error=None if outcome == "answered" else "No.",
    )
    return base._replace(**more)


def test_a_fresh_machine_has_no_models_and_no_predictions(shell: Shell) -> None:
    assert shell("models", "--json").document == []
    assert shell("predictions", "--json").document == []
    assert shell("jobs", "--json").document == []
    ran = shell("models")
    assert ran.out == "There are no models. Make one with `train`, or load the demo with `demo`.\n"


def test_models_list_champion_challenger_and_versions(
    shell: Shell, registered: Callable[..., Version]
) -> None:
    registered("iris")
    registered("iris", promoted=False, note="the second")
    (model,) = shell("models", "--json").document
    assert (model["model"], model["champion"], model["challenger"]) == ("iris", 1, None)
    newest, oldest = model["versions"]
    assert (newest["version"], newest["note"], newest["aliases"]) == (2, "the second", [])
    assert (oldest["version"], oldest["aliases"]) == (1, ["champion"])
    assert newest["metrics"] == {"accuracy": 0.9}
    lines = shell("models").out.splitlines()
    headings = ["MODEL", "VERSION", "ALIASES", "ALGORITHM", "METRICS", "CREATED", "ENGINE", "WHY"]
    assert lines[0].split() == headings
    assert lines[1].split()[:4] == ["iris", "2", "-", "logistic_regression"]


def test_models_say_which_engine_answers_for_a_version_and_why(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, registered: Callable[..., Version]
) -> None:
    train = ("train", "--model", "flowers", "--data", "builtin:iris", "--folds", 2)
    assert shell(*train).code == 0
    monkeypatch.setenv("WATCHDESK_COMPILE", "off")
    assert shell(*train).code == 0
    registered("iris")
    flowers, iris = shell("models", "--json").document
    assert [(v["engine"], v["engine_reason"]) for v in flowers["versions"]] == [
        ("sklearn", "It was trained with `WATCHDESK_COMPILE` set to `off`."),
        ("sklearn", "It is compiled, but `WATCHDESK_COMPILE` is `off`."),
    ]
    assert iris["versions"][0]["engine"] == "sklearn"
    assert iris["versions"][0]["engine_reason"] == (
        "It was made before versions were compiled; train it again."
    )
    monkeypatch.delenv("WATCHDESK_COMPILE")
    first = shell("models", "--json").document[0]["versions"][1]
    assert first["engine"] == "onnx"
    assert first["engine_reason"].startswith("All 112 reference rows and 2,001 probes agree")
    assert "  onnx     All 112 reference rows and" in shell("models").out


def test_predictions_of_all_models_come_newest_first_and_end_at_the_limit(
    shell: Shell, database: Database, registered: Callable[..., Version]
) -> None:
    names = [feature["name"] for feature in registered("iris").signature["features"]]
    registered("diabetes")
    rows = [
        row("iris"),
        row("", "refused"),
        row("diabetes", label=None, score=None, value=151.5, features=str([0.5] * 10)),
        row("iris"),
    ]
    predictions.append(database, [r._replace(at=1_000_000 * i) for i, r in enumerate(rows, 1)])
    found = shell("predictions", "--limit", 3, "--json").document
    assert [(p["at"][-3:], p["model"]) for p in found] == [
        ("04Z", "iris"),
        ("03Z", "diabetes"),
        ("02Z", None),
    ]
    assert found[0]["features"] == dict(zip(names, (1.5, 2, 3, 4), strict=True))
    assert found[1]["features"]["bmi"] == 0.5
    assert found[2]["features"] == '{"x": "\\u001b[31m'
    assert [(p["label"], p["value"], p["version"]) for p in found] == [
        ("setosa", None, 1),
        (None, 151.5, 1),
        (None, None, None),
    ]
    assert len(shell("predictions", "--model", "iris", "--json").document) == 2
    assert len(shell("predictions", "--outcome", "refused", "--json").document) == 1
    assert shell("predictions", "--model", "nothing").code == 1


def test_the_truth_of_a_regression_is_a_number(
    shell: Shell, database: Database, registered: Callable[..., Version]
) -> None:
    registered("diabetes")
    answered = row("diabetes", label=None, score=None, value=151.5)
    predictions.append(database, [answered])
    truth = predictions.Truth(predictions.text_of(answered.prediction_id), None, 149.0)
    predictions.append_feedback(database, "diabetes", [truth])
    (found,) = shell("predictions", "--json").document
    assert found["ground_truth"] == 149.0


def test_a_promotion_is_refused_when_the_champion_is_not_the_expected_one(
    shell: Shell, registered: Callable[..., Version]
) -> None:
    registered("iris")
    registered("iris", promoted=False)
    promote = ("promote", "iris", 2, "--reason", "better", "--expected-champion")
    ran = shell(*promote, "none", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "The champion of `iris` is version 1, not none as you saw. Look at the new champion, then"
        " decide again.\n"
    )
    moved = shell(*promote, 1, "--actor", "another", "--json").document
    assert (moved["from_version"], moved["version"], moved["actor"]) == (1, 2, "another")
    back = shell("rollback", "iris", "--reason", "worse", "--expected-champion", 2)
    assert (back.code, back.out) == (
        0,
        "The champion of `iris` rolled back from version 2 to version 1.\n",
    )


def test_training_on_a_file_needs_a_target_and_takes_the_positive_label(
    shell: Shell, tmp_path: Path
) -> None:
    x = [i % 17 for i in range(120)]
    data = pd.DataFrame({"x": x, "y": [i % 5 for i in range(120)]})
    data["bought"] = ["yes" if i > 8 else "no" for i in x]
    path = tmp_path / "shop.csv"
    data.to_csv(path, index=False)
    train = ("train", "--model", "shop", "--data", path, "--json")
    ran = shell(*train)
    assert (ran.code, ran.out) == (1, "")
    assert "does not say which column to predict" in ran.err
    found = shell(*train, "--target", "bought", "--positive", "no", "--features", "x").document
    assert (found["positive"], found["features"], found["version"]) == ("no", ["x"], 1)
    assert found["created_by"] == "tester"


def test_drift_of_a_log_that_is_too_short_has_null_and_not_nan(
    shell: Shell, registered: Callable[..., Version]
) -> None:
    registered("iris")
    found = shell("drift", "iris", "--json").document
    (window,) = found["windows"]
    assert (found["model"], found["version"], window["n_current"]) == ("iris", 1, 0)
    assert window["status"] == "not_enough_rows"
    assert {feature["statistic"] for feature in window["features"]} == {None}
    assert "there are 0" in shell("drift", "iris").out


def test_drift_takes_the_rows_from_and_up_to_the_times_given(
    shell: Shell, registered: Callable[..., Version], tmp_path: Path, problems: dict[str, Any]
) -> None:
    registered("iris")
    frame = problems["iris"].frame
    times = pd.date_range("2024-03-01", periods=150, freq="h")
    frame.assign(time=times).to_csv(tmp_path / "rows.csv", index=False)
    replayed = shell("replay", "iris", "--data", tmp_path / "rows.csv", "--time", "time")
    assert replayed.out == "Version 1 of `iris` answered 150 rows.\n"

    def rows(*bounds: str) -> int:
        found = shell("drift", "iris", *bounds, "--json").document
        return int(found["windows"][0]["n_current"])

    assert rows() == 150
    assert rows("--from", "2024-03-02", "--to", "2024-03-03") == 24
    assert rows("--from", "2024-03-02") == 126
    assert rows("--from", "2024-03-02", "--exact") == 126
    assert rows("--to", "2024-03-02T00:00+01:00") == 23
    ran = shell("drift", "iris", "--from", "2099-01-01")
    assert ran.code == 1
    assert ran.err.startswith(
        "`--from 2099-01-01` is after the newest row of the log of `iris`, which ends before 2024"
    )
    assert ran.err.endswith("Choose an earlier one.\n")
    ran = shell("drift", "iris", "--from", "2024-03-03", "--to", "2024-03-02")
    assert (ran.code, ran.out) == (1, "")


def test_drift_between_files_has_a_window_for_each_value(shell: Shell, tmp_path: Path) -> None:
    reference = pd.DataFrame({"x": [i % 50 for i in range(500)], "kind": ["a", "b"] * 250})
    current = pd.concat([reference.assign(week=1), reference.assign(week=2, x=reference["x"] + 40)])
    reference.to_csv(tmp_path / "reference.csv", index=False)
    current.to_parquet(tmp_path / "current.parquet", index=False)
    files = ("--reference", tmp_path / "reference.csv", "--current", tmp_path / "current.parquet")
    first, second = shell("drift", *files, "--by", "week", "--json").document["windows"]
    assert (first["window"], first["n_drifted"]) == ("1", 0)
    assert (second["window"], second["n_drifted"]) == ("2", 1)
    assert (second["n_reference"], second["n_current"]) == (500, 500)
    assert [(f["feature"], f["status"]) for f in second["features"]] == [
        ("x", "drifted"),
        ("kind", "stable"),
    ]
    said = "Of 2 quiet windows up to 0.1 show a false flag: 5 %, by design."
    assert said in shell("drift", *files, "--by", "week").out
    assert "false flag" not in shell("drift", *files).out
    (whole,) = shell("drift", *files, "--json").document["windows"]
    assert (whole["window"], whole["n_current"]) == ("all", 1000)
    assert "FEATURE" in shell("drift", *files).out
