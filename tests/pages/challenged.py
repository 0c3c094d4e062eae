"""A champion with a log, and two candidates: made once, and copied for each test."""

import functools
import shutil
from pathlib import Path

import pytest

from backend.records import aliases
from backend.records.database import connect, migrate
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.training import Choices
from console.training.train import run_training
from tests.pages.seeded import logged, rows_of

MODEL = "breast_cancer"
CHAMPION, WORSE, AS_GOOD = 1, 2, 3
BLOCKS = "no_worse.roc_auc"
"""The one gate that `WORSE` fails: too few held-out rows to tell that it is no worse."""


def challenged(factory: pytest.TempPathFactory, folder: Path) -> Settings:
    """Settings of a data folder of their own, with the three versions."""
    shutil.copytree(_made(factory.getbasetemp()), folder)
    return _settings(folder)


@functools.cache
def _made(within: Path) -> Path:
    folder = within / "challenged"
    settings = _settings(folder)
    migrate(settings.database_url)
    database, store = connect(settings.database_url), Store.of(settings)
    made = [
        Choices(model=MODEL, data=f"builtin:{MODEL}", algorithm=algorithm, parameters=how, folds=2)
        for algorithm, how in (
            ("logistic_regression", {}),
            ("random_forest", {"n_estimators": 10}),
            ("logistic_regression", {"C": 0.8}),
        )
    ]
    trained = [run_training(database, store, one, by="ben") for one in made]
    aliases.promote(database, MODEL, CHAMPION, actor="ben", reason="The first.")
    logged(database, settings, trained[0], rows_of(MODEL, 120))
    database.dispose()
    return folder


def _settings(folder: Path) -> Settings:
    return Settings.from_environment(
        {"WATCHDESK_DATA_DIR": str(folder), "WATCHDESK_USER": "tester"}
    )
