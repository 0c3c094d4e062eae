"""Artefacts: every kind of column, missing and unseen values, and no trace of the console."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from backend.records.drafts import NewVersion
from backend.settings import ROOT
from backend.versions.compiled import load
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature
from console.training import ALGORITHMS, Choices
from console.training.datasets import from_csv
from console.training.train import train
from tests.console.training.tables import csv_of, mixed

TARGETS = {"binary": "bought", "multiclass": "grade", "regression": "risk"}
FEATURES = {
    "numbers": ("size", "count"),
    "mixed": ("size", "count", "colour", "member"),
    "categories": ("colour", "member"),
    "whole": ("count",),
}
QUICK: dict[str, dict[str, int]] = {
    "random_forest": {"n_estimators": 10},
    "gradient_boosting": {"max_iter": 10, "min_samples_leaf": 5},
}
CASES: list[tuple[str, str, str]] = [
    (name, task, kind)
    for name, algorithm in ALGORITHMS.items()
    for task in algorithm.tasks
    for kind in FEATURES
]

# Run where `console` cannot be imported: what is loaded must not need it.
LOADS = """
import importlib.abc, json, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"console", "pages", "tests", "streamlit"}:
            raise ImportError(name + " must not be needed")

sys.meta_path.insert(0, Refuse())
from pathlib import Path
from backend.versions import unpickler
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature

answers = {}
for case, (path, signature, rows) in json.load(open(sys.argv[1])).items():
    signature = Signature.from_json(signature)
    scorer = Scorer(signature, unpickler.load(Path(path).read_bytes()))
    scored = scorer.score([signature.read(row) for row in rows])
    answers[case] = (scored.values if scored.labels is None else scored.scores).tolist()
json.dump(answers, sys.stdout)
"""


@pytest.fixture(scope="module")
def trained() -> dict[tuple[str, str, str], NewVersion]:
    data = from_csv(csv_of(mixed()), "mixed.csv")
    found: dict[tuple[str, str, str], NewVersion] = {}
    for name, task, kind in CASES:
        choices = Choices(
            "m",
            "mixed.csv",
            target=TARGETS[task],
            features=FEATURES[kind],
            algorithm=name,
            parameters=QUICK.get(name, {}),
            folds=2,
        )
        found[name, task, kind] = train(data, choices, by="tester")
    return found


def _scorer(new: NewVersion) -> Scorer:
    estimator = joblib.load(io.BytesIO(new.files["model.joblib"]))
    return Scorer(Signature.from_json(new.signature), estimator)


def _requests(kind: str) -> list[dict[str, Any]]:
    whole: list[dict[str, Any]] = [
        {"size": 9.5, "count": 3, "colour": "red", "member": True},
        {"size": None, "count": 49, "colour": None, "member": None},
        {"size": 12.0, "count": 0, "colour": "ultraviolet", "member": False},
    ]
    return [{name: row[name] for name in FEATURES[kind]} for row in whole]


def test_every_artefact_loads_and_answers_where_the_console_is_not(
    trained: dict[tuple[str, str, str], NewVersion], tmp_path: Path
) -> None:
    plan: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for case, new in trained.items():
        key = "-".join(case)
        path = tmp_path / f"{key}.joblib"
        path.write_bytes(new.files["model.joblib"])
        rows = _requests(case[2])
        plan[key] = (str(path), new.signature, rows)
        scorer = _scorer(new)
        scored = scorer.score([scorer.signature.read(row) for row in rows])
        expected[key] = scored.values if scored.labels is None else scored.scores
    listing = tmp_path / "plan.json"
    listing.write_text(json.dumps(plan))
    done = subprocess.run(
        [sys.executable, "-c", LOADS, str(listing)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert set(answers) == set(expected)
    for key, values in expected.items():
        assert answers[key] == pytest.approx(values.tolist(), abs=1e-12), key


@pytest.mark.parametrize(("name", "task", "kind"), CASES)
def test_every_algorithm_is_compiled_whole_on_every_kind_of_table(
    trained: dict[tuple[str, str, str], NewVersion], name: str, task: str, kind: str
) -> None:
    new = trained[name, task, kind]
    proof = new.compilation
    assert proof is not None
    assert (proof["engine"], proof["part"]) == ("onnx", "whole"), proof["reason"]
    scorer = _scorer(new)
    graph = load(new.files["model.onnx"], scorer.signature, scorer.estimator, proof)
    assert graph is not None
    rows = [scorer.signature.read(row) for row in _requests(kind)]
    expected, found = scorer.score(rows), replace(scorer, compiled=graph).score(rows)
    assert found.labels == expected.labels
    if expected.values is None:
        assert found.probabilities == pytest.approx(expected.probabilities, abs=1e-7)
    else:
        assert found.values == pytest.approx(expected.values, abs=1e-7)


def test_the_signature_tells_each_kind_and_what_may_be_missing(
    trained: dict[tuple[str, str, str], NewVersion],
) -> None:
    signature = Signature.from_json(trained["random_forest", "binary", "mixed"].signature)
    assert [(f.name, f.kind, f.nullable) for f in signature.features] == [
        ("size", "number", True),
        ("count", "integer", False),
        ("colour", "category", True),
        ("member", "boolean", True),
    ]
    assert (signature.labels, signature.positive) == (("no", "yes"), "yes")
    grades = Signature.from_json(trained["random_forest", "multiclass", "mixed"].signature)
    assert grades.labels == (1, 2, 3)


@pytest.mark.parametrize(("name", "task", "kind"), CASES)
def test_missing_and_unseen_values_get_a_finite_answer(
    trained: dict[tuple[str, str, str], NewVersion], name: str, task: str, kind: str
) -> None:
    scorer = _scorer(trained[name, task, kind])
    scored = scorer.score([scorer.signature.read(row) for row in _requests(kind)])
    found = scored.values if scored.labels is None else scored.scores
    assert found is not None
    assert np.isfinite(found).all()
    if scored.labels is not None:
        assert set(scored.labels) <= set(scorer.signature.labels)


def test_the_estimators_own_classes_are_the_labels_in_order(
    trained: dict[tuple[str, str, str], NewVersion],
) -> None:
    for (_, task, _), new in trained.items():
        if task != "regression":
            assert tuple(_scorer(new).estimator.classes_.tolist()) == tuple(new.signature["labels"])


def test_an_unseen_category_is_answered_as_if_none_of_the_known_were_there(
    trained: dict[tuple[str, str, str], NewVersion],
) -> None:
    scorer = _scorer(trained["linear_regression", "regression", "categories"])
    encoder = scorer.estimator.named_steps["columns"]
    row = scorer.signature.matrix([["ultraviolet", True]])
    # red, green, blue and missing, then false, true and missing: nothing but `true` is set.
    assert encoder.transform(row).tolist() == [[0, 0, 0, 0, 0, 1, 0]]


def test_values_missing_among_the_held_out_rows_only_are_answered_too() -> None:
    frame = mixed()
    frame["size"] = frame["size"].fillna(10.0)
    frame["colour"] = frame["colour"].fillna("red")
    for name in ALGORITHMS:
        target = "risk" if name == "linear_regression" else "bought"
        probe = Choices(
            "m", "t", target=target, algorithm=name, folds=2, parameters=QUICK.get(name, {})
        )
        first = train(from_csv(csv_of(frame), "t"), probe, by="t")
        held = pd.read_parquet(io.BytesIO(first.files["heldout.parquet"]))["__row__"]
        holes = frame.copy()
        holes.loc[held.iloc[:3], ["size", "colour"]] = None
        new = train(from_csv(csv_of(holes), "t"), probe, by="t")
        signature = Signature.from_json(new.signature)
        assert signature.feature("size").nullable
        assert signature.feature("colour").nullable
        again = pd.read_parquet(io.BytesIO(new.files["heldout.parquet"]))
        assert again["size"].isna().sum() == 3


def test_a_crowded_category_is_encoded_in_at_most_a_hundred_columns() -> None:
    frame = mixed(1_500)
    frame["colour"] = [f"c{i % 700}" for i in range(1_500)]
    choices = Choices("m", "t", target="risk", features=("colour",), folds=2)
    scorer = _scorer(train(from_csv(csv_of(frame), "t"), choices, by="t"))
    width = scorer.estimator.named_steps["columns"].transform(scorer.signature.matrix([["c1"]]))
    assert width.shape == (1, 100)
