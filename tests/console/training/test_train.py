"""Training: the figures are scikit-learn's own, the kept tables are honest, refusals are whole."""

import io
import json
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from backend.records import registry
from backend.records.database import Database
from backend.records.drafts import NewVersion
from backend.settings import ROOT
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.training import Choices
from console.training.datasets import load
from console.training.environment import code_digest
from console.training.train import run_training, train


def table(new: NewVersion, name: str) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(new.files[f"{name}.parquet"]))


def builtin(name: str, **chosen: Any) -> NewVersion:
    data = f"builtin:{name}"
    return train(load(data), Choices(name, data, **chosen), by="tester")


@pytest.fixture(scope="module")
def cancer() -> NewVersion:
    return builtin("breast_cancer")


@pytest.fixture(scope="module")
def iris() -> NewVersion:
    return builtin("iris")


@pytest.fixture(scope="module")
def bikes() -> NewVersion:
    return builtin("bikeshare", algorithm="gradient_boosting", parameters={"max_iter": 20})


def test_binary_metrics_agree_with_scikit_learn_on_the_held_out_table(cancer: NewVersion) -> None:
    held = table(cancer, "heldout")
    truth, score = held["__truth__"] == "malignant", held["__score__"]
    called = held["__label__"] == "malignant"
    expected = {
        "accuracy": (held["__truth__"] == held["__label__"]).mean(),
        "roc_auc": sk.roc_auc_score(truth, score),
        "average_precision": sk.average_precision_score(truth, score),
        "f1": 2 * (truth & called).sum() / (truth.sum() + called.sum()),
        "log_loss": -np.where(truth, np.log(score), np.log(1 - score)).mean(),
        "brier": ((score - truth) ** 2).mean(),
    }
    found = {name: value for name, value in cancer.metrics.items() if name != "cv"}
    assert found == pytest.approx(expected, abs=1e-12)
    assert (called == (score > 0.5)).all()


def test_multiclass_metrics_agree_with_scikit_learn_on_the_held_out_table(
    iris: NewVersion,
) -> None:
    held = table(iris, "heldout")
    signature = Signature.from_json(iris.signature)
    estimator = joblib.load(io.BytesIO(iris.files["model.joblib"]))
    shares = estimator.predict_proba(held[signature.names].to_numpy())
    expected = {
        "accuracy": sk.accuracy_score(held["__truth__"], held["__label__"]),
        "macro_f1": sk.f1_score(held["__truth__"], held["__label__"], average="macro"),
        "log_loss": sk.log_loss(held["__truth__"], shares),
        "roc_auc_ovr": sk.roc_auc_score(held["__truth__"], shares, multi_class="ovr"),
    }
    found = {name: value for name, value in iris.metrics.items() if name != "cv"}
    assert found == pytest.approx(expected, abs=1e-12)
    assert held["__score__"].to_numpy() == pytest.approx(shares.max(axis=1))
    assert signature.labels == ("setosa", "versicolor", "virginica")
    assert signature.positive is None


def test_regression_metrics_agree_with_their_formulas_on_the_held_out_table(
    bikes: NewVersion,
) -> None:
    held = table(bikes, "heldout")
    errors = held["__truth__"] - held["__value__"]
    spread = ((held["__truth__"] - held["__truth__"].mean()) ** 2).sum()
    expected = {
        "mae": errors.abs().mean(),
        "rmse": (errors**2).mean() ** 0.5,
        "r2": 1 - (errors**2).sum() / spread,
    }
    found = {name: value for name, value in bikes.metrics.items() if name != "cv"}
    assert found == pytest.approx(expected)


def test_reference_scores_are_those_of_estimators_that_had_not_seen_the_row(
    cancer: NewVersion,
) -> None:
    reference, held = table(cancer, "reference"), table(cancer, "heldout")
    names = Signature.from_json(cancer.signature).names
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000))
    expected = cross_val_predict(
        pipeline,
        reference[names].to_numpy(),
        reference["__truth__"].to_numpy(),
        cv=StratifiedKFold(5, shuffle=True, random_state=0),
        method="predict_proba",
    )
    assert reference["__score__"].to_numpy() == pytest.approx(expected[:, 1], abs=1e-6)
    assert len(reference) + len(held) == 569
    assert list(reference.columns) == [*names, "__truth__", "__label__", "__score__"]
    assert list(held.columns) == [*names, "__truth__", "__label__", "__score__", "__row__"]


def test_cross_validation_gives_mean_and_spread_of_each_metric(cancer: NewVersion) -> None:
    reference = table(cancer, "reference")
    cut = StratifiedKFold(5, shuffle=True, random_state=0).split(reference, reference["__truth__"])
    right = (reference["__truth__"] == reference["__label__"]).to_numpy()
    folds = [right[tested].mean() for _, tested in cut]
    spread = cancer.metrics["cv"]["accuracy"]
    assert spread == pytest.approx({"mean": np.mean(folds), "sd": np.std(folds, ddof=1)})
    assert set(cancer.metrics["cv"]) == set(cancer.metrics) - {"cv"}


def test_held_out_rows_are_named_by_their_place_in_the_data(cancer: NewVersion) -> None:
    held = table(cancer, "heldout")
    rows = load("builtin:breast_cancer").frame.iloc[held["__row__"]]
    assert (rows["mean radius"].to_numpy() == held["mean radius"].to_numpy()).all()
    assert (rows["target"].to_numpy() == held["__truth__"].to_numpy()).all()
    # Each label in its share, to a row.
    assert (held["__truth__"] == "malignant").sum() == pytest.approx(len(held) * 212 / 569, abs=1)


def test_two_algorithms_are_judged_on_the_same_rows(cancer: NewVersion) -> None:
    other = builtin(
        "breast_cancer", algorithm="random_forest", parameters={"n_estimators": 10}, folds=2
    )
    assert (table(other, "heldout")["__row__"] == table(cancer, "heldout")["__row__"]).all()
    assert other.data["fingerprint"] == cancer.data["fingerprint"]


def test_the_latest_hours_are_held_out_where_rows_have_times(bikes: NewVersion) -> None:
    held = table(bikes, "heldout")
    assert bikes.data["split"]["method"] == "latest"
    assert held["__row__"].tolist() == list(range(8_645 - len(held), 8_645))
    assert len(held) == pytest.approx(0.25 * 8_645, abs=1)


def test_no_feature_of_bikeshare_gives_the_answer_away(bikes: NewVersion) -> None:
    signature = Signature.from_json(bikes.signature)
    leaks = {"casual", "registered", "mnth", "season", "day", "time", "bikers"}
    assert not leaks & set(signature.names)
    assert signature.feature("hr").kind == "integer"
    assert signature.feature("weathersit").kind == "category"
    assert signature.feature("temp").title == "Temperature (share of 41 °C)"
    assert not leaks & set(table(bikes, "reference").columns)


def test_training_can_stop_at_a_time() -> None:
    new = builtin("bikeshare", until="2011-04-01", folds=2)
    assert new.data["rows"] == 2_067
    assert table(new, "heldout")["__row__"].max() == 2_066
    signature = Signature.from_json(new.signature)
    assert signature.feature("temp").maximum == pytest.approx(table(new, "reference")["temp"].max())


def test_the_same_choices_make_the_same_version() -> None:
    chosen: dict[str, Any] = {"algorithm": "random_forest", "parameters": {"n_estimators": 10}}
    first, again = builtin("iris", folds=2, **chosen), builtin("iris", folds=2, **chosen)
    assert first.files == again.files
    assert (first.metrics, first.evaluation) == (again.metrics, again.evaluation)
    assert first.files != builtin("iris", folds=2, seed=1, **chosen).files


@pytest.mark.parametrize("made", ["cancer", "iris", "bikes"])
def test_everything_but_the_files_is_json_without_infinities(
    made: str, request: pytest.FixtureRequest
) -> None:
    new: NewVersion = request.getfixturevalue(made)
    parts = [new.parameters, new.metrics, new.evaluation, new.signature, new.data, new.environment]
    parts.append(new.compilation or {})
    text = json.dumps(parts, allow_nan=False)
    assert json.loads(text) == json.loads(json.dumps(parts))
    assert len(text) < 200_000


def test_says_with_what_it_was_trained(cancer: NewVersion) -> None:
    assert set(cancer.environment) == {
        "python",
        "scikit-learn",
        "numpy",
        "pandas",
        "joblib",
        "code",
    }
    assert cancer.environment["joblib"] == joblib.__version__
    assert cancer.environment["code"] == code_digest()
    assert len(list((ROOT / "console").rglob("*.py"))) > 1
    assert cancer.trained_seconds > 0


def test_reports_progress_from_nothing_upwards() -> None:
    told: list[tuple[float, str]] = []
    choices = Choices("m", "builtin:iris", folds=3)
    train(load("builtin:iris"), choices, by="t", report=lambda *said: told.append(said))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] < 1.0
    assert [message for _, message in told if "Fold" in message] == [
        "Fold 1 of 3.",
        "Fold 2 of 3.",
        "Fold 3 of 3.",
    ]


def test_a_report_that_raises_stops_the_training() -> None:
    def stop(share: float, message: str) -> None:
        if share > 0.1:
            raise KeyboardInterrupt(message)

    with pytest.raises(KeyboardInterrupt, match=r"Fold 2 of 5\."):
        train(load("builtin:iris"), Choices("m", "builtin:iris"), by="t", report=stop)


def test_run_training_registers_what_it_trained(database: Database, store: Store) -> None:
    choices = Choices("iris", "builtin:iris", folds=2, note="a first one")
    version = run_training(database, store, choices, by="ada")
    assert (version.number, version.created_by, version.note) == (1, "ada", "a first one")
    assert registry.versions_of(database, "iris") == [version]
    assert run_training(database, store, choices, by="ada").number == 2
