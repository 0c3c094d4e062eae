"""What a version's page draws agrees with its held-out table."""

import io

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from backend.records.drafts import NewVersion
from console.training import Choices
from console.training.datasets import from_csv, load
from console.training.evaluation import as_json, calibration
from console.training.train import train


def _trained(name: str) -> tuple[NewVersion, pd.DataFrame]:
    data = f"builtin:{name}"
    new = train(load(data), Choices(name, data, folds=2), by="tester")
    return new, pd.read_parquet(io.BytesIO(new.files["heldout.parquet"]))


@pytest.fixture(scope="module")
def cancer() -> tuple[NewVersion, pd.DataFrame]:
    return _trained("breast_cancer")


@pytest.fixture(scope="module")
def diabetes() -> tuple[NewVersion, pd.DataFrame]:
    return _trained("diabetes")


def test_the_confusion_matrix_counts_truth_by_label(
    cancer: tuple[NewVersion, pd.DataFrame],
) -> None:
    new, held = cancer
    found = new.evaluation["confusion"]
    for i, truth in enumerate(found["labels"]):
        for j, label in enumerate(found["labels"]):
            both = (held["__truth__"] == truth) & (held["__label__"] == label)
            assert found["matrix"][i][j] == both.sum()
    assert found["labels"] == ["benign", "malignant"]


def test_curves_run_between_their_corners_and_enclose_the_reported_area(
    cancer: tuple[NewVersion, pd.DataFrame],
) -> None:
    new, _ = cancer
    roc, pr = new.evaluation["roc"], new.evaluation["pr"]
    assert (roc["fpr"][0], roc["tpr"][0]) == (0, 0)
    assert (roc["fpr"][-1], roc["tpr"][-1]) == (1, 1)
    assert np.trapezoid(roc["tpr"], roc["fpr"]) == pytest.approx(new.metrics["roc_auc"], abs=1e-9)
    assert (pr["recall"][0], pr["recall"][-1], pr["precision"][-1]) == (1, 0, 1)
    assert {len(v) for v in roc.values()} == {len(roc["fpr"])}
    assert len(roc["fpr"]) <= 100
    assert len(pr["recall"]) <= 100


def test_calibration_bins_hold_every_row_and_their_own_scores() -> None:
    draw = np.random.default_rng(0)
    scores = draw.random(20_000)
    right = draw.random(20_000) < scores  # calibrated by construction
    bins = calibration(right, scores)
    assert sum(b["n"] for b in bins) == 20_000
    assert [b["lower"] for b in bins] == [i / 10 for i in range(10)]
    for found in bins:
        assert found["lower"] <= found["mean_score"] <= found["upper"]
        assert found["observed"] == pytest.approx(found["mean_score"], abs=0.05)
    late = calibration(right[:2], np.array([1.0, 0.0]))
    assert [(b["lower"], b["n"]) for b in late] == [(0.0, 1), (0.9, 1)]


def test_residuals_and_points_are_those_of_the_held_out_rows(
    diabetes: tuple[NewVersion, pd.DataFrame],
) -> None:
    new, held = diabetes
    residuals = new.evaluation["residuals"]
    errors = held["__truth__"] - held["__value__"]
    assert sum(residuals["counts"]) == len(held)
    assert residuals["mean"] == pytest.approx(errors.mean())
    assert residuals["sd"] == pytest.approx(errors.std())
    points = pd.DataFrame(new.evaluation["points"])
    assert len(points) == len(held)
    assert (points["row"].to_numpy() == held["__row__"].to_numpy()).all()
    assert points["value"].to_numpy() == pytest.approx(held["__value__"].to_numpy())


def test_importance_finds_the_feature_that_matters_and_not_the_one_that_does_not() -> None:
    draw = np.random.default_rng(0)
    x, noise = draw.normal(size=400), draw.normal(size=400)
    frame = pd.DataFrame({"noise": noise, "x": x, "target": 10 * x + draw.normal(size=400)})
    data = from_csv(frame.to_csv(index=False).encode(), "t.csv")
    found = train(data, Choices("m", "t.csv", folds=2), by="t").evaluation["importance"]
    assert [f["feature"] for f in found["features"]] == ["x", "noise"]
    # Shuffling x in y = 10 x + e makes the squared error 2 · 10² · var(x) + var(e).
    assert found["features"][0]["mean"] == pytest.approx(np.sqrt(2 * 100 + 1) - 1, rel=0.2)
    assert abs(found["features"][1]["mean"]) < 0.1
    assert (found["metric"], found["rows"], found["repeats"]) == ("rmse", 100, 5)


def test_per_label_figures_agree_with_scikit_learn(
    cancer: tuple[NewVersion, pd.DataFrame],
) -> None:
    new, held = cancer
    for found in new.evaluation["per_label"]:
        truth, called = (held[c] == found["label"] for c in ("__truth__", "__label__"))
        assert found["precision"] == pytest.approx(sk.precision_score(truth, called))
        assert found["recall"] == pytest.approx(sk.recall_score(truth, called))
        assert found["n"] == truth.sum()


def test_numbers_that_json_cannot_hold_become_null() -> None:
    found = as_json({"a": np.array([1.0, np.inf]), "b": (np.nan, np.int64(3)), "c": {"d": True}})
    assert found == {"a": [1.0, None], "b": [None, 3], "c": {"d": True}}
    assert type(found["b"][1]) is int
