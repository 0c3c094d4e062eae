"""A running service with a model of each kind, and its log, for the tests of the protocols."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from backend.records import aliases, log
from backend.records.database import Database, connect, migrate
from backend.records.predictions import Window
from backend.settings import Settings
from backend.versions import registration
from backend.versions.artefacts import Store
from console.training.choices import Choices
from console.training.datasets import from_csv
from console.training.train import train
from tests.conftest import Problem, Service, new_version
from tests.console.training.tables import csv_of, mixed

EVER = Window(0, 1 << 60)


def serve(folder: Path, problems: dict[str, Problem], **extra: str) -> Service:
    """Start a service on `folder` with these models.

    `breast_cancer`, `iris` and `diabetes` (numbers only), `mixed` (every kind of feature, missing
    values, whole numbers as labels), all with version 1 as champion; version 2 of `iris`, which is
    none and answers otherwise; `waiting`, which has no champion.
    """
    settings = Settings.from_environment({"WATCHDESK_DATA_DIR": str(folder)})
    migrate(settings.database_url)
    database, store = connect(settings.database_url), Store.of(settings)
    choices = Choices("mixed", "t.csv", target="grade", features=MIXED, folds=2)
    made = [new_version(problem) for problem in problems.values()]
    for new in [*made, train(from_csv(csv_of(mixed()), "t.csv"), choices, by="tester")]:
        registration.register(database, registration.add(database, new, store), store)
        aliases.promote(database, new.model, 1, actor="tester", reason="test")
    for new in (new_version(doubtful(problems["iris"])), replace(made[1], model="waiting")):
        registration.register(database, registration.add(database, new, store), store)
    database.dispose()
    return Service(settings, extra=extra).start()


MIXED = ("size", "count", "colour", "member")


def doubtful(made: Problem) -> Problem:
    """The same problem with an estimator that is hardly sure of anything."""
    estimator = make_pipeline(StandardScaler(), LogisticRegression(C=1e-4))
    return replace(made, estimator=estimator.fit(made.frame.to_numpy(), made.truth))


def logged(database: Database, model: str) -> list[dict[str, Any]]:
    """A model's newest 50 rows, newest first."""
    page = log.page(database, log.Filter(model, EVER), limit=50)
    return [dict(row) for _, row in page.iterrows()]
