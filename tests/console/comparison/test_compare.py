"""Two real versions, trained on the same data, compared on rows neither has seen."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from backend.errors import Unusable
from backend.records.database import Database
from backend.records.registry import Version
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.comparison import compare
from console.comparison.matched import score_ends
from console.promotion import gates
from console.training import datasets
from console.training.choices import Choices
from console.training.train import train


def made(
    database: Database,
    store: Store,
    data: str,
    algorithm: str,
    model: str = "m",
    compiling: bool = True,
    **more: Any,
) -> Version:
    choices = Choices(model=model, data=f"builtin:{data}", algorithm=algorithm, folds=2, **more)
    new = train(datasets.load(f"builtin:{data}"), choices, by="tester", compiling=compiling)
    return registration.register(database, registration.add(database, new, store), store)


def heldout(database: Database, version: Version, store: Store) -> pd.DataFrame:
    return artefacts.table(database, version, artefacts.HELDOUT, store)


def test_a_binary_comparison_equals_scikit_learn_on_each_versions_answers(
    database: Database, store: Store
) -> None:
    a = made(database, store, "breast_cancer", "logistic_regression")
    b = made(database, store, "breast_cancer", "random_forest", parameters={"n_estimators": 10})
    found = compare(database, a, b, store)
    frame = found.frame.set_index("metric")
    positive = Signature.from_json(b.signature).positive
    for side, version in (("a", a), ("b", b)):
        rows = heldout(database, version, store)
        truth = rows["__truth__"] == positive
        assert frame.loc["roc_auc", side] == pytest.approx(
            sk.roc_auc_score(truth, rows["__score__"])
        )
        assert frame.loc["accuracy", side] == (rows["__truth__"] == rows["__label__"]).mean()
        assert frame.loc["brier", side] == pytest.approx(
            sk.brier_score_loss(truth, rows["__score__"])
        )
    assert found.warning == ""
    assert found.n == len(heldout(database, b, store)) == frame["n"].iloc[0]


def test_the_flips_and_the_agreement_are_those_of_the_two_tables(
    database: Database, store: Store
) -> None:
    a = made(database, store, "breast_cancer", "logistic_regression")
    b = made(
        database,
        store,
        "breast_cancer",
        "random_forest",
        parameters={"n_estimators": 10, "max_depth": 1},
    )
    found = compare(database, a, b, store)
    ours, theirs = heldout(database, a, store), heldout(database, b, store)
    changed = ours["__label__"] != theirs["__label__"]
    assert changed.any()
    assert found.flips["n"].sum() == changed.sum()
    assert found.agreement == pytest.approx(1 - changed.mean())
    right = (ours["__label__"] == ours["__truth__"])[changed].sum()
    assert found.flips["a_right"].sum() == right


def test_a_clearly_worse_version_is_called_worse_in_every_metric(
    database: Database, store: Store
) -> None:
    a = made(database, store, "bikeshare", "random_forest", parameters={"n_estimators": 10})
    b = made(database, store, "bikeshare", "random_forest", features=("windspeed",))
    found = compare(database, a, b, store)
    # The mean error is small for both: it says nothing of how far each answer lies off.
    assert set(found.frame.loc[found.frame["metric"] != "bias", "better"]) == {"a"}
    assert found.agreement is None
    assert found.flips.empty
    mae = found.frame.set_index("metric").loc["mae"]
    assert 0 < mae["low"] < mae["difference"] < mae["high"]
    assert mae["label"].startswith("Version 1 is better by ")


def test_a_version_is_not_better_than_its_twin(database: Database, store: Store) -> None:
    a = made(database, store, "iris", "logistic_regression")
    b = made(database, store, "iris", "logistic_regression")
    found = compare(database, a, b, store)
    assert set(found.frame["better"]) == {"unclear"}
    assert not found.frame["clear"].any()
    assert found.agreement == 1.0
    assert found.differences.empty


def test_the_interval_is_that_of_a_plain_paired_bootstrap(database: Database, store: Store) -> None:
    a = made(database, store, "diabetes", "linear_regression")
    b = made(database, store, "diabetes", "random_forest", parameters={"n_estimators": 10})
    row = compare(database, a, b, store).frame.set_index("metric").loc["mae"]
    truth = heldout(database, b, store)["__truth__"].to_numpy()
    errors = [np.abs(truth - heldout(database, v, store)["__value__"].to_numpy()) for v in (b, a)]
    difference = errors[0] - errors[1]
    random = np.random.default_rng(11)
    means = [random.choice(difference, len(difference)).mean() for _ in range(4_000)]
    spread = np.std(means)
    assert row["difference"] == pytest.approx(difference.mean())
    assert row["low"] == pytest.approx(np.quantile(means, 0.025), abs=0.25 * spread)
    assert row["high"] == pytest.approx(np.quantile(means, 0.975), abs=0.25 * spread)


def test_another_engine_is_a_difference(database: Database, store: Store) -> None:
    a = made(database, store, "iris", "logistic_regression")
    b = made(database, store, "iris", "logistic_regression", compiling=False)
    found = compare(database, a, b, store)
    assert found.differences.values.tolist() == [["engine", "engine", "ONNX", "scikit-learn"]]
    assert found.agreement == 1.0


def test_only_what_differs_is_listed(database: Database, store: Store) -> None:
    a = made(database, store, "breast_cancer", "random_forest", parameters={"n_estimators": 10})
    b = made(
        database,
        store,
        "breast_cancer",
        "random_forest",
        parameters={"n_estimators": 11},
        features=("mean radius", "mean texture"),
    )
    found = compare(database, a, b, store).differences
    parameters = found[found["what"] == "parameter"]
    assert parameters[["name", "a", "b"]].values.tolist() == [["n_estimators", "10", "11"]]
    features = found[found["what"] == "feature"]
    assert "mean radius" not in set(features["name"])
    assert set(features["b"]) == {""}
    assert not found["what"].isin(["data", "target", "environment", "algorithm"]).any()


def test_rows_that_the_first_version_was_trained_on_are_left_out(
    database: Database, store: Store
) -> None:
    a = made(database, store, "breast_cancer", "logistic_regression", test_share=0.5)
    b = made(database, store, "breast_cancer", "logistic_regression", test_share=0.4, seed=7)
    found = compare(database, a, b, store)
    unseen = set(heldout(database, a, store)["__row__"])
    shared = unseen & set(heldout(database, b, store)["__row__"])
    assert found.n == len(shared) < len(heldout(database, b, store))
    assert found.warning == ""


def test_warns_when_the_first_version_may_have_seen_the_rows(
    database: Database, store: Store, tmp_path: Path
) -> None:
    frame = datasets.load("builtin:diabetes").frame
    versions = []
    for rows in (frame, frame.iloc[:300]):
        content = rows.to_csv(index=False).encode()
        data = datasets.from_csv(content, "diabetes.csv")
        choices = Choices(
            model="csv", data="x", target=rows.columns[-1], algorithm="linear_regression", folds=2
        )
        new = train(data, choices, by="tester")
        draft = registration.add(database, new, store)
        versions.append(registration.register(database, draft, store))
    found = compare(database, versions[0], versions[1], store)
    assert found.warning == (
        "Version 1 may have been trained on some of these rows (the two were trained on different"
        " data), which flatters it."
    )
    assert "fingerprint" in set(found.differences["name"])


def test_names_the_columns_that_one_version_lacks(database: Database, store: Store) -> None:
    frame = datasets.load("builtin:diabetes").frame
    target = frame.columns[-1]
    versions = []
    for rows in (frame, frame.drop(columns="bmi").iloc[:300]):
        data = datasets.from_csv(rows.to_csv(index=False).encode(), "diabetes.csv")
        choices = Choices(
            model="csv", data="x", target=target, algorithm="linear_regression", folds=2
        )
        new = train(data, choices, by="tester")
        draft = registration.add(database, new, store)
        versions.append(registration.register(database, draft, store))
    with pytest.raises(Unusable) as refusal:
        compare(database, versions[0], versions[1], store)
    assert refusal.value.detail == (
        "Version 1 and version 2 of `csv` cannot be compared: the held-out rows of version 2 lack"
        " `bmi`. Train both on the same data."
    )


def test_at_a_half_the_thresholds_say_what_the_metrics_say(
    database: Database, store: Store
) -> None:
    # Ten trees: some rows get as many votes for as against.
    more: dict[str, Any] = {"parameters": {"n_estimators": 10}, "test_share": 0.5}
    a, b = (
        made(database, store, "breast_cancer", "random_forest", positive=label, **more)
        for label in ("benign", "malignant")
    )
    ties = (heldout(database, b, store)["__score__"] == 0.5).sum()
    assert ties > 0
    for first, second in ((a, b), (b, a)):
        found = compare(database, first, second, store, timing=False)
        half = found.thresholds[found.thresholds["threshold"] == 0.5].set_index("side")
        for metric in ("recall", "precision", "f1"):
            row = found.frame.set_index("metric").loc[metric]
            for side in ("a", "b"):
                assert half.loc[side, metric] == pytest.approx(row[side])


def test_of_labels_the_interval_is_the_one_that_gates_go_by(
    database: Database, store: Store
) -> None:
    a = made(database, store, "breast_cancer", "logistic_regression")
    b = made(database, store, "breast_cancer", "random_forest", parameters={"n_estimators": 10})
    found = compare(database, a, b, store, timing=False)
    assert found.mcnemar is not None
    row = found.frame.set_index("metric").loc["accuracy"]
    low, high = score_ends(found.mcnemar.only_a, found.mcnemar.only_b, found.n)
    assert (row["low"], row["high"]) == pytest.approx((-high, -low))
    rules = gates.parse("[no_worse]\naccuracy = 0.05\nf1 = 0.05\nroc_auc = 0.05")
    judged = gates.evaluate(database, b, store, champion=a, rules=rules)
    figures = {gate.name: gate.figure for gate in judged}
    for name in ("accuracy", "f1", "roc_auc"):
        row = found.frame.set_index("metric").loc[name]
        assert figures[f"no_worse.{name}"] == pytest.approx(-row["low"])
