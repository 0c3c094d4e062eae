"""The whole journey through HTTP and the commands, and a replay as a job."""

import json
import time
from datetime import datetime
from pathlib import Path

import joblib
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer

from backend.records.database import migrate
from backend.settings import Settings
from tests.conftest import Service
from tests.console.commands.conftest import Processes, Shell

pytestmark = pytest.mark.processes


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The journey is made on both databases."""
    environment = {"WATCHDESK_DATA_DIR": str(tmp_path / "data"), "WATCHDESK_USER": "tester"}
    if request.param == "postgresql":
        environment["WATCHDESK_DATABASE_URL"] = request.getfixturevalue("postgres_url")
        monkeypatch.setenv("WATCHDESK_DATABASE_URL", environment["WATCHDESK_DATABASE_URL"])
    found = Settings.from_environment(environment)
    migrate(found.database_url)
    return found


def test_train_promote_predict_explain_drift_export_and_roll_back(
    settings: Settings, service: Service, shell: Shell, tmp_path: Path
) -> None:
    console = Processes(settings.data_dir, service.port)
    service.start()

    # train: two versions
    first = console("train", "--model", "cancer", "--data", "builtin:breast_cancer", "--json")
    assert first.code == 0, first.err
    trained = first.document
    assert (trained["model"], trained["version"], trained["task"]) == ("cancer", 1, "binary")
    assert trained["algorithm"] == "logistic_regression"
    assert trained["metrics"]["accuracy"] > 0.9
    assert trained["metrics"]["cv"]["accuracy"]["sd"] > 0
    second = shell(
        *("train", "--model", "cancer", "--data", "builtin:breast_cancer", "--note", "a forest"),
        *("--algorithm", "random_forest", "--parameter", "n_estimators=20", "--json"),
    ).document
    assert (second["version"], second["parameters"]["n_estimators"]) == (2, 20)
    row = load_breast_cancer(as_frame=True).data
    body = {"model": "cancer", "features": row.iloc[0].to_dict()}
    assert service.post("/predict", body).status_code == 409

    # promote: in effect within a second, without a restart
    for number in (1, 2):
        reason = f"version {number} is good"
        moved = console("promote", "cancer", number, "--reason", reason, "--json").document
        assert (moved["version"], moved["actor"], moved["reason"]) == (number, "tester", reason)
        promoted = time.monotonic()
        while (answer := service.post("/predict", body)).status_code != 200 or (
            answer.json()["version"] != number
        ):
            assert time.monotonic() - promoted < 1.0
            time.sleep(0.05)
    found = answer.json()
    assert set(found) == {
        *("prediction_id", "model", "version", "label", "score", "probabilities"),
    }
    assert found["label"] == "malignant"
    listed = shell("models", "--json").document
    assert [(m["model"], m["champion"]) for m in listed] == [("cancer", 2)]
    assert [(v["version"], v["aliases"]) for v in listed[0]["versions"]] == [
        (2, ["champion"]),
        (1, []),
    ]
    assert datetime.fromisoformat(listed[0]["versions"][0]["created_at"]).utcoffset() is not None

    # predictions, with the truth that came back
    moved_rows = (row.iloc[:200] * 3.0).to_dict("records")
    batch = service.post("/predict/batch", {"model": "cancer", "instances": moved_rows})
    assert len(batch.json()["predictions"]) == 200
    truth = {"prediction_id": found["prediction_id"], "ground_truth": "malignant"}
    assert service.post("/feedback", truth).status_code == 200
    wrong = {"model": "cancer", "features": body["features"] | {"mean radius": "wide"}}
    assert service.post("/predict", wrong).status_code == 422
    newest = shell("predictions", "--model", "cancer", "--limit", 1000, "--json").document
    assert newest[0]["outcome"] == "refused"
    assert "mean radius" in newest[0]["error"]
    logged = {prediction["prediction_id"]: prediction for prediction in newest}
    mine = logged[found["prediction_id"]]
    assert (mine["label"], mine["score"]) == ("malignant", found["score"])
    assert (mine["ground_truth"], mine["source"]) == ("malignant", "live")
    assert mine["features"] == body["features"]
    assert [p["at"] for p in newest] == sorted((p["at"] for p in newest), reverse=True)

    # drift of the log: the requests were three times too large
    (window,) = shell("drift", "cancer", "--json").document["windows"]
    assert window["n_drifted"] > 20
    assert window["n_current"] > 200
    assert {"feature", "kind", "status", "statistic", "p_value"} <= set(window["features"][0])

    # export: what another program loads answers the same
    folder = tmp_path / "exported"
    assert shell("export", "cancer", 2, "--to", folder, "--json").code == 0
    signature = json.loads((folder / "signature.json").read_text())
    names = [feature["name"] for feature in signature["features"]]
    estimator = joblib.load(folder / "model.joblib")
    scores = estimator.predict_proba(row[names].iloc[:1].to_numpy())[0]
    assert scores[signature["labels"].index("malignant")] == pytest.approx(found["score"])
    assert len(pd.read_parquet(folder / "reference.parquet")) == 426

    # roll back
    back = shell("rollback", "cancer", "--reason", "the forest was slower", "--json").document
    assert (back["from_version"], back["version"], back["kind"]) == (2, 1, "rollback")
    rolled = time.monotonic()
    while service.post("/predict", body).json()["version"] != 1:
        assert time.monotonic() - rolled < 1.0
        time.sleep(0.05)


def test_a_replay_runs_as_a_job_of_the_worker(processes: Processes, tmp_path: Path) -> None:
    from backend.records.database import connect
    from console import jobs

    processes("train", "--model", "iris", "--data", "builtin:iris")
    frame = pd.read_csv(_iris(tmp_path)).assign(time="2024-03-01T12:00", kind="setosa")
    frame.to_csv(tmp_path / "rows.csv", index=False)
    database = connect(f"sqlite:///{processes.folder / 'watchdesk.db'}")
    params = {"model": "iris", "data": str(tmp_path / "rows.csv"), "time": "time", "truth": "kind"}
    jobs.submit(database, "replay", params, by="tester")
    database.dispose()
    assert processes("work", "--once", "--json").document == {"state": "stopped"}
    (job,) = processes("jobs", "--json").document
    assert (job["state"], job["kind"], job["submitted_by"]) == ("done", "replay", "tester")
    assert (job["result"]["answered"], job["result"]["truths"]) == (150, 150)
    assert job["result"]["from"] == "2024-03-01T12:00:00Z"


def _iris(folder: Path) -> Path:
    from sklearn.datasets import load_iris

    path = folder / "iris.csv"
    load_iris(as_frame=True).data.to_csv(path, index=False)
    return path
