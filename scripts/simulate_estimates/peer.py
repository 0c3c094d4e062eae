"""The same windows, estimated by NannyML in a Python of its own (`--nannyml`)."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from backend.versions.signature import Signature
from console.performance.estimated import Estimator
from console.performance.realized import figures
from scripts.simulate_estimates.worlds import worlds

SIZE, VERSIONS, WINDOWS = 1_000, 6, 10
SCRIPT = Path(__file__).parent / "peers" / "nannyml_estimates.py"
COMPARED = {"logistic": ("accuracy", "roc_auc"), "linear": ("mae", "rmse")}


def compare(python: Path, seed: int) -> tuple[str, int, int, list[tuple[str, str, float, float]]]:
    """Mean absolute errors of both, by case and metric.

    Returns:
        NannyML's version, the rows of a window, the windows of a case, and rows of case, metric,
        our error and theirs.
    """
    version, rows = "", []
    for name, metrics in COMPARED.items():
        found: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for number in range(VERSIONS):
            version = _version(python, name, metrics, [seed, number], found)
        for (case, metric), errors in found.items():
            ours, theirs = np.abs(np.array(errors)).mean(axis=0)
            rows.append((case, metric, float(ours), float(theirs)))
    return version, SIZE, VERSIONS * WINDOWS, rows


def _version(
    python: Path,
    name: str,
    metrics: tuple[str, ...],
    seed: list[int],
    found: dict[tuple[str, str], list[tuple[float, float]]],
) -> str:
    random = np.random.default_rng(seed)
    world = worlds()[name]
    made = world.make(random)
    signature = Signature.from_json(made.version.signature)
    estimator = Estimator.of(made.version, made.reference, made.heldout)
    windows = [
        (case, made.draw(random, SIZE, case)) for case in world.cases for _ in range(WINDOWS)
    ]
    with tempfile.TemporaryDirectory() as folder:
        learned = pd.concat([made.reference, made.heldout], ignore_index=True)
        learned.to_parquet(f"{folder}/reference.parquet")
        pd.concat([rows for _, rows in windows], ignore_index=True).to_parquet(
            f"{folder}/windows.parquet"
        )
        done = subprocess.run(
            [python, SCRIPT, folder, signature.task, str(SIZE), *signature.names],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    theirs = json.loads(done.stdout.splitlines()[-1])
    for place, (case, rows) in enumerate(windows):
        mine = {one.metric.name: one.value for one in estimator.figures(rows)}
        actual = {one.metric.name: one.value for one in figures(world.task, signature, rows, 1)}
        for metric in metrics:
            truth = actual[metric] or 0.0
            pair = (mine[metric] or 0.0) - truth, theirs[metric][place] - truth
            found.setdefault((case, metric), []).append(pair)
    return str(theirs["version"])
