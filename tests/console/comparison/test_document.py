"""The document of a comparison, and the verdict in a sentence."""

import json

import pytest

from backend.records.database import Database
from backend.versions.artefacts import Store
from console.comparison import HeldOut, Table, compare, rows
from console.comparison.documents import rows_json
from tests.console.comparison.made import buyers, problem_of, shopping, version_of

NEW = Table("new", shopping(200, seed=77))


def test_the_document_is_json_with_every_part(database: Database, store: Store) -> None:
    a = version_of(database, store, buyers())
    b = version_of(database, store, buyers(columns=["age"]))
    found = compare(database, a, b, store, chosen=NEW)
    document = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert (document["model"], document["task"]) == ("made", "binary")
    assert document["a"] == {"version": 1, "algorithm": "logistic_regression", "aliases": []}
    assert [metric["metric"] for metric in document["metrics"]] == [
        *("accuracy", "roc_auc", "average_precision", "f1", "precision", "recall"),
        *("balanced_accuracy", "log_loss", "brier", "calibration_error"),
    ]
    assert document["rows"] == {
        "kind": "table",
        "title": "200 rows of `new`",
        "n": 200,
        "n_found": 200,
        "from": None,
        "to": None,
        "warning": "",
        "notes": [],
    }
    assert document["mcnemar"]["n"] == 200
    assert {line["side"] for line in document["calibration"]} == {"a", "b"}
    assert len(document["thresholds"]) == 202
    # Nothing is flagged from a score of 1 on, so there is no precision.
    assert document["thresholds"][100]["precision"] is None
    assert [line["side"] for line in document["speed"]] == ["a", "b"]
    flips = sum(flip["n"] for flip in document["flips"])
    assert document["agreement"] == pytest.approx(1 - flips / 200)
    assert ("feature", "visits") in {(d["what"], d["name"]) for d in document["differences"]}
    assert document["verdict"].startswith("Version 1 is clearly better in ")
    assert document["enough"] == ""


def test_the_document_of_a_regression_has_no_labels(database: Database, store: Store) -> None:
    frame = shopping().drop(columns="bought")
    a, b = (version_of(database, store, problem_of(frame, "spent", "regression")) for _ in range(2))
    document = compare(database, a, b, store, chosen=NEW, timing=False).to_json()
    assert [metric["metric"] for metric in document["metrics"]] == [
        *("mae", "rmse", "r2", "median_ae", "bias"),
    ]
    assert (document["agreement"], document["mcnemar"]) == (None, None)
    assert document["flips"] == document["calibration"] == document["thresholds"] == []
    assert document["speed"] == []
    assert document["verdict"] == "No clear difference in any of 5 metrics."
    assert document["enough"] == "The two answer these rows alike."


def test_several_labels_have_their_own_metrics_and_a_calibration(
    database: Database, store: Store
) -> None:
    frame = shopping(600).assign(size=lambda t: (t["spent"] // 25).clip(0, 3).astype(int))
    frame = frame.drop(columns=["bought", "spent"])
    a, b = (
        version_of(database, store, problem_of(frame, "size", "multiclass", columns=columns))
        for columns in (["age"], ["age", "visits"])
    )
    found = compare(database, a, b, store, timing=False)
    assert found.frame["metric"].tolist() == [
        *("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "roc_auc_ovr"),
        "calibration_error",
    ]
    assert found.thresholds.empty
    assert found.calibration.groupby("side")["n"].sum().tolist() == [found.n, found.n]
    assert found.mcnemar is not None
    assert found.mcnemar.only_b > found.mcnemar.only_a
    assert found.frame["better"].iloc[0] == "b"


def test_values_that_a_version_refuses_are_left_out_of_the_held_out_rows(
    database: Database, store: Store
) -> None:
    a = version_of(database, store, buyers())
    holes = shopping(seed=6).drop(columns="spent").astype({"visits": float})
    holes.loc[:99, "visits"] = None
    b = version_of(database, store, problem_of(holes, "bought"), fingerprint="another")
    found = rows(database, [a, b], HeldOut(), store)
    assert (found.n, found.n_found) == (300, 400)
    assert found.title == "300 held-out rows of version 2"
    (note,) = rows_json(found)["notes"]
    assert note == (
        "100 of 400 held-out rows of version 2 are left out: version 1 cannot answer without"
        " `visits`."
    )
