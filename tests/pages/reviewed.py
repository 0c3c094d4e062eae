"""A model with a log that moved and a frozen review: made once, and copied for each test."""

import functools
import shutil
from pathlib import Path

import pytest

from backend.records import registry
from backend.records.database import Database, connect, migrate
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.reviews import Review
from backend.settings import Settings
from backend.versions.artefacts import Store
from console import windows
from console.reviews.freeze import freeze
from console.training import Choices
from console.training.train import run_training
from tests.pages.seeded import logged, rows_of

MODEL = "breast_cancer"


def reviewed(factory: pytest.TempPathFactory, folder: Path) -> Settings:
    """Settings of a data folder of their own, in which review 1 is frozen."""
    shutil.copytree(_made(factory.getbasetemp()), folder)
    return _settings(folder)


def champion(database: Database) -> Version:
    """The version that was reviewed."""
    return registry.version(database, MODEL, 1)


def frozen(database: Database, settings: Settings) -> Review:
    """Another review of the same seven days, without Evidently's pages."""
    span = windows.span(database, MODEL)
    window: Window = windows.Choice("7d").window(span)
    version, store = champion(database), Store.of(settings)
    return freeze(database, version, window, store, actor="ben", evidently=False)


@functools.cache
def _made(within: Path) -> Path:
    folder = within / "reviewed"
    settings = _settings(folder)
    migrate(settings.database_url)
    database = connect(settings.database_url)
    chosen = Choices(model=MODEL, data=f"builtin:{MODEL}", folds=2)
    version = run_training(database, Store.of(settings), chosen, by="ben")
    frame = rows_of(MODEL, 200)
    frame["worst texture"] += 25
    frame["mean texture"] += 10
    logged(database, settings, version, frame)
    frozen(database, settings)
    database.dispose()
    return folder


def _settings(folder: Path) -> Settings:
    return Settings.from_environment(
        {"WATCHDESK_DATA_DIR": str(folder), "WATCHDESK_USER": "tester"}
    )
