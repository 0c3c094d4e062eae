"""The models that all serve: trained and promoted as a person would, then exported for peers."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
from sklearn.datasets import load_breast_cancer

from backend.settings import ROOT

DATA = "builtin:breast_cancer"
ALGORITHMS = {"forest": "random_forest", "logistic": "logistic_regression"}
TITLES = {
    "forest": "Random forest, 100 trees",
    "logistic": "Logistic regression with a scaler",
}
BATCH_ROWS = 1_000


@dataclass(frozen=True)
class Trained:
    """A model: its artefact, and the labels that everybody should answer.

    Attributes:
        name: of the model, a key of `ALGORITHMS`.
        artefact: the estimator as joblib, for the peers.
        engine: what our service answers with.
        labels: of the benchmark's rows.
    """

    name: str
    artefact: Path
    engine: str
    labels: list[str]


def rows() -> tuple[list[str], list[list[float]]]:
    """The features' names, and `BATCH_ROWS` rows of them: the data set over and over."""
    bunch = load_breast_cancer()
    matrix = bunch.data.tolist()
    return list(map(str, bunch.feature_names)), [matrix[i % len(matrix)] for i in range(BATCH_ROWS)]


def train(name: str, data: Path, exported: Path) -> Trained:
    """Train a model into the database in `data`, promote it, and export its artefact."""
    said = _console(
        data, "train", "--model", name, "--data", DATA, "--algorithm", ALGORITHMS[name], "--json"
    )
    number = str(said["version"])
    _console(data, "promote", name, number, "--reason", "To be measured.", "--json")
    _console(data, "export", name, number, "--to", str(exported), "--json")
    versions = {m["model"]: m["versions"] for m in _console(data, "models", "--json")}
    artefact = exported / "model.joblib"
    return Trained(
        name=name,
        artefact=artefact,
        engine=str(versions[name][0].get("engine", "sklearn")),
        labels=[str(label) for label in joblib.load(artefact).predict(rows()[1])],
    )


def environment(data: Path) -> dict[str, str]:
    """The variables of our own programs on the data directory `data`, and no other settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("WATCHDESK_")}
    return kept | {"WATCHDESK_DATA_DIR": str(data), "WATCHDESK_DEMO": "no"}


def _console(data: Path, *arguments: str) -> Any:
    command = [sys.executable, "-m", "console", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(data), stdout=subprocess.PIPE, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"`python -m console {' '.join(arguments)}` failed; see above.")
    return json.loads(done.stdout)
