"""The log of `scripts.bench_drift.build`, with truths and two more versions to answer it again."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from backend.records import predictions
from backend.records.database import Database, connect
from backend.records.predictions import Truth, text_of
from backend.records.tables import predictions as log_table
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.training import Choices
from console.training.train import run_training
from scripts.bench_drift.build import MODEL, build

TOLD = 10  # the truth of every tenth row


VERSIONS: tuple[tuple[str, Mapping[str, float]], ...] = (
    ("logistic_regression", {"C": 0.0001}),
    ("random_forest", {"n_estimators": 100, "max_depth": 10}),
)


def prepare(
    folder: Path, rows: int, versions: Sequence[tuple[str, Mapping[str, float]]] = VERSIONS
) -> Settings:
    """Build the log, versions to answer it again, and the truth of every tenth row."""
    settings = build(folder, rows)
    done = folder / "prepared"
    if done.exists():
        return settings
    database, store = connect(settings.database_url), Store.of(settings)
    table = str(folder / "turbine.csv")
    for algorithm, parameters in versions:
        choices = Choices(
            model=MODEL,
            data=table,
            target="fault",
            positive="yes",
            folds=2,
            algorithm=algorithm,
            parameters=parameters,
        )
        run_training(database, store, choices, by="bench")
    _tell(database, rows)
    database.dispose()
    done.touch()
    return settings


def _tell(database: Database, rows: int) -> None:
    """Truths as likely as the score says."""
    random = np.random.default_rng(5)
    c = log_table.c
    for first in range(0, rows, 100_000):
        query = sa.select(c.prediction_id, c.score, c.at).where(
            c.id > first, c.id <= first + 100_000, c.id % TOLD == 0
        )
        with database.read() as connection:
            found = connection.execute(query).all()
        drawn = random.random(len(found))
        told = [
            Truth(text_of(row.prediction_id), "yes" if chance < row.score else "no", None, row.at)
            for row, chance in zip(found, drawn, strict=True)
        ]
        predictions.append_feedback(database, MODEL, told)
